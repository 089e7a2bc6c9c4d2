// The interactive transaction of a `Client`, whose failures say the same as those of the client itself.
import type { InArgs, InStatement, ResultSet, Transaction } from '@libsql/client';

/** `transaction`, which throws what `told` makes of its errors. */
export class ToldTransaction implements Transaction {
  readonly #transaction: Transaction;
  readonly #told: (error: unknown) => unknown;

  constructor(transaction: Transaction, told: (error: unknown) => unknown) {
    this.#transaction = transaction;
    this.#told = told;
  }

  get closed(): boolean {
    return this.#transaction.closed;
  }

  /** @param args of a text: the call of the client, which the interface does not declare here, but the stock one takes */
  execute(statement: InStatement, args?: InArgs): Promise<ResultSet> {
    const whole = typeof statement === 'string' && args ? { sql: statement, args } : statement;
    return this.#tell(this.#transaction.execute(whole));
  }

  batch(statements: InStatement[]): Promise<ResultSet[]> {
    return this.#tell(this.#transaction.batch(statements));
  }

  executeMultiple(sql: string): Promise<void> {
    return this.#tell(this.#transaction.executeMultiple(sql));
  }

  commit(): Promise<void> {
    return this.#tell(this.#transaction.commit());
  }

  rollback(): Promise<void> {
    return this.#tell(this.#transaction.rollback());
  }

  close(): void {
    this.#transaction.close();
  }

  #tell<T>(call: Promise<T>): Promise<T> {
    return call.catch((error: unknown) => {
      throw this.#told(error);
    });
  }
}
