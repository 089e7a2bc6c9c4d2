// The calls of a `Client` that need a local connection to themselves: migrations, scripts, interactive transactions;
// and the client of a lease, whose connection stays the same throughout. Long, because both follow the same rules of one hold.
import type { InArgs, InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import { doubts, Ground, leaveDoubt, noteRead, noteRows } from '../../changes/loads.js';
import { type DetachedClient, type StatementResult, tell } from '../../connection-source.js';
import {
  type ClientStatement,
  checkScript,
  keptParts,
  listOf,
  parts,
  RoutedClient,
  runEach,
} from '../../drizzle/client.js';
import { toResultSet } from '../../drizzle/result-rows.js';
import { DatabaseError } from '../../errors.js';
import type { BoundArgs } from '../../statements/binding.js';
import { refuseWriteIn } from '../../statements/refused-statements.js';
import { leftOpen } from '../../statements/script.js';
import { statementKind } from '../../statements/statement-kind.js';
import { readStatement, refuseWrongValues, statementsOf } from '../../statements/statement-text.js';
import type { LeasedClient } from '../../types.js';
import type { Awaitable } from '../../waiting/awaitable.js';
import { FifoLock, type WaitOptions } from '../../waiting/fifo-lock.js';
import { endInTurn, giveTurn, inTurnOfLoop } from '../../waiting/turns.js';
import type { Connection } from './connection.js';
import type { LocalHold } from './local-hold.js';
import { runScript } from './local-script.js';

/** Holds a connection for a call that writes, or only reads. */
export type Hold = (operation: string, mode: 'read' | 'write') => Promise<LocalHold>;

/** The detached calls, each on a connection to `database` from `hold`. */
export function detachedOn(hold: Hold, database: unknown): DetachedClient {
  return {
    // Foreign keys are off: https://sqlite.org/lang_altertable.html. Other pragmas stay, and journal_mode alone is dear to set again.
    migrate: async (statements, onStatement) => {
      const held = await hold('migrate', 'write');
      try {
        held.connection.exec('PRAGMA foreign_keys = 0');
        await held.begin('write');
        const results = await runEach(statements, async (statement, index) => {
          await giveTurn();
          const result = runOn(held.connection, statement);
          tell(onStatement, index + 1);
          return result;
        });
        await held.commit();
        return results;
      } finally {
        undone(held, ({ connection }) => connection.applyPragmas(connection.disturbed ? undefined : 'foreign_keys'));
      }
    },
    executeMultiple: async (sql) => {
      const held = await hold('executeMultiple', 'write');
      const inside = held.connection.inTransaction;
      try {
        await runScript(sql, held);
        // Rolled back below: to resolve would be to report rows that are not there.
        if (!inside && held.connection.inTransaction) throw leftOpen();
      } finally {
        if (inside) held.release();
        else undone(held);
      }
    },
    transaction: async (mode: TransactionMode = 'write') => {
      const held = await hold('transaction', mode === 'read' ? 'read' : 'write');
      try {
        await held.begin(mode);
      } catch (error) {
        held.release();
        throw error;
      }
      return new LocalTransaction(held, mode, new Ground(database));
    },
  };
}

/** Rolls back what is open and gives the connection back, unless that has been done already. */
function undone(held: LocalHold, settle: (held: LocalHold) => void = () => undefined): void {
  try {
    if (held.lost) return;
    held.connection.rollbackIfOpen();
    settle(held);
  } finally {
    held.release();
  }
}

/** The client of a lease: everything runs on the held connection until `release`, one call after another. */
export function leaseClient(
  held: LocalHold,
  mode: 'read' | 'write',
  {
    timeoutMs,
    database,
    owner,
  }: Pick<WaitOptions, 'timeoutMs'> & { readonly database: unknown; readonly owner: object },
): { readonly client: LeasedClient; readonly release: () => void } {
  let released: DatabaseError | undefined;
  /** Held by one call, or by an interactive transaction until it ends: what is sent beside it must not become part of it. */
  const turn = new FifoLock(
    1,
    'A held connection runs one call at a time: await the calls before, and end the transaction that it has begun, or run this in it',
  );
  const open = (): Connection => {
    if (released) throw released;
    return held.connection;
  };
  const hold = async (operation: string): Promise<LocalHold> => {
    if (released) throw released;
    const release = await turn.acquire({ timeoutMs, signal: undefined, operation });
    await giveTurn();
    return {
      get connection() {
        return open();
      },
      get lost() {
        return released !== undefined;
      },
      begin: async (asked) => {
        open();
        await held.begin(mode === 'read' ? 'read' : asked);
      },
      commit: () => (released ? Promise.reject(released) : held.commit()),
      read: (run) => held.read(() => run(open())),
      patient: (run) => held.patient(() => run(open())),
      release,
    };
  };
  const inTurn = async <T>(operation: string, work: (own: LocalHold) => Promise<T>): Promise<T> => {
    const own = await hold(operation);
    try {
      return await work(own);
    } finally {
      own.release();
    }
  };
  const inTransaction = async <T>(asked: TransactionMode, own: LocalHold, work: () => Promise<T>): Promise<T> => {
    await own.begin(asked);
    try {
      const result = await work();
      open();
      await held.commit();
      return result;
    } finally {
      if (!released) held.connection.rollbackIfOpen();
    }
  };
  const release = (): void => {
    if (released) return;
    released = new DatabaseError('The connection was given back', {
      type: 'closed',
      code: 'LEASE_RELEASED',
      operation: 'lease',
    });
    turn.rejectAll(released);
    held.connection.rollbackIfOpen();
    held.release();
  };
  /** Notes for the loads of caches what has read on this connection. */
  const note = ({ columns }: Pick<StatementResult, 'columns'>): void => {
    if (columns.length === 0) return;
    const { inTransaction, disturbed } = held.connection;
    if (inTransaction || disturbed) leaveDoubt(inTransaction ? doubts.transaction : doubts.attached);
    else noteRead(database);
  };
  const execute = (sql: string, args: BoundArgs): Promise<StatementResult> =>
    inTurn(sql, async (own) => {
      const kind = statementKind(sql);
      if (kind === 'control') return control(own, sql);
      // A write on its own still goes through BEGIN IMMEDIATE, whose BUSY leaves the connection sound.
      const alone = kind === 'write' && !own.connection.inTransaction;
      if (kind === 'read' && !own.connection.inTransaction) return own.read((connection) => connection.run(sql, args));
      if (!alone) return own.patient((connection) => connection.run(sql, args));
      return inTransaction('write', own, async () => own.connection.run(sql, args));
    });
  const client = new RoutedClient({
    owner,
    execute: async (sql, args) => {
      const result = await execute(sql, args);
      note(result);
      return result;
    },
    atomically: async (asked, run) => {
      const results = await inTurn('batch', (own) =>
        inTransaction(asked, own, () =>
          run(async (sql, args) => {
            await giveTurn();
            return own.connection.run(sql, args);
          }),
        ),
      );
      for (const result of results) note(result);
      return results;
    },
    detached: detachedOn(hold, database),
    get closed() {
      return released !== undefined;
    },
    close: release,
  });
  return { client, release };
}

/** BEGIN and COMMIT by text, whose BUSY leaves the connection sound only when they are not prepared. */
async function control(own: LocalHold, sql: string): Promise<StatementResult> {
  refuseWrongValues(sql, readStatement(sql), []);
  await own.patient((connection) => connection.exec(sql));
  return { columns: [], columnTypes: [], rows: [], rowsAffected: 0, lastInsertRowid: null };
}

/** An interactive transaction outside the ambient context: its owner ends it. */
class LocalTransaction implements Transaction {
  readonly #held: LocalHold;
  readonly #mode: TransactionMode;
  readonly #ground: Ground;
  #closed = false;

  constructor(held: LocalHold, mode: TransactionMode, ground: Ground) {
    this.#held = held;
    this.#mode = mode;
    this.#ground = ground;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    const made = keptParts(statement, args);
    return inTurnOfLoop(() => this.#run('execute', made));
  }

  batch(statements: ClientStatement[]): Promise<ResultSet[]> {
    return endInTurn(() => {
      const kept = listOf(statements, 'batch').map((statement) => keptParts(statement));
      return runEach(kept, async (made) => {
        await giveTurn();
        return this.#run('batch', made);
      });
    });
  }

  executeMultiple(sql: string): Promise<void> {
    return endInTurn(() => this.#script(sql));
  }

  async #script(sql: string): Promise<void> {
    checkScript(sql);
    this.#open(sql);
    for (const statement of statementsOf(sql)) refuseWriteIn(this.#mode, statement);
    const held = this.#held;
    const open = (): Connection => (this.#closed ? this.#open(sql) : held.connection);
    const lost = (): boolean => this.#closed;
    await runScript(sql, {
      get connection() {
        return open();
      },
      get lost() {
        return lost();
      },
      begin: (mode) => held.begin(mode),
      commit: () => held.commit(),
      patient: (run) => held.patient(() => run(open())),
    });
  }

  async commit(): Promise<void> {
    // Behind what was sent before.
    await giveTurn();
    this.#open('COMMIT');
    await this.#held.commit();
    this.close();
  }

  rollback(): Promise<void> {
    return endInTurn(async () => this.close());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    undone(this.#held);
  }

  #run(operation: string, made: ReturnType<typeof keptParts>): Awaitable<ResultSet> {
    const connection = this.#open(operation);
    const { sql, bound } = made();
    refuseWriteIn(this.#mode, sql);
    const knows = this.#ground.ran(sql);
    const result = connection.run(sql, bound);
    if (connection.disturbed) leaveDoubt(doubts.attached);
    else if (!knows) noteRows(result);
    return toResultSet(result);
  }

  /** @throws DatabaseError also when the engine ended the transaction: the next statement would autocommit */
  #open(operation: string): Connection {
    if (!this.#closed && this.#held.connection.inTransaction) return this.#held.connection;
    throw new DatabaseError('The transaction has ended', { type: 'aborted', code: 'TRANSACTION_CLOSED', operation });
  }
}

function runOn(connection: Connection, statement: ClientStatement, args?: InArgs): Awaitable<ResultSet> {
  const { sql, bound } = parts(statement, args);
  return toResultSet(connection.run(sql, bound));
}
