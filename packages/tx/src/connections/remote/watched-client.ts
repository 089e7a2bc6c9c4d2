// The client of a server, whose calls are counted, and whose writes are known while they are under way.
import type { Client, InStatement, Transaction, TransactionMode } from '@libsql/client';
import { mayWrite } from '../../statements/statement-kind.js';
import type { ServerChanges } from './server-changes.js';

/** As much of a `Client` as is used of it. */
export interface ServerClient extends Pick<Client, 'executeMultiple' | 'close' | 'protocol'> {
  execute: (statement: InStatement) => ReturnType<Client['execute']>;
  transaction: (mode: TransactionMode) => Promise<Transaction>;
}

/** `client`, whose calls `changes` hears of. */
export function watchedClient(client: Client, changes: ServerChanges): ServerClient {
  return {
    protocol: client.protocol,
    execute: (statement) => changes.watch(mayWrite(textOf(statement)), () => client.execute(statement)),
    executeMultiple: (sql) => changes.watch(true, () => client.executeMultiple(sql)),
    transaction: async (mode) => new WatchedTransaction(await client.transaction(mode), changes),
    close: () => client.close(),
  };
}

/** What it writes takes effect when it commits. */
class WatchedTransaction implements Transaction {
  readonly #transaction: Transaction;
  readonly #changes: ServerChanges;
  #wrote = false;

  constructor(transaction: Transaction, changes: ServerChanges) {
    this.#transaction = transaction;
    this.#changes = changes;
  }

  get closed(): boolean {
    return this.#transaction.closed;
  }

  execute(statement: InStatement): ReturnType<Transaction['execute']> {
    this.#note(statement);
    const commits = this.#wrote && ends.test(textOf(statement));
    return this.#changes.watch(commits, () => this.#transaction.execute(statement));
  }

  batch(statements: InStatement[]): ReturnType<Transaction['batch']> {
    for (const statement of statements) this.#note(statement);
    return this.#changes.watch(false, () => this.#transaction.batch(statements));
  }

  executeMultiple(sql: string): Promise<void> {
    this.#wrote = true;
    // It may hold a COMMIT.
    return this.#changes.watch(true, () => this.#transaction.executeMultiple(sql));
  }

  commit(): Promise<void> {
    return this.#changes.watch(this.#wrote, () => this.#transaction.commit());
  }

  rollback(): Promise<void> {
    return this.#transaction.rollback();
  }

  close(): void {
    this.#transaction.close();
  }

  #note(statement: InStatement): void {
    this.#wrote ||= mayWrite(textOf(statement));
  }
}

const ends = /\b(?:commit|end|release)\b/i;

function textOf(statement: InStatement): string {
  return typeof statement === 'string' ? statement : statement.sql;
}
