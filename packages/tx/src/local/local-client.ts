// The calls of a `Client` that need a local connection to themselves: migrations, scripts, interactive transactions;
// and the client of a lease, whose connection stays the same throughout.
import type { InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import { parts, RoutedClient, toResultSet } from '../client.js';
import { type Awaitable, type DetachedClient, type Held, tell } from '../connection-source.js';
import { DatabaseError } from '../errors.js';
import { statementKind } from '../statement-kind.js';
import type { LeasedClient } from '../types.js';
import type { Connection } from './connection.js';

/** A local connection that is held, and how to begin on it. */
export interface LocalHold extends Held<Connection> {
  /** Begins a transaction; `write` and `deferred` take the write lock of the file. */
  begin(mode: TransactionMode): Promise<void>;
  commit(): Awaitable<void>;
  /** Runs a read outside any transaction. */
  read<T>(run: (connection: Connection) => T): Awaitable<T>;
}

/** The detached calls, each on a connection from `hold`. */
export function detachedOn(hold: (operation: string) => Promise<LocalHold>): DetachedClient {
  return {
    /** One transaction with foreign keys off, as table rebuilds need it: https://sqlite.org/lang_altertable.html */
    migrate: async (statements, onStatement) => {
      const held = await hold('migrate');
      const { connection } = held;
      try {
        connection.exec('PRAGMA foreign_keys = 0');
        await held.begin('write');
        const results = statements.map((statement, index) => {
          const result = runOn(connection, statement);
          tell(onStatement, index + 1);
          return result;
        });
        await held.commit();
        return results;
      } finally {
        connection.rollbackIfOpen();
        connection.applyPragmas();
        held.release();
      }
    },
    executeMultiple: async (sql) => {
      const { connection, release } = await hold('executeMultiple');
      const inside = connection.inTransaction;
      try {
        connection.exec(sql);
        // Rolled back below: to resolve would be to report rows that are not there.
        if (!inside && connection.inTransaction)
          throw new TypeError('The script begins a transaction and does not end it');
      } finally {
        if (!inside) connection.rollbackIfOpen();
        release();
      }
    },
    transaction: async (mode: TransactionMode = 'write') => {
      const held = await hold('transaction');
      try {
        await held.begin(mode);
      } catch (error) {
        held.release();
        throw error;
      }
      return new LocalTransaction(held);
    },
  };
}

/** The client of a lease: everything runs on the held connection until `release`. */
export function leaseClient(
  held: LocalHold,
  mode: 'read' | 'write',
): { readonly client: LeasedClient; readonly release: () => void } {
  const { connection } = held;
  let released = false;
  const open = (operation: string): Connection => {
    if (!released) return connection;
    throw new DatabaseError('The connection was given back', { type: 'closed', code: 'LEASE_RELEASED', operation });
  };
  const begin = async (asked: TransactionMode): Promise<void> => {
    open('BEGIN');
    await held.begin(mode === 'read' ? 'read' : asked);
  };
  const inTransaction = async <T>(asked: TransactionMode, work: () => Promise<T>): Promise<T> => {
    await begin(asked);
    try {
      const result = await work();
      open('COMMIT');
      await held.commit();
      return result;
    } finally {
      connection.rollbackIfOpen();
    }
  };
  const release = (): void => {
    if (released) return;
    released = true;
    connection.rollbackIfOpen();
    held.release();
  };
  const client = new RoutedClient({
    execute: async (sql, args) => {
      // A write on its own still goes through BEGIN IMMEDIATE, whose BUSY leaves the connection sound.
      const kind = open(sql).inTransaction ? 'inside' : statementKind(sql);
      if (kind === 'write') return inTransaction('write', async () => connection.run(sql, args));
      return kind === 'read' ? held.read(() => open(sql).run(sql, args)) : connection.run(sql, args);
    },
    atomically: (asked, run) => inTransaction(asked, () => run(async (sql, args) => open(sql).run(sql, args))),
    detached: detachedOn(async (operation) => ({
      ...held,
      connection: open(operation),
      begin,
      release: () => undefined,
    })),
    get closed() {
      return released;
    },
    close: release,
  });
  return { client, release };
}

/** An interactive transaction outside the ambient context: its owner ends it. */
class LocalTransaction implements Transaction {
  readonly #held: LocalHold;
  #closed = false;

  constructor(held: LocalHold) {
    this.#held = held;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async execute(statement: InStatement): Promise<ResultSet> {
    return runOn(this.#open('execute'), statement);
  }

  async batch(statements: InStatement[]): Promise<ResultSet[]> {
    return statements.map((statement) => runOn(this.#open('batch'), statement));
  }

  async executeMultiple(sql: string): Promise<void> {
    this.#open(sql).exec(sql);
  }

  async commit(): Promise<void> {
    this.#open('COMMIT');
    await this.#held.commit();
    this.close();
  }

  async rollback(): Promise<void> {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#held.connection.rollbackIfOpen();
    this.#held.release();
  }

  /** @throws DatabaseError also when the engine ended the transaction: the next statement would autocommit */
  #open(operation: string): Connection {
    if (!this.#closed && this.#held.connection.inTransaction) return this.#held.connection;
    throw new DatabaseError('The transaction has ended', { type: 'aborted', code: 'TRANSACTION_CLOSED', operation });
  }
}

function runOn(connection: Connection, statement: InStatement): ResultSet {
  const { sql, bound } = parts(statement);
  return toResultSet(connection.run(sql, bound));
}
