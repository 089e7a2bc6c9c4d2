// The client of a server, whose calls are counted, and whose writes are known while they are under way.
import type { Client, InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import { mayWrite } from '../../statements/statement-kind.js';
import type { Line, Lines } from './lines.js';
import { batchNamed, executeNamed, textOf } from './named-columns.js';
import type { ServerChanges } from './server-changes.js';

/** As much of a `Client` as is used of it. */
export interface ServerClient extends Pick<Client, 'executeMultiple' | 'close' | 'protocol'> {
  execute: (statement: InStatement) => ReturnType<Client['execute']>;
  transaction: (mode: TransactionMode) => Promise<Transaction>;
}

/** The client of `lines`, whose calls `changes` hears of. */
export function watchedClient(lines: Lines, changes: ServerChanges): ServerClient {
  const on = <T>(writes: boolean, call: (client: Client) => Promise<T>): Promise<T> => {
    const line = lines.current;
    return line.during(() => changes.watch(writes, () => call(line.client)));
  };
  return {
    protocol: lines.current.client.protocol,
    execute: (statement) => on(mayWrite(textOf(statement)), (client) => executeNamed(client, statement)),
    executeMultiple: (sql) => on(true, (client) => client.executeMultiple(sql)),
    transaction: async (mode) => {
      const line = lines.current;
      return new WatchedTransaction(await line.begin(mode), line, changes);
    },
    close: () => lines.close(),
  };
}

/** What it writes takes effect when it commits. */
class WatchedTransaction implements Transaction {
  readonly #transaction: Transaction;
  readonly #line: Line;
  readonly #changes: ServerChanges;
  #wrote = false;

  constructor(transaction: Transaction, line: Line, changes: ServerChanges) {
    this.#transaction = transaction;
    this.#line = line;
    this.#changes = changes;
  }

  get closed(): boolean {
    return this.#transaction.closed;
  }

  execute(statement: InStatement): ReturnType<Transaction['execute']> {
    this.#note(statement);
    const commits = this.#wrote && ends.test(textOf(statement));
    return this.#watch(commits, async () => (await batchNamed(this.#transaction, [statement]))[0] as ResultSet);
  }

  batch(statements: InStatement[]): ReturnType<Transaction['batch']> {
    for (const statement of statements) this.#note(statement);
    return this.#watch(false, () => batchNamed(this.#transaction, statements));
  }

  executeMultiple(sql: string): Promise<void> {
    this.#wrote = true;
    // It may hold a COMMIT.
    return this.#watch(true, () => this.#transaction.executeMultiple(sql));
  }

  commit(): Promise<void> {
    return this.#watch(this.#wrote, () => this.#transaction.commit());
  }

  rollback(): Promise<void> {
    return this.#line.during(() => this.#transaction.rollback());
  }

  close(): void {
    this.#transaction.close();
  }

  #watch<T>(commits: boolean, call: () => Promise<T>): Promise<T> {
    return this.#line.during(() => this.#changes.watch(commits, call));
  }

  #note(statement: InStatement): void {
    this.#wrote ||= mayWrite(textOf(statement));
  }
}

const ends = /\b(?:commit|end|release)\b/i;
