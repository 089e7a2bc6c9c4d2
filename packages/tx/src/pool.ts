// The connections of one local database: one writer, one shared reader for single reads, and readers for snapshots.
// Decides who may use which connection when; knows nothing of contexts, savepoints or drizzle.
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type ConnectionSettings } from './connection.js';
import { type DatabaseError, isDatabaseError } from './errors.js';
import type { Events } from './events.js';
import { abortedError, FifoLock, type Release, type WaitOptions } from './fifo-lock.js';
import type { ResolvedOptions } from './options.js';
import { retryDelayMs } from './retry.js';
import type { Target } from './target.js';

/** A connection that nobody else uses until `release`. */
export interface Held {
  readonly connection: Connection;
  release(): void;
}

/** The connections of one database. */
export class Pool {
  readonly #target: Target;
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
  #onDrained: (() => void) | undefined;

  private constructor(
    target: Target,
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
  }

  /** Opens the writer and the shared reader, waiting for other processes that are opening or recovering the file. */
  static async open(target: Target, options: ResolvedOptions, events: Events): Promise<Pool> {
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

  /** One connection serves everything: reads wait for the open transaction too. */
  get single(): boolean {
    return this.#target.kind === 'memory';
  }

  get stats(): {
    writerBusy: boolean;
    writersWaiting: number;
    readersOpen: number;
    readersBusy: number;
    readersWaiting: number;
    connectionsReplaced: number;
  } {
    return {
      writerBusy: this.#writerLock.held > 0,
      writersWaiting: this.#writerLock.waiting,
      readersOpen: this.#readersOpen + (this.single ? 0 : 1),
      readersBusy: this.#readerLock.held,
      readersWaiting: this.#readerLock.waiting,
      connectionsReplaced: this.#replaced,
    };
  }

  /** Holds the writer, first come, first served. */
  async writer(wait: WaitOptions): Promise<Held> {
    const release = await this.#acquire(this.#writerLock, 'write', wait);
    try {
      if (this.#writer.poisoned) this.#replaceWriter();
    } catch (error) {
      this.#release(release);
      throw error;
    }
    return { connection: this.#writer, release: this.#endWrite(release) };
  }

  /** Holds a reader for a snapshot of several statements. */
  async reader(wait: WaitOptions): Promise<Held> {
    if (this.single) return this.writer(wait);
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
  async readOnce<T>(read: (connection: Connection) => T, wait: WaitOptions): Promise<T> {
    if (this.single) {
      const held = await this.writer(wait);
      try {
        return read(held.connection);
      } finally {
        held.release();
      }
    }
    const attempt = (): T => {
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
  async once<T>(use: (connection: Connection) => T, wait: WaitOptions): Promise<T> {
    if (this.single) return this.readOnce(use, wait);
    const connection = new Connection(settingsOf(this.#target, this.#options, true));
    try {
      return use(connection);
    } finally {
      connection.close();
    }
  }

  /** Takes the write lock of the file, waiting for other processes without blocking the event loop. */
  async beginWrite(connection: Connection, wait: WaitOptions): Promise<void> {
    // By exec: BUSY from a prepared BEGIN would poison the connection.
    await patiently(() => connection.exec('BEGIN IMMEDIATE'), { ...wait, events: this.#events });
  }

  /** Ends every wait with `error` and refuses new ones. */
  refuse(error: DatabaseError): void {
    this.#closing = true;
    this.#writerLock.rejectAll(error);
    this.#readerLock.rejectAll(error);
  }

  /** Resolves when no connection is held. */
  drained(): Promise<void> {
    if (!this.#held) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  /** Closes every connection that is not held; held readers close when they are released. */
  close(): void {
    this.#closing = true;
    this.#writer.rollbackIfOpen();
    if (!this.single) checkpoint(this.#writer);
    this.#writer.close();
    this.#sharedReader.close();
    for (const reader of this.#idleReaders.splice(0)) reader.close();
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
    const reader = await patiently(open, { ...wait, events: this.#events });
    this.#readersOpen += 1;
    return reader;
  }

  #replaceWriter(): void {
    this.#writer.rollbackIfOpen();
    // A new :memory: connection would be an empty database; its one connection can meet no other process's lock.
    if (this.single) return;
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

function settingsOf(target: Target, options: ResolvedOptions, readOnly: boolean): ConnectionSettings {
  const { pragmas, encryptionKey, statementCacheSize } = options;
  return { path: target.path, pragmas, encryptionKey, statementCacheSize, readOnly };
}

/** Folds the write-ahead log into the file so that a closed library is one file. Failure only leaves the log behind. */
function checkpoint(connection: Connection): void {
  try {
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Another process may hold the file; the log is complete without this.
  }
}

/** Runs `attempt` until it no longer meets another connection's lock, pausing with jitter in between. */
async function patiently<T>(attempt: () => T, wait: WaitOptions & { readonly events: Events }): Promise<T> {
  const deadline = performance.now() + wait.timeoutMs;
  for (let tries = 1; ; tries += 1) {
    if (wait.signal?.aborted) throw abortedError(wait);
    try {
      return attempt();
    } catch (error) {
      if (!isDatabaseError(error) || error.type !== 'lock' || performance.now() >= deadline) throw error;
      const delayMs = retryDelayMs(tries, lockPauses);
      if (wait.events.active) wait.events.emit({ type: 'retry', attempt: tries, delayMs, error });
      await pause(Math.min(delayMs, Math.max(0, deadline - performance.now())), wait);
    }
  }
}

// Short, because the lock of another process is usually held for a few milliseconds.
const lockPauses = { baseDelayMs: 1, maxDelayMs: 25 };

async function pause(delayMs: number, wait: WaitOptions): Promise<void> {
  try {
    await sleep(delayMs, undefined, wait.signal ? { signal: wait.signal } : {});
  } catch {
    throw abortedError(wait);
  }
}
