// One transaction of a libSQL server on one stream, and what comes back over it in the form of this package.
import { setTimeout as sleep } from 'node:timers/promises';
import type { InArgs, InStatement, ResultSet, Transaction } from '@libsql/client';
import type { BoundArgs } from '../binding.js';
import type { StatementResult, TransactionConnection } from '../connection-source.js';
import { DatabaseError, toDatabaseError } from '../errors.js';

/** A transaction that is begun with its first statement. */
export class RemoteConnection implements TransactionConnection {
  readonly #transaction: Transaction;
  #lost = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  get inTransaction(): boolean {
    return !this.#lost && !this.#transaction.closed;
  }

  get poisoned(): boolean {
    return this.#lost;
  }

  /** One statement at a time: what is sent behind a statement that fails could run outside the transaction. */
  async run(sql: string, args: BoundArgs): Promise<StatementResult> {
    const turn = this.#last.then(() => this.#runNow(sql, args));
    this.#last = turn.then(nothing, nothing);
    return turn;
  }

  async #runNow(sql: string, args: BoundArgs): Promise<StatementResult> {
    if (this.#lost) throw this.#lostError(sql);
    try {
      return resultOf(await this.#transaction.execute({ sql, args: argsOf(args) }));
    } catch (cause) {
      const error = toDatabaseError(cause, sql);
      // A stream that the server or the network has ended took the transaction with it.
      this.#lost = endsStream.has(error.type) || !(await this.#isStillOpen());
      throw error;
    }
  }

  /**
   * Asks whether the failed statement has ended the transaction (INSERT OR ROLLBACK, a full disk): the next one would
   * commit by itself. Only inside a transaction is BEGIN refused.
   */
  async #isStillOpen(): Promise<boolean> {
    try {
      await this.#transaction.execute('BEGIN');
    } catch (error) {
      return String(error).includes('within a transaction');
    }
    await this.#transaction.execute('ROLLBACK');
    return false;
  }

  #lostError(operation: string): DatabaseError {
    return new DatabaseError('The server has ended the transaction', {
      type: 'aborted',
      code: 'TRANSACTION_LOST',
      operation,
      recoverable: true,
      hint: 'Nothing of it is in the database; run the whole transaction again',
    });
  }

  async exec(sql: string): Promise<void> {
    if (sql !== 'COMMIT') {
      await this.run(sql, []);
      return;
    }
    await this.#last;
    if (this.#lost) throw this.#lostError(sql);
    await asDatabaseError(sql, () => this.#transaction.commit(), 'unknown');
  }

  async rollbackIfOpen(): Promise<void> {
    if (this.#transaction.closed) return;
    try {
      // A server that does not answer rolls back by itself when the stream is gone.
      await Promise.race([this.#transaction.rollback(), sleep(1_000, undefined, { ref: false })]);
    } catch {
      this.#lost = true;
    } finally {
      this.#transaction.close();
    }
  }
}

const nothing = (): void => undefined;

const endsStream: ReadonlySet<string> = new Set(['connection', 'aborted', 'overload', 'closed']);

/** An interactive transaction of a `Client`, in its place in the queue until it ends. */
export class QueuedTransaction implements Transaction {
  readonly #transaction: Transaction;
  readonly #release: () => void;

  constructor(transaction: Transaction, release: () => void) {
    this.#transaction = transaction;
    this.#release = release;
  }

  get closed(): boolean {
    return this.#transaction.closed;
  }

  execute(statement: InStatement): Promise<ResultSet> {
    return asDatabaseError('execute', () => this.#transaction.execute(statement));
  }

  batch(statements: InStatement[]): Promise<ResultSet[]> {
    return asDatabaseError('batch', () => this.#transaction.batch(statements));
  }

  executeMultiple(sql: string): Promise<void> {
    return asDatabaseError(sql, () => this.#transaction.executeMultiple(sql));
  }

  commit(): Promise<void> {
    return asDatabaseError('COMMIT', () => this.#transaction.commit(), 'unknown').finally(this.#release);
  }

  rollback(): Promise<void> {
    return asDatabaseError('ROLLBACK', () => this.#transaction.rollback()).finally(this.#release);
  }

  close(): void {
    this.#transaction.close();
    this.#release();
  }
}

/** Runs `work`; whatever it throws becomes a `DatabaseError`, of unknown outcome when it may have been committed. */
export async function asDatabaseError<T>(
  operation: string,
  work: () => Promise<T>,
  outcome: 'none' | 'unknown' = 'none',
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error, operation, { outcome });
  }
}

/** Our bound values as the client's. */
export function argsOf(args: BoundArgs): InArgs {
  // Our bound values are among the client's; only its declaration of arrays is mutable.
  return args as InArgs;
}

/** The client's result in the form of this package. */
export function resultOf(result: ResultSet): StatementResult {
  const { columns, columnTypes, rowsAffected } = result;
  const rows = result.rows.map((row) => columns.map((_, index) => bytesOf(row[index])));
  return { columns, columnTypes, rows, rowsAffected, lastInsertRowid: result.lastInsertRowid ?? null };
}

function bytesOf(value: unknown): unknown {
  return value instanceof ArrayBuffer ? Buffer.from(value) : value;
}
