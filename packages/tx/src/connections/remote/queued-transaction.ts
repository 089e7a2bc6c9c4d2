// client.transaction() on a server: the transaction of @libsql/client, in its place in the queue until it ends.
import type { InArgs, InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import { Ground, noteRows } from '../../changes/loads.js';
import { checkScript, keptParts, listOf } from '../../drizzle/client.js';
import { toResultSet, toResultSets } from '../../drizzle/result-rows.js';
import { doubtOf } from '../../errors/doubt.js';
import { type DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import type { BoundArgs } from '../../statements/binding.js';
import { refuseWriteIn } from '../../statements/refused-statements.js';
import { cutsTransaction } from '../../statements/script.js';
import { statementsOf } from '../../statements/statement-text.js';
import { answered } from '../../waiting/bounded.js';
import { endInTurn } from '../../waiting/turns.js';
import { withKeyKind } from './key-kind.js';
import { argsOf, asDatabaseError, heardOf, isStillOpen, resultOf, script } from './remote-result.js';
import { statementIndexOf } from './statement-groups.js';

interface QueuedSettings {
  readonly mode: TransactionMode;
  /** How long one answer of the server is waited for. */
  readonly timeoutMs: number;
  readonly database: unknown;
  /** Awaited before a call that may have committed rows resolves. */
  readonly wrote?: (() => Promise<void>) | undefined;
}

interface Parts {
  readonly sql: string;
  readonly bound: BoundArgs;
}

const nothing = (): void => undefined;

const mayCommit = /\b(?:commit|end)\b/i;

/** An interactive transaction of a `Client`. */
export class QueuedTransaction implements Transaction {
  readonly #transaction: Transaction;
  readonly #mode: TransactionMode;
  readonly #timeoutMs: number;
  readonly #release: () => void;
  readonly #ground: Ground;
  readonly #wrote: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();
  #refused: DatabaseError | undefined;

  constructor(transaction: Transaction, { mode, timeoutMs, database, wrote }: QueuedSettings, release: () => void) {
    this.#wrote = wrote && mode !== 'read' ? wrote : async () => undefined;
    this.#ground = new Ground(database);
    this.#mode = mode;
    this.#transaction = transaction;
    this.#timeoutMs = timeoutMs;
    this.#release = release;
  }

  get closed(): boolean {
    return this.#transaction.closed;
  }

  execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    return endInTurn(() => this.#execute(statement, args));
  }

  async #execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    const { sql, bound } = keptParts(statement, args)();
    refuseWriteIn(this.#mode, sql);
    return this.#inTurn(async () => {
      const knows = this.#ground.ran(sql);
      const sent = this.#answered(sql, () => this.#transaction.execute({ sql, args: argsOf(bound) }));
      const result = await sent.catch((cause: unknown) => this.#failed(toDatabaseError(cause, sql)));
      if (!knows) noteRows(result);
      if (cutsTransaction(sql)) await this.#ended(sql);
      return toResultSet(resultOf(result, sql));
    });
  }

  batch(statements: InStatement[]): Promise<ResultSet[]> {
    return endInTurn(() => this.#batch(statements));
  }

  async #batch(statements: InStatement[]): Promise<ResultSet[]> {
    const list = listOf(statements, 'batch').map((statement) => keptParts(statement)());
    for (const { sql } of list) refuseWriteIn(this.#mode, sql);
    return this.#inTurn(async () => {
      const results: ResultSet[] = [];
      while (results.length < list.length) results.push(...(await this.#part(list, results.length)));
      return toResultSets(results.map((result, i) => resultOf(result, list[i]?.sql ?? 'batch', i)));
    });
  }

  /** Sends `list` from `start` to what ends the transaction: a server would run what is behind by itself. */
  async #part(list: readonly Parts[], start: number): Promise<ResultSet[]> {
    const cut = list.findIndex(({ sql }, index) => index >= start && cutsTransaction(sql));
    const part = list.slice(start, cut < 0 ? undefined : cut + 1);
    const knows = part.every(({ sql }) => this.#ground.ran(sql));
    const sent = part.map(({ sql, bound }) => ({ sql, args: argsOf(bound) }));
    const results = await this.#answered('batch', () => this.#transaction.batch(sent)).catch((cause: unknown) => {
      const told = statementIndexOf(cause);
      const statementIndex = told === undefined ? undefined : start + told;
      const failed = statementIndex === undefined ? undefined : list[statementIndex];
      return this.#failed(toDatabaseError(cause, failed?.sql ?? 'batch', { statementIndex }));
    });
    if (!knows) for (const result of results) noteRows(result);
    if (cut >= 0) await this.#ended(list[cut]?.sql ?? 'batch');
    return results;
  }

  executeMultiple(sql: string): Promise<void> {
    return endInTurn(async () => {
      checkScript(sql);
      const statements = statementsOf(sql);
      for (const statement of statements) refuseWriteIn(this.#mode, statement);
      const run = (): Promise<void> =>
        this.#inTurn(async () => {
          try {
            await script(sql, () => this.#answered(sql, () => this.#transaction.executeMultiple(sql)), true);
          } catch (error) {
            await this.#closeEnded();
            throw error;
          }
          if (statements.some(cutsTransaction)) await this.#closeEnded();
        });
      await (mayCommit.test(sql) ? heardOf(this.#wrote, run) : run());
    });
  }

  commit(): Promise<void> {
    return endInTurn(async () => {
      const end = (): Promise<void> => this.#end('COMMIT', () => this.#transaction.commit(), 'unknown');
      await heardOf(this.#wrote, () => this.#inTurn(end));
    });
  }

  rollback(): Promise<void> {
    return endInTurn(async () => {
      // It is rolled back already.
      if (this.#refused) return;
      await this.#inTurn(() => this.#end('ROLLBACK', () => this.#transaction.rollback(), 'none'));
    });
  }

  async #end(operation: string, end: () => Promise<void>, outcome: 'none' | 'unknown'): Promise<void> {
    try {
      await asDatabaseError(operation, () => this.#answered(operation, end), outcome);
    } catch (error) {
      throw (outcome === 'unknown' && doubtOf(error)) || error;
    } finally {
      this.#release();
    }
  }

  /** What is not answered in time is over: the server rolls back when its stream is gone. */
  async #answered<T>(operation: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await answered(this.#timeoutMs, operation, ask);
    } catch (error) {
      if (isDatabaseError(error) && error.type === 'timeout') this.#transaction.close();
      throw error;
    }
  }

  /** One call at a time: what is sent beside a statement that ends the transaction would be committed by itself. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => {
      if (this.#refused) throw this.#refused;
      return work();
    });
    this.#last = turn.then(nothing, nothing);
    return turn;
  }

  /** Looks what a COMMIT or ROLLBACK as a text has left. */
  async #ended(sql: string): Promise<void> {
    await this.#closeEnded();
    if (mayCommit.test(sql)) await this.#wrote();
  }

  async #closeEnded(): Promise<void> {
    if (!this.#transaction.closed && !(await isStillOpen(this.#transaction))) this.#transaction.close();
  }

  /** @throws `error`; a transaction that it has ended is closed: what came behind would be committed by itself */
  async #failed(error: DatabaseError): Promise<never> {
    await this.#closeEnded();
    throw await withKeyKind(error, (read) => this.#transaction.execute(read));
  }

  /** Refuses more calls with `error`, and rolls back behind the one that is under way. */
  end(error: DatabaseError): void {
    this.#refused = error;
    void this.#last.then(() => this.close());
  }

  close(): void {
    this.#transaction.close();
    this.#release();
  }
}
