// The public interfaces of @cc/tx: what openTransactionManager returns and what its methods take. Long, because they are one contract.
import type { Client, InStatement, ResultSet } from '@libsql/client';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type { ManagerEvent } from './events.js';

/** A drizzle schema object: tables and relations by name. */
export type Schema = Record<string, unknown>;

/** drizzle over managed connections; `$client` is the same behind the `Client` interface of @libsql/client. */
export type Database<S extends Schema = Schema> = LibSQLDatabase<S> & { readonly $client: Client };

/**
 * How a `transaction()` call relates to the transaction that is already open in its context.
 *
 * - `required` (default): joins it, or begins one.
 * - `nested`: a savepoint inside it, or begins one.
 * - `requires_new`: an independent transaction; refused inside a write transaction, where the single writer would wait for itself.
 * - `mandatory`: joins it; refused when there is none.
 * - `supports`: joins it, or runs without a transaction.
 * - `not_supported`: runs without a transaction, the open one set aside.
 * - `never`: runs without a transaction; refused when there is one.
 */
export type Propagation = 'required' | 'nested' | 'requires_new' | 'mandatory' | 'supports' | 'not_supported' | 'never';

/** Bounds of the retries of a whole outermost transaction after a transient error. */
export interface RetryOptions {
  /** Runs in all, the first one included. 1 = no retry. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** Mean of the first pause; it doubles with each attempt, with full jitter. Default 5. */
  readonly baseDelayMs?: number | undefined;
  /** Longest pause, at most 2^31 − 1 (25 days). Default 250. */
  readonly maxDelayMs?: number | undefined;
}

/** Options of one `transaction()` call. */
export interface TransactionOptions {
  /** `write` (default) takes the write lock at once; `read` is one snapshot and refuses writes. */
  readonly mode?: 'write' | 'read' | undefined;
  readonly propagation?: Propagation | undefined;
  /** `false` = one attempt. Ignored when the call joins a transaction: only the outermost one is run again. */
  readonly retry?: RetryOptions | false | undefined;
  /** From the moment the transaction holds its connection until COMMIT. Infinity = no limit. Default: `transactionTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait for the connection, or rolls back the running transaction. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Makes the transaction take effect once, however often it is called with the same key (1 to 200 characters, without NUL and lone surrogates): a later
   * call returns the stored result without running `work`. The result must come back from JSON as it is: text, numbers,
   * booleans, null, plain objects and arrays (500 levels deep at most), or nothing at all; anything else is a TypeError before COMMIT. A COMMIT whose
   * answer was lost is settled by it. Inside a transaction the outcome is committed with the transaction around. Keys stay
   * in the table `__cc_outcomes` for `outcomeTtlMs`. Not for reading.
   */
  readonly idempotencyKey?: string | undefined;
  /**
   * What the call is for, such as `checkout`: the events of this transaction and of its statements carry it, so that
   * statistics tell which call was slow. 1 to 100 characters, never a value. A call that joins a transaction has that one's.
   */
  readonly label?: string | undefined;
}

/** An open transaction. Its methods throw a `DatabaseError` with code `TX_CLOSED` once it has ended. */
export interface Transaction<S extends Schema = Schema> {
  /** drizzle bound to this transaction, wherever it is called from. */
  readonly db: Database<S>;
  /** Unique in this process; a savepoint has the id of its transaction with a suffix. */
  readonly id: string;
  /** 0 for the outermost transaction, one more for each savepoint around the current block. */
  readonly depth: number;
  /** `read`: one snapshot that refuses writes. */
  readonly mode: 'read' | 'write';
  /** Runs `work` in a savepoint: its rows are undone alone when it throws. Siblings run one after another. */
  savepoint<T>(work: (tx: Transaction<S>) => Promise<T>): Promise<T>;
  /** Throws the error that rolls this transaction (or savepoint) back. Code `TX_ROLLBACK`. */
  rollback(): never;
  /** Calls `hook` after the outermost COMMIT, outside the transaction, in order of registration; never after a rollback. */
  afterCommit(hook: () => unknown): void;
  /** Calls `hook` after this transaction or savepoint, or one around it, was rolled back. */
  afterRollback(hook: () => unknown): void;
  /** Calls `hook` when COMMIT was sent and its answer was lost for good: neither of the other two is called then. */
  afterUnknown(hook: () => unknown): void;
}

/** What an opened target can do. */
export interface Capabilities {
  readonly target: 'local' | 'memory' | 'remote' | 'replica';
  /** Writes are refused: it was opened with `readOnly`, or the file cannot be written. */
  readonly readOnly: boolean;
  /** Reads run beside an open write transaction without waiting for it; with a rollback journal they may have to. */
  readonly concurrentReads: boolean;
  /** `requires_new` can begin a second write transaction beside an open one. */
  readonly concurrentWrites: boolean;
  /** `getConnection().client.migrate()` runs DDL in one transaction with foreign keys off. */
  readonly transactionalDdl: boolean;
  /** A write transaction that runs longer may be ended when another writer waits. Infinity = never. */
  readonly writeLimitMs: number;
  /** PRAGMA settings, VACUUM, ANALYZE and ATTACH reach the database; a server refuses them. */
  readonly sessionStatements: boolean;
  /** `offload()` runs beside the event loop. */
  readonly offload: boolean;
  /** How `backup()` copies: `vacuum` into a new file, or read the `pages` of a server's tables in one transaction. */
  readonly backup: 'vacuum' | 'pages';
  /** `sync()` fetches from a server. */
  readonly sync: boolean;
  /** The file was opened with an `encryptionKey`: what is kept of it elsewhere (a cache on disk) would lie there in plain. */
  readonly encrypted: boolean;
}

/** A held connection behind the `Client` interface of @libsql/client: execute, batch, migrate, executeMultiple, transaction. */
export interface LeasedClient extends Client {
  /**
   * Runs `statements` in one transaction with foreign keys off, all or none. `onStatement` hears how many have run, at
   * least once at the end; on a server it costs a few round trips more.
   */
  migrate(statements: InStatement[], onStatement?: (done: number) => void): Promise<ResultSet[]>;
}

/** A connection held by one caller until it is released. */
export interface ConnectionLease extends Disposable {
  readonly client: LeasedClient;
  /** Gives the connection back. A second call does nothing. */
  release(): void;
}

/** Options of `getConnection`. */
export interface ConnectionOptions {
  /** `write` (default) holds the one writer, first come, first served; `read` holds a reader that refuses writes. */
  readonly mode?: 'write' | 'read' | undefined;
  /** Longest wait. Default: `acquireTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bounds of one offloaded read. */
export interface OffloadOptions {
  /** From the call to the last row, all statements of a function and the wait for a turn included. Infinity = no limit. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A finished backup. */
export interface BackupInfo {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  readonly pages: number;
  readonly durationMs: number;
  /** Every page and index of the copy was read and found sound. There is no other kind of backup. */
  readonly verified: true;
  /**
   * What rows break of the rules of their tables, in the words of `integrity_check`: `NULL value in t.c`, `CHECK constraint failed in
   * t`, `TEXT value in t.c`. They are copied as they are: correct them, or the rule in a migration. Usually empty.
   */
  readonly brokenRules: readonly string[];
  /** Of the file, in hexadecimal; with the option `checksum` only. */
  readonly sha256?: string | undefined;
}

/** How far a backup is. `bytesTotal` is an estimate until the end, where both are the size of the file. */
export interface BackupProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Options of `backup`. */
export interface BackupOptions {
  /** Adds the SHA-256 of the file, which costs reading it once more. Default false. */
  readonly checksum?: boolean | undefined;
  /** Called about ten times a second. What it throws is ignored. */
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  /** Ends the backup and removes what was written. */
  readonly signal?: AbortSignal | undefined;
}

/** A moment's picture of the connections. */
export interface PoolStats {
  /** Whether the writer is held. */
  readonly writerBusy: boolean;
  /** Calls waiting for the writer. */
  readonly writersWaiting: number;
  readonly readersOpen: number;
  readonly readersBusy: number;
  readonly readersWaiting: number;
  /** Transactions between begin and end, savepoints not counted. */
  readonly openTransactions: number;
  /** Connections that were thrown away and opened anew since the start. */
  readonly connectionsReplaced: number;
}

/** What the load of a cache has read. */
export interface Witnessed<T> {
  readonly value: T;
  /** Why the value is for whoever asked and not to be kept; undefined when everybody may read it. */
  readonly doubt: string | undefined;
}

/**
 * What a cache asks about the database: whether what it has read is still what is there. `transactions.changes` of a bound
 * cache; nobody else needs it.
 */
export interface DatabaseChanges {
  /**
   * A number that differs from an earlier one when something was committed between the two looks, by this process or by
   * another that this target can see now. With `by`, commits do not count all of whose writes `by` has declared. It may differ
   * without that (a checkpoint by another process, a replaced connection), never the other way round. `undefined` while it
   * cannot be told: then nothing that was kept may be served, and nothing be kept. Never throws.
   *
   * Local files and replicas look now, at the cost of a few microseconds. Servers tell what their last answer told: see `asOf`.
   */
  look(by?: object): number | undefined;
  /** How many statements have run on the connections of this manager: a `look()` before one of them is not about what it has read. */
  readonly statements: number;
  /**
   * The moment of `performance.now()` that `look()` is about. Infinity where it looks now (files, replicas, memory); on a
   * server when its newest answered request was sent, -Infinity before the first and where it tells no replication index:
   * then only this process's own writes move `look()`.
   */
  readonly asOf: number;
  /**
   * Asks a server, in one small request that concurrent callers share, so that `asOf` moves on; elsewhere there is nothing to
   * ask. Resolves false when it was not told (the server is away, or has no replication index). Never rejects.
   */
  ask(): Promise<boolean>;
  /**
   * Runs `work`. Of what it writes through this manager, in its async context and until it ends, `by` tells its caches key by
   * key: a commit of nothing else does not move `look(by)`. Blocks may lie in each other, each for its own. Replicas and
   * servers move all the same, by what they fetch. On files and in memory, `committed` is called in the turn of the COMMIT of
   * each statement of it that is a transaction by itself; what it throws is a `hook_error` event. Elsewhere it is not called:
   * there, and in a transaction (`afterCommit`), its caller is told otherwise.
   */
  declared<T>(by: object, work: () => Promise<T>, committed?: (rowsAffected: number) => void): Promise<T>;
  /**
   * Runs `load`, which reads what a cache is to keep, and answers with what it returned. `doubt` says why that is not to be
   * kept or given to others: in its async context something was read, of any manager of this process, that only its reader
   * sees (in a transaction or snapshot that began before the load, or that has written; through whatever it was reached: the
   * handle of a transaction, `$client.transaction()`, a held connection) or that `look()` is not about (attached files, TEMP
   * tables, another database). Rejects as `load` does.
   * `about` is what `loadAround` then answers.
   */
  witness<T>(load: () => Promise<T>, about?: object): Promise<Witnessed<T>>;
  /** The `about` of the innermost load under way, of whichever manager, that the calling context is in; undefined outside. */
  loadAround(): unknown;
  /** Grows with each such statement that this process runs: what was read outside `witness` while it grew is not to be kept. */
  readonly doubtfulReads: number;
  /**
   * A text that is equal to an earlier one only when nobody has written to the database in between, also by another process
   * and after a restart of the program: what was kept beside it is still true. `undefined` where it cannot be told (servers,
   * memory, a file system that other machines write to) or not yet (within 30 ms of a write, or while `look()` is). Other texts
   * may mean the same: a checkpoint moves bytes, and a loss of power may take back commits or their times, so that the next
   * start of the machine has others. Never throws.
   */
  proof(): string | undefined;
  /**
   * Calls `hook` once at the end of `close()`, after its last checkpoint, with the proof of the closed file: `undefined` when
   * something was committed since this registration, declared or not, by whoever, or where there is no proof. For it `close()`
   * takes up to 30 ms longer. Never calls it when the manager is closed already. Returns what ends the registration.
   */
  onClose(hook: (proof: string | undefined) => void): () => void;
}

/** The entry point of @cc/tx: one database, its connections and its transactions. */
export interface TransactionManager<S extends Schema = Schema> extends AsyncDisposable {
  /** drizzle over the managed connections. Inside `transaction()` every query made through it joins that transaction. */
  readonly db: Database<S>;
  readonly capabilities: Capabilities;
  /** Whether the database has changed, for caches. */
  readonly changes: DatabaseChanges;
  /** The URL without credentials. */
  readonly url: string;
  /** Runs `work` in a transaction and commits when it resolves; rolls back when it throws. */
  transaction<T>(work: (tx: Transaction<S>) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs `work` on one consistent snapshot that never waits for the writer; inside `transaction()` it joins it. */
  read<T>(
    work: (tx: Transaction<S>) => Promise<T>,
    options?: Omit<TransactionOptions, 'mode' | 'propagation'>,
  ): Promise<T>;
  /** The transaction of the calling context, if any. */
  current(): Transaction<S> | undefined;
  /**
   * Runs `work`, of which the events of its statements and transactions tell `label`, as with the option of that name: for
   * calls that are no transaction. Inside another such call that one's label stays. Costs nothing while nobody listens.
   *
   * @throws TypeError for what is no label: 1 to 100 characters, never a value
   */
  labelled<T>(label: string, work: () => PromiseLike<T>): Promise<T>;
  /** Holds a connection for work that must stay on one, outside any transaction. */
  getConnection(options?: ConnectionOptions): Promise<ConnectionLease>;
  /** Runs drizzle queries in one transaction and returns their results in order, as `db.batch` does; also a list of any length. */
  batch<T extends readonly BatchItem<'sqlite'>[] | []>(queries: T): Promise<BatchResponse<T>>;
  /**
   * Runs a long read on a connection of its own beside the event loop, and ends it when the time is up. `query` is a
   * drizzle query, or a function that awaits several; they see the last commit, each on its own. A transaction that
   * it begins runs as others do.
   *
   * @throws DatabaseError `timeout` (`OFFLOAD_TIMEOUT`), `aborted` (`ABORTED`; `TX_FORBIDDEN` inside a transaction)
   */
  offload<T>(query: PromiseLike<T> | (() => PromiseLike<T>), options: OffloadOptions): Promise<T>;
  /**
   * Copies the database as of its last commit into a new file while writers go on, and verifies the copy.
   *
   * @throws DatabaseError `aborted` (`BACKUP_EXISTS`: a file is never overwritten; `ABORTED`), `integrity`, `full`, `connection`
   */
  backup(path: string, options?: BackupOptions): Promise<BackupInfo>;
  /** Fetches what the server of a replica has. @throws DatabaseError `connection`; `UNSUPPORTED` on other targets */
  sync(): Promise<void>;
  stats(): PoolStats;
  /** Calls `listener` with each event; returns the function that ends it. A throwing listener is ignored. */
  subscribe(listener: (event: ManagerEvent) => void): () => void;
  /** Refuses new work, waits up to `drainMs` (5,000) for open transactions, ends the rest with `CLOSED`, closes connections. */
  close(options?: { readonly drainMs?: number | undefined }): Promise<void>;
}
