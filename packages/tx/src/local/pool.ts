// The connections of one local database: one writer, one shared reader for single reads, and readers for snapshots.
// Decides who may use which connection when; knows nothing of contexts, savepoints or drizzle.
import { setImmediate as later } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import {
  type ConnectionSource,
  type DetachedClient,
  type Held,
  isPromise,
  type Statement,
  type StatementResult,
} from '../connection-source.js';
import type { DatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { FifoLock, type Release, type WaitOptions } from '../fifo-lock.js';
import { observed } from '../observe.js';
import type { ResolvedOptions } from '../options.js';
import type { LocalTarget } from '../target.js';
import type { Capabilities, LeasedClient, PoolStats } from '../types.js';
import { closedFiles } from './closed-files.js';
import { Connection, type ConnectionSettings } from './connection.js';
import { sharedFileSystem, storageEvent } from './file-system.js';
import { detachedOn, type LocalHold, leaseClient } from './local-client.js';
import { beginImmediate, beginSnapshot, commit, isLock, readInside, usesLog } from './locking.js';
import { type Patience, patiently } from './patience.js';
import { type ReadOnlyFile, readingPragmas } from './read-only-file.js';

// A loop of reads would starve timers and sockets, and the driver frees what rows took (1 KB a read) only between turns.
const readsPerTurn = 512;

/** The connections of one database. */
export class Pool implements ConnectionSource {
  readonly capabilities: Capabilities;
  readonly detached: DetachedClient;
  readonly #target: LocalTarget;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #writerLock = new FifoLock();
  readonly #readerLock: FifoLock;
  /** Readers and writers do not wait for each other. */
  readonly #log: boolean;
  readonly #idleReaders: Connection[] = [];
  #writer: Connection;
  #sharedReader: Connection;
  #reads = 0;
  #readersOpen = 0;
  #replaced = 0;
  #closing = false;
  #paused: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  private constructor(
    target: LocalTarget,
    options: ResolvedOptions,
    events: Events,
    { writer, reader, log }: { readonly writer: Connection; readonly reader: Connection; readonly log: boolean },
  ) {
    this.#target = target;
    this.#options = options;
    this.#events = events;
    this.#readerLock = new FifoLock(options.readers);
    this.#writer = writer;
    this.#sharedReader = reader;
    this.#log = log;
    this.detached = detachedOn((operation) => this.#hold(operation));
    this.capabilities = Object.freeze({
      target: target.kind,
      readOnly: target.kind === 'local' && target.file !== undefined,
      concurrentReads: target.kind !== 'memory' && log,
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
    await closedFiles.makeRoom();
    const writer = await patiently(() => new Connection(settingsOf(target, options, false)), wait);
    // A second connection to :memory: would be a second database.
    if (target.kind === 'memory') return new Pool(target, options, events, { writer, reader: writer, log: true });
    try {
      const reader = await patiently(() => new Connection(settingsOf(target, options, true)), wait);
      // Met by a lock it would have to be replaced, so it is asked inside a transaction.
      const log = await patiently(() => readInside(writer, usesLog), wait);
      const fileSystem = sharedFileSystem(target.path);
      // Whoever opens it can only listen afterwards.
      if (fileSystem !== null) {
        later(() => events.emit(storageEvent(fileSystem, log ? 'wal' : 'rollback')));
      }
      return new Pool(target, options, events, { writer, reader, log });
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
      const { connection } = held;
      const patience = this.#patience(wait);
      if (mode === 'write') await beginImmediate(connection, patience);
      else await beginSnapshot(connection, patience);
      const committed = { ...held, commit: () => commit(connection, patience) };
      if (mode === 'write' || !this.#single) return committed;
      // The one connection of :memory: serves reads too; it must refuse writes meanwhile, as readers do.
      held.connection.exec('PRAGMA query_only = 1');
      return {
        ...committed,
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
    if (mode === 'read') {
      const result = await this.#readOnce(run, wait, kind === 'explain' || !this.#log);
      this.#reads += 1;
      if (this.#reads % readsPerTurn === 0) await setImmediate();
      return result;
    }
    const held = await this.#holdWriter(wait);
    const { connection } = held;
    try {
      if (kind === 'session') return await this.#runSession(run, wait);
      const patience = this.#patience(wait);
      await beginImmediate(connection, patience);
      const result = run(connection);
      const committing = commit(connection, patience);
      if (isPromise(committing)) await committing;
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
    return leaseClient(this.#local(held, wait), mode);
  }

  /** Holds the writer, first come, first served. */
  async #holdWriter(wait: WaitOptions): Promise<Held<Connection>> {
    const release = await this.#acquire(this.#writerLock, 'write', wait);
    try {
      if (this.#writer.poisoned) {
        await closedFiles.makeRoom();
        this.#replaceWriter();
      }
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
      this.#lookAtFile();
      const connection = this.#idleReaders.pop() ?? (await this.#openReader(wait));
      return { connection, release: () => this.#endRead(connection, release) };
    } catch (error) {
      this.#release(release);
      throw error;
    }
  }

  /**
   * Runs one read on the shared reader at once. Reads meet BUSY only while another process opens, recovers or
   * closes the file, or commits with a rollback journal; without `inside` the connection is replaced then.
   */
  async #readOnce<T>(read: (connection: Connection) => T, wait: WaitOptions, inside: boolean): Promise<T> {
    const readOn = inside ? (connection: Connection): T => readInside(connection, read) : read;
    if (this.#single) {
      const held = await this.#holdWriter(wait);
      try {
        return readOn(held.connection);
      } finally {
        held.release();
      }
    }
    while (this.#paused) await this.#paused;
    const once = (): T => {
      this.#lookAtFile();
      // The writer's page cache already holds what this process wrote; a read never stays open on it.
      if (this.#writerLock.held === 0 && !this.#writer.poisoned) return readOn(this.#writer);
      if (this.#sharedReader.poisoned) this.#replaceSharedReader();
      return readOn(this.#sharedReader);
    };
    const attempt = (): T => {
      const result = once();
      // Whoever came meanwhile may have written what was being read.
      return this.#file?.changed ? once() : result;
    };
    try {
      return attempt();
    } catch (error) {
      if (!isLock(error)) throw error;
      await closedFiles.makeRoom();
      return patiently(attempt, this.#patience(wait));
    }
  }

  /** A file that is read without locks, because nobody had it open, is opened anew when somebody has written to it. */
  #lookAtFile(): void {
    if (!this.#file?.changed) return;
    this.#file.choose();
    for (const reader of this.#idleReaders.splice(0)) {
      this.#readersOpen -= 1;
      reader.close();
    }
    this.#replaceSharedReader();
    if (this.#writerLock.held === 0) this.#replaceWriter();
  }

  /** Runs a statement that takes no transaction, on the held writer. The lock of others costs it its connection. */
  async #runSession<T>(run: (writer: Connection) => T, wait: WaitOptions): Promise<T> {
    return patiently(() => {
      if (this.#writer.poisoned) this.#replaceWriter();
      return run(this.#writer);
    }, this.#patience(wait));
  }

  #patience(wait: WaitOptions): Patience {
    return { ...wait, events: this.#events };
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
      await closedFiles.release();
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
    const patience = this.#patience(wait);
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
    await closedFiles.makeRoom();
  }

  get #file(): ReadOnlyFile | undefined {
    return this.#target.kind === 'local' ? this.#target.file : undefined;
  }

  /** One connection serves everything: reads wait for the open transaction too. */
  get #single(): boolean {
    return this.#target.kind === 'memory';
  }

  async #hold(operation: string): Promise<LocalHold> {
    const wait = { operation, timeoutMs: this.#options.acquireTimeoutMs, signal: undefined };
    return this.#local(await this.#holdWriter(wait), wait);
  }

  #local(held: Held<Connection>, wait: WaitOptions): LocalHold {
    const { connection } = held;
    const patience = this.#patience(wait);
    return {
      ...held,
      begin: (mode) => (mode === 'read' ? beginSnapshot(connection, patience) : beginImmediate(connection, patience)),
      commit: () => commit(connection, patience),
      read: (run) => (this.#log ? run(connection) : patiently(() => readInside(connection, run), patience)),
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
    if (connection.poisoned || this.#closing) {
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
    await closedFiles.makeRoom();
    const reader = await patiently(open, this.#patience(wait));
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
  const { encryptionKey, statementCacheSize } = options;
  const file = target.kind === 'local' ? target.file : undefined;
  return {
    path: file?.address ?? target.path,
    pragmas: file ? readingPragmas(options.pragmas) : options.pragmas,
    encryptionKey,
    statementCacheSize,
    readOnly: readOnly || (target.kind === 'local' && target.readOnly === true),
  };
}

/** Folds the write-ahead log into the file so that a closed library is one file. Failure only leaves the log behind. */
function checkpoint(connection: Connection): void {
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process may hold the file; the log is complete without this.
  }
}
