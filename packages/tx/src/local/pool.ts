// The connections of one local database: one writer, one shared reader for single reads, and readers for snapshots.
// Decides who may use which connection when; knows nothing of contexts, savepoints or drizzle.
import type { ConnectionSource, DetachedClient, Held, Statement, StatementResult } from '../connection-source.js';
import { type DatabaseError, isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { FifoLock, type Release, type WaitOptions } from '../fifo-lock.js';
import { observed } from '../observe.js';
import type { ResolvedOptions } from '../options.js';
import type { LocalTarget } from '../target.js';
import type { Capabilities, LeasedClient, PoolStats } from '../types.js';
import { Connection, type ConnectionSettings } from './connection.js';
import { detachedOn, type LocalHold, leaseClient } from './local-client.js';
import { patiently } from './patience.js';

/** The connections of one database. */
export class Pool implements ConnectionSource {
  readonly capabilities: Capabilities;
  readonly detached: DetachedClient;
  readonly #target: LocalTarget;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #writerLock = new FifoLock();
  readonly #readerLock: FifoLock;
  readonly #idleReaders: Connection[] = [];
  #writer: Connection;
  #sharedReader: Connection;
  #readersOpen = 0;
  #replaced = 0;
  #closing = false;
  #paused: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  private constructor(
    target: LocalTarget,
    options: ResolvedOptions,
    events: Events,
    writer: Connection,
    reader: Connection,
  ) {
    this.#target = target;
    this.#options = options;
    this.#events = events;
    this.#readerLock = new FifoLock(options.readers);
    this.#writer = writer;
    this.#sharedReader = reader;
    this.detached = detachedOn((operation) => this.#hold(operation));
    this.capabilities = Object.freeze({
      target: target.kind,
      concurrentReads: target.kind !== 'memory',
      concurrentWrites: false,
      transactionalDdl: true,
      writeLimitMs: Number.POSITIVE_INFINITY,
      sessionStatements: true,
      offload: target.kind !== 'memory',
      backup: 'vacuum',
      sync: false,
    });
  }

  /** Opens the writer and the shared reader, waiting for other processes that are opening or recovering the file. */
  static async open(target: LocalTarget, options: ResolvedOptions, events: Events): Promise<Pool> {
    const wait = { timeoutMs: options.acquireTimeoutMs, signal: undefined, operation: 'open', events };
    const writer = await patiently(() => new Connection(settingsOf(target, options, false)), wait);
    // A second connection to :memory: would be a second database.
    if (target.kind === 'memory') return new Pool(target, options, events, writer, writer);
    try {
      const reader = await patiently(() => new Connection(settingsOf(target, options, true)), wait);
      return new Pool(target, options, events, writer, reader);
    } catch (error) {
      writer.close();
      throw error;
    }
  }

  stats(): Omit<PoolStats, 'openTransactions'> {
    return {
      writerBusy: this.#writerLock.held > 0,
      writersWaiting: this.#writerLock.waiting,
      readersOpen: this.#readersOpen + (this.#single ? 0 : 1),
      readersBusy: this.#readerLock.held,
      readersWaiting: this.#readerLock.waiting,
      connectionsReplaced: this.#replaced,
    };
  }

  async begin(mode: 'read' | 'write', wait: WaitOptions): Promise<Held> {
    const held = mode === 'write' ? await this.#holdWriter(wait) : await this.#holdReader(wait);
    try {
      if (mode === 'write') await this.#beginImmediate(held.connection, wait);
      // A deferred BEGIN takes its snapshot with the first read; readers expect it to be that of the call.
      else held.connection.exec('BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1');
      if (mode === 'write' || !this.#single) return held;
      // The one connection of :memory: serves reads too; it must refuse writes meanwhile, as readers do.
      held.connection.exec('PRAGMA query_only = 1');
      return {
        connection: held.connection,
        release: () => {
          if (!this.#closing) held.connection.exec('PRAGMA query_only = 0');
          held.release();
        },
      };
    } catch (error) {
      held.release();
      throw error;
    }
  }

  async runAlone(statement: Statement, wait: WaitOptions): Promise<StatementResult> {
    const { sql, args, kind, firstOnly } = statement;
    const mode = kind === 'read' || kind === 'explain' ? 'read' : 'write';
    // A local connection answers at once.
    const run = (connection: Connection): StatementResult =>
      observed(this.#events, { sql, mode, transactionId: null }, () =>
        connection.run(sql, args, firstOnly),
      ) as StatementResult;
    if (kind === 'read') return this.#readOnce(run, wait);
    if (kind === 'explain') return this.#readApart(run, wait);
    const held = await this.#holdWriter(wait);
    const { connection } = held;
    try {
      if (kind === 'database') return run(connection);
      await this.#beginImmediate(connection, wait);
      const result = run(connection);
      connection.exec('COMMIT');
      return result;
    } finally {
      // Also after an error: release rolls back what is still open.
      held.release();
    }
  }

  async lease(
    mode: 'read' | 'write',
    wait: WaitOptions,
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }> {
    const held = mode === 'write' ? await this.#holdWriter(wait) : await this.#holdReader(wait);
    return leaseClient({ ...held, begin: this.#beginner(held.connection, wait) }, mode, wait);
  }

  /** Holds the writer, first come, first served. */
  async #holdWriter(wait: WaitOptions): Promise<Held<Connection>> {
    const release = await this.#acquire(this.#writerLock, 'write', wait);
    try {
      if (this.#writer.poisoned || this.#writer.disturbed) this.#replaceWriter();
    } catch (error) {
      this.#release(release);
      throw error;
    }
    return { connection: this.#writer, release: this.#endWrite(release) };
  }

  /** Holds a reader for a snapshot of several statements. */
  async #holdReader(wait: WaitOptions): Promise<Held<Connection>> {
    if (this.#single) return this.#holdWriter(wait);
    const release = await this.#acquire(this.#readerLock, 'read', wait);
    try {
      const connection = this.#idleReaders.pop() ?? (await this.#openReader(wait));
      return { connection, release: () => this.#endRead(connection, release) };
    } catch (error) {
      this.#release(release);
      throw error;
    }
  }

  /**
   * Runs one read on the shared reader at once. Reads meet BUSY only while another process opens, recovers or
   * closes the file; then the connection is replaced and the read is tried again.
   */
  async #readOnce<T>(read: (connection: Connection) => T, wait: WaitOptions): Promise<T> {
    if (this.#single) {
      const held = await this.#holdWriter(wait);
      try {
        return read(held.connection);
      } finally {
        held.release();
      }
    }
    while (this.#paused) await this.#paused;
    const attempt = (): T => {
      // The writer's page cache already holds what this process wrote; a read never stays open on it.
      if (this.#writerLock.held === 0 && !this.#writer.poisoned && !this.#writer.disturbed) return read(this.#writer);
      if (this.#sharedReader.poisoned) this.#replaceSharedReader();
      return read(this.#sharedReader);
    };
    try {
      return attempt();
    } catch (error) {
      if (!isDatabaseError(error) || error.type !== 'lock') throw error;
      return patiently(attempt, { ...wait, events: this.#events });
    }
  }

  /** Runs `use` on a connection of its own, closed afterwards. */
  async #readApart<T>(use: (connection: Connection) => T, wait: WaitOptions): Promise<T> {
    if (this.#single) return this.#readOnce(use, wait);
    const connection = new Connection(settingsOf(this.#target, this.#options, true));
    try {
      return use(connection);
    } finally {
      connection.close();
    }
  }

  /** Takes the write lock of the file, waiting for other processes without blocking the event loop. */
  async #beginImmediate(connection: Connection, wait: WaitOptions): Promise<void> {
    // By exec: BUSY from a prepared BEGIN would poison the connection.
    await patiently(() => connection.exec('BEGIN IMMEDIATE'), { ...wait, events: this.#events });
  }

  /** Ends every wait with `error` and refuses new ones. */
  refuse(error: DatabaseError): void {
    this.#closing = true;
    this.#writerLock.rejectAll(error);
    this.#readerLock.rejectAll(error);
  }

  /**
   * Runs `work` while nothing else uses the database through this pool. With `closed` every connection is closed
   * meanwhile, so that the file may be moved, and opened anew afterwards.
   */
  async exclusively<T>(
    work: (writer: Connection | undefined) => Promise<T>,
    wait: WaitOptions & { closed: boolean },
  ): Promise<T> {
    const locks = [this.#writerLock, ...Array.from({ length: this.#options.readers }, () => this.#readerLock)];
    const releases: Release[] = [];
    let resume = (): void => undefined;
    this.#paused = new Promise((resolve) => {
      resume = resolve;
    });
    try {
      for (const lock of locks) releases.push(await lock.acquire(wait));
      if (!wait.closed || this.#single) {
        if (this.#writer.poisoned) this.#replaceWriter();
        return await work(this.#writer);
      }
      this.#closeConnections();
      try {
        return await work(undefined);
      } finally {
        await this.#reopen(wait);
      }
    } finally {
      this.#paused = undefined;
      resume();
      for (const release of releases) this.#release(release);
    }
  }

  #closeConnections(): void {
    for (const connection of [this.#writer, this.#sharedReader, ...this.#idleReaders.splice(0)]) {
      connection.rollbackIfOpen();
      connection.close();
    }
    this.#readersOpen = 0;
  }

  async #reopen(wait: WaitOptions): Promise<void> {
    const patience = { ...wait, events: this.#events };
    this.#writer = await patiently(() => new Connection(settingsOf(this.#target, this.#options, false)), patience);
    this.#sharedReader = await patiently(() => new Connection(settingsOf(this.#target, this.#options, true)), patience);
    this.#countReplaced('write');
    this.#countReplaced('read');
  }

  /** Resolves when no connection is held. */
  drained(): Promise<void> {
    if (!this.#held) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Closes every connection that is not held; held readers close when they are released. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#writer.rollbackIfOpen();
    if (this.#target.kind === 'local' && !this.#target.readOnly) checkpoint(this.#writer);
    this.#writer.close();
    this.#sharedReader.close();
    for (const reader of this.#idleReaders.splice(0)) reader.close();
  }

  /** One connection serves everything: reads wait for the open transaction too. */
  get #single(): boolean {
    return this.#target.kind === 'memory';
  }

  async #hold(operation: string): Promise<LocalHold> {
    const wait = { operation, timeoutMs: this.#options.acquireTimeoutMs, signal: undefined };
    const held = await this.#holdWriter(wait);
    return { ...held, begin: this.#beginner(held.connection, wait) };
  }

  #beginner(connection: Connection, wait: WaitOptions): LocalHold['begin'] {
    return async (mode) => {
      if (mode === 'read') connection.exec('BEGIN');
      else await this.#beginImmediate(connection, wait);
    };
  }

  get #held(): boolean {
    return this.#writerLock.held + this.#readerLock.held > 0;
  }

  #release(release: Release): void {
    release();
    if (!this.#held) this.#onDrained?.();
  }

  async #acquire(lock: FifoLock, mode: 'read' | 'write', wait: WaitOptions): Promise<Release> {
    const free = wait.signal?.aborted ? undefined : lock.tryAcquire();
    if (free) return free;
    const started = performance.now();
    const release = await lock.acquire(wait);
    if (this.#events.active) {
      this.#events.emit({ type: 'pool', action: 'wait', mode, durationMs: performance.now() - started });
    }
    return release;
  }

  #endWrite(release: Release): () => void {
    return () => {
      // Whoever held it may have left a transaction open; the next holder must not inherit it.
      this.#writer.rollbackIfOpen();
      if (this.#single) this.#writer.restoreSettings();
      if (this.#writer.takeSchemaChange()) this.#forgetStatements();
      this.#release(release);
    };
  }

  /** The schema changed: what the readers prepared may have stale column names. */
  #forgetStatements(): void {
    this.#sharedReader.forgetStatements();
    for (const reader of this.#idleReaders) reader.forgetStatements();
  }

  #endRead(connection: Connection, release: Release): void {
    connection.rollbackIfOpen();
    if (connection.poisoned || connection.disturbed || this.#closing) {
      this.#readersOpen -= 1;
      connection.close();
      if (!this.#closing) this.#countReplaced('read');
    } else if (!this.#idleReaders.includes(connection)) {
      this.#idleReaders.push(connection);
    }
    this.#release(release);
  }

  async #openReader(wait: WaitOptions): Promise<Connection> {
    const open = (): Connection => new Connection(settingsOf(this.#target, this.#options, true));
    const reader = await patiently(open, { ...wait, events: this.#events });
    this.#readersOpen += 1;
    return reader;
  }

  #replaceWriter(): void {
    this.#writer.rollbackIfOpen();
    // A new :memory: connection would be an empty database; its one connection can meet no other process's lock.
    if (this.#single) return;
    this.#writer.close();
    this.#writer = new Connection(settingsOf(this.#target, this.#options, false));
    this.#countReplaced('write');
  }

  #replaceSharedReader(): void {
    this.#sharedReader.close();
    this.#sharedReader = new Connection(settingsOf(this.#target, this.#options, true));
    this.#countReplaced('read');
  }

  #countReplaced(mode: 'read' | 'write'): void {
    this.#replaced += 1;
    this.#events.emit({ type: 'pool', action: 'replace', mode, durationMs: 0 });
  }
}

function settingsOf(target: LocalTarget, options: ResolvedOptions, readOnly: boolean): ConnectionSettings {
  const { pragmas, encryptionKey, statementCacheSize } = options;
  const writable = target.kind === 'memory' || !target.readOnly;
  return { path: target.path, pragmas, encryptionKey, statementCacheSize, readOnly: readOnly || !writable };
}

/** Folds the write-ahead log into the file so that a closed library is one file. Failure only leaves the log behind. */
function checkpoint(connection: Connection): void {
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process may hold the file; the log is complete without this.
  }
}
