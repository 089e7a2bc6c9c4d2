// client.transaction() on a server: the transaction of @libsql/client, in its place in the queue until it ends.
import type { InArgs, InStatement, ResultSet, Transaction } from '@libsql/client';
import { checkScript, listOf, parts, toResultSet } from '../client.js';
import { type DatabaseError, toDatabaseError } from '../errors.js';
import { endInTurn } from '../turns.js';
import { withKeyKind } from './key-kind.js';
import { argsOf, asDatabaseError, isStillOpen, resultOf, script } from './remote-result.js';
import { statementIndexOf } from './statement-groups.js';

/** An interactive transaction of a `Client`. */
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

  execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    return endInTurn(() => this.#execute(statement, args));
  }

  async #execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    const { sql, bound } = parts(statement, args);
    const sent = this.#transaction.execute({ sql, args: argsOf(bound) });
    const result = await sent.catch((cause: unknown) => this.#failed(toDatabaseError(cause, sql)));
    return toResultSet(resultOf(result, sql));
  }

  batch(statements: InStatement[]): Promise<ResultSet[]> {
    return endInTurn(() => this.#batch(statements));
  }

  async #batch(statements: InStatement[]): Promise<ResultSet[]> {
    const list = listOf(statements, 'batch').map((statement) => parts(statement));
    const sent = list.map(({ sql, bound }) => ({ sql, args: argsOf(bound) }));
    const results = await this.#transaction.batch(sent).catch((cause: unknown) => {
      const statementIndex = statementIndexOf(cause);
      const failed = statementIndex === undefined ? undefined : list[statementIndex];
      return this.#failed(toDatabaseError(cause, failed?.sql ?? 'batch', { statementIndex }));
    });
    return results.map((result, i) => toResultSet(resultOf(result, list[i]?.sql ?? 'batch', i)));
  }

  executeMultiple(sql: string): Promise<void> {
    return endInTurn(async () => {
      checkScript(sql);
      return script(sql, () => this.#transaction.executeMultiple(sql), true);
    });
  }

  commit(): Promise<void> {
    return endInTurn(() =>
      asDatabaseError('COMMIT', () => this.#transaction.commit(), 'unknown').finally(this.#release),
    );
  }

  rollback(): Promise<void> {
    return endInTurn(() => asDatabaseError('ROLLBACK', () => this.#transaction.rollback()).finally(this.#release));
  }

  /** @throws `error`; a transaction that it has ended is closed: what came behind would be committed by itself */
  async #failed(error: DatabaseError): Promise<never> {
    if (!this.#transaction.closed && !(await isStillOpen(this.#transaction))) this.#transaction.close();
    throw await withKeyKind(error, (read) => this.#transaction.execute(read));
  }

  close(): void {
    this.#transaction.close();
    this.#release();
  }
}
