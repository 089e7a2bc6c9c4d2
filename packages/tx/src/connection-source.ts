// What the engine needs of a target: connections for transactions, single statements, and the client calls that are neither.
// pool.ts (local files), remote.ts (servers) and replica.ts implement it.

import type { Client, InStatement, ResultSet } from '@libsql/client';
import type { DatabaseError } from './errors.js';
import type { BoundArgs } from './statements/binding.js';
import type { StatementKind } from './statements/statement-kind.js';
import type { Capabilities, DatabaseChanges, LeasedClient, PoolStats } from './types.js';
import type { Awaitable } from './waiting/awaitable.js';
import type { WaitOptions } from './waiting/fifo-lock.js';

/** The outcome of one statement. Rows are arrays in column order; integers that fit are numbers. */
export interface StatementResult {
  readonly columns: readonly string[];
  /** The declared type of each column, '' where there is none. Offloaded reads do not tell it. */
  readonly columnTypes?: readonly string[];
  readonly rows: unknown[][];
  readonly rowsAffected: number;
  /** null for statements that return rows. */
  readonly lastInsertRowid: bigint | null;
}

/** One statement with its values. */
export interface Statement {
  readonly sql: string;
  readonly args: BoundArgs;
  readonly kind: StatementKind;
  /** Only the first row is wanted. */
  readonly firstOnly: boolean;
}

/** One statement of a batch. */
export type BatchStatement = Pick<Statement, 'sql' | 'args'>;

/** A connection in the hands of one transaction. Every method throws `DatabaseError`. */
export interface TransactionConnection {
  run(sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult>;
  /**
   * Runs statements in order in as few round trips as it takes; the first that fails ends the rest, and its error has its
   * `statementIndex`. Absent where there are no round trips.
   */
  runAll?(statements: readonly BatchStatement[]): Promise<StatementResult[]>;
  /** Runs COMMIT, SAVEPOINT, RELEASE or ROLLBACK TO. */
  exec(sql: string): Awaitable<void>;
  /** False once the engine or the server has ended the transaction. */
  readonly inTransaction: boolean;
  /** Nothing that was done since may be trusted to be reported or kept; the transaction can only be rolled back. */
  readonly poisoned: boolean;
  /** Rolls back when a transaction is open. Never throws. */
  rollbackIfOpen(): Awaitable<void>;
}

/** A connection that nobody else uses until `release`. */
export interface Held<C = TransactionConnection> {
  readonly connection: C;
  readonly release: () => void;
  /** Commits within the limits of this target's waits. Absent where COMMIT is sent like any statement. */
  readonly commit?: () => Awaitable<void>;
}

/** Hears how many statements of a migration have run. */
export type OnStatement = (done: number) => void;

/** Tells `listener`, if any; a broken one breaks nothing (promise 8). */
export function tell(listener: OnStatement | undefined, done: number): void {
  try {
    listener?.(done);
  } catch {
    // A broken observer must never break the migration it observes.
  }
}

/** The calls of a `Client` that run outside the ambient transaction. */
export interface DetachedClient extends Pick<Client, 'executeMultiple' | 'transaction'> {
  migrate(statements: InStatement[], onStatement?: OnStatement): Promise<ResultSet[]>;
}

/** What is told to caches of a target. */
export interface SourceChanges extends DatabaseChanges {
  /** What tells this database from others: equal for managers of the same file or server. */
  readonly database: unknown;
  /** A statement has run beside the connections of the source. */
  ran(): void;
  /** Runs `work`, which writes what this package keeps for itself: no `look` is about that. */
  apart<T>(work: () => Promise<T>): Promise<T>;
}

/** The connections of one target. */
export interface ConnectionSource {
  readonly capabilities: Capabilities;
  /** Of a server, as @libsql/client calls it. Absent where reads are those of a file or of memory. */
  readonly protocol?: string;
  readonly changes: SourceChanges;
  stats(): Omit<PoolStats, 'openTransactions'>;
  /** Whether its write transactions have `runAll`. */
  readonly pipelines?: boolean;
  /** Begins a transaction on a connection of its own; `write` takes the write lock first come, first served. */
  begin(mode: 'read' | 'write', wait: WaitOptions): Awaitable<Held>;
  /** Called between COMMIT and the hooks: what was written must be readable from here on. */
  committed?(): Promise<void>;
  /** Runs one statement outside any transaction. */
  runAlone(statement: Statement, wait: WaitOptions): Promise<StatementResult>;
  /** Runs a read on a connection of its own, which is cut when the signal of `wait` fires. Servers only. */
  runApart?(statement: BatchStatement, wait: WaitOptions): Promise<StatementResult>;
  readonly detached: DetachedClient;
  /** Holds a connection for one caller. */
  lease(
    mode: 'read' | 'write',
    wait: WaitOptions,
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }>;
  /** Fetches what the server has. Absent where there is no server behind the data. */
  sync?(): Promise<void>;
  /** Resolves when no connection is held. */
  drained(): Promise<void>;
  /** Ends every wait with `error` and refuses new ones. */
  refuse(error: DatabaseError): void;
  close(): Promise<void>;
}
