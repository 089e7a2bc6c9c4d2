// Decides who may use which connection of one local database when; connections.ts opens them. Knows nothing of contexts,
// savepoints or drizzle. Long, because who waits for whom is one set of rules.
import { performance } from 'node:perf_hooks';
import type { ConnectionSource, DetachedClient, Held, Statement, StatementResult } from '../../connection-source.js';
import { type DatabaseError, toDatabaseError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { ResolvedOptions } from '../../options.js';
import type { Capabilities, LeasedClient, PoolStats } from '../../types.js';
import { type Awaitable, isPromise } from '../../waiting/awaitable.js';
import { FifoLock, type Release, type WaitOptions } from '../../waiting/fifo-lock.js';
import { LockMet, type Patience, patiently } from '../../waiting/patience.js';
import { giveTurn, nextTurn } from '../../waiting/turns.js';
import { observed } from '../observe.js';
import type { LocalTarget } from '../target.js';
import { closedFiles } from './closed-files.js';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { LocalChanges } from './local-changes.js';
import { detachedOn, leaseClient } from './local-client.js';
import type { LocalHold } from './local-hold.js';
import { asSoonAsFree, beginImmediate, beginSnapshot, commit, isLock, readInside } from './locking.js';

/** The connections of one database. */
export class Pool implements ConnectionSource {
  readonly capabilities: Capabilities;
  readonly changes: LocalChanges;
  readonly detached: DetachedClient;
  readonly #connections: Connections;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #writerLock = new FifoLock();
  readonly #readerLock: FifoLock;
  #closing = false;
  #paused: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;

  private constructor(target: LocalTarget, options: ResolvedOptions, events: Events, connections: Connections) {
    this.#options = options;
    this.#events = events;
    this.#readerLock = new FifoLock(options.readers);
    this.#connections = connections;
    this.changes = new LocalChanges(connections, () => this.#writerLock.held === 0);
    this.detached = detachedOn((operation, mode) => this.#hold(operation, mode), this.changes.database);
    this.capabilities = Object.freeze({
      target: target.kind,
      readOnly: connections.file !== undefined,
      concurrentReads: target.kind !== 'memory' && connections.log,
      concurrentWrites: false,
      transactionalDdl: true,
      writeLimitMs: Number.POSITIVE_INFINITY,
      sessionStatements: true,
      offload: target.kind !== 'memory',
      backup: 'vacuum',
      sync: false,
      encrypted: options.encryptionKey !== undefined,
    });
  }

  /** Opens the writer and the shared reader, waiting for other processes that are opening or recovering the file. */
  static async open(target: LocalTarget, options: ResolvedOptions, events: Events): Promise<Pool> {
    return new Pool(target, options, events, await Connections.open(target, options, events));
  }

  stats(): Omit<PoolStats, 'openTransactions'> {
    return {
      writerBusy: this.#writerLock.held > 0,
      writersWaiting: this.#writerLock.waiting,
      readersOpen: this.#connections.readersOpen,
      readersBusy: this.#readerLock.held,
      readersWaiting: this.#readerLock.waiting,
      connectionsReplaced: this.#connections.replaced,
    };
  }

  /** What meets no lock costs no promise. */
  begin(mode: 'read' | 'write', wait: WaitOptions): Awaitable<Held> {
    const holding = mode === 'write' ? this.#holdWriter(wait) : this.#holdReader(wait);
    return isPromise(holding) || mode === 'read' ? this.#beginOn(holding, mode, wait) : this.#beginWrite(holding, wait);
  }

  #beginWrite(held: Held<Connection>, wait: WaitOptions): Awaitable<Held> {
    const { connection, release } = held;
    const patience = this.#patience(wait);
    const begun = { connection, release, commit: () => commit(connection, patience) };
    const failed = (error: unknown): never => {
      release();
      throw error;
    };
    try {
      const beginning = beginImmediate(connection, patience);
      return isPromise(beginning) ? beginning.then(() => begun, failed) : begun;
    } catch (error) {
      return failed(error);
    }
  }

  async #beginOn(holding: Awaitable<Held<Connection>>, mode: 'read' | 'write', wait: WaitOptions): Promise<Held> {
    const held = await holding;
    if (mode === 'write') return this.#beginWrite(held, wait);
    try {
      const { connection } = held;
      const patience = this.#patience(wait);
      const beginning = beginSnapshot(connection, patience);
      if (isPromise(beginning)) await beginning;
      const committed = { connection, release: held.release, commit: () => commit(connection, patience) };
      if (!this.#single) return committed;
      // The one connection of :memory: serves reads too; it must refuse writes meanwhile, as readers do.
      held.connection.exec('PRAGMA query_only = 1');
      return {
        ...committed,
        release: () => {
          try {
            if (!this.#closing) held.connection.exec('PRAGMA query_only = 0');
          } finally {
            held.release();
          }
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
    if (mode === 'read') return this.#readOnce(run, wait, kind === 'explain' || !this.#connections.log);
    const holding = this.#holdWriter(wait);
    const held = isPromise(holding) ? await holding : holding;
    const { connection } = held;
    try {
      if (nextTurn(performance.now())) await giveTurn();
      if (kind === 'database') return await this.#runSession(run, wait);
      const patience = this.#patience(wait);
      const beginning = beginImmediate(connection, patience);
      if (isPromise(beginning)) await beginning;
      const result = run(connection);
      const committing = commit(connection, patience);
      if (isPromise(committing)) await committing;
      // Nothing may come between COMMIT and this: caches drop what they have of the rows.
      for (const error of this.changes.committed(result.rowsAffected))
        this.#events.emit({ type: 'hook_error', hook: 'committed', transactionId: null, error });
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
    const { database } = this.changes;
    return leaseClient(this.#local(held, wait), mode, { ...wait, database, owner: this.#events });
  }

  /** Holds the writer, first come, first served. */
  #holdWriter(wait: WaitOptions): Awaitable<Held<Connection>> {
    const free = this.#takeFree(this.#writerLock, wait);
    // Nothing to wait for and nothing to mend: no promise.
    return free && this.#connections.writerIsSound ? this.#writing(free, wait) : this.#mendAndHold(free, wait);
  }

  async #mendAndHold(free: Release | undefined, wait: WaitOptions): Promise<Held<Connection>> {
    const release = free ?? (await this.#acquire(this.#writerLock, 'write', wait));
    try {
      if (!this.#connections.writerIsSound) await closedFiles.makeRoom();
      this.#connections.mendWriter();
    } catch (error) {
      this.#release(release);
      throw error;
    }
    return this.#writing(release, wait);
  }

  #writing(release: Release, { operation }: WaitOptions): Held<Connection> {
    try {
      this.#connections.assertPlace(operation);
    } catch (error) {
      this.#release(release);
      throw error;
    }
    return { connection: this.#connections.writer, release: this.#endWrite(release) };
  }

  /** Holds a reader for a snapshot of several statements. */
  async #holdReader(wait: WaitOptions): Promise<Held<Connection>> {
    if (this.#single) return this.#holdWriter(wait);
    const release = await this.#acquire(this.#readerLock, 'read', wait);
    try {
      this.#connections.lookAtFile(this.#writerLock.held === 0);
      const connection = await this.#connections.takeReader(this.#patience(wait));
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
    const connections = this.#connections;
    const once = (): T => {
      const writerIsFree = this.#writerLock.held === 0;
      connections.lookAtFile(writerIsFree);
      // The writer's page cache already holds what this process wrote; a read never stays open on it.
      return readOn(writerIsFree && connections.writerIsSound ? connections.writer : connections.sharedReader);
    };
    const attempt = (): T => {
      const result = once();
      // Whoever came meanwhile may have written what was being read.
      return connections.file?.changed ? once() : result;
    };
    try {
      return attempt();
    } catch (error) {
      if (!isLock(error)) throw error;
      await closedFiles.makeRoom();
      // A repair that has come meanwhile has closed the connections for as long as it works.
      const whenOpen = (): T | LockMet =>
        this.#paused ? new LockMet(() => toDatabaseError(error, wait.operation)) : attempt();
      return patiently(whenOpen, this.#patience(wait));
    }
  }

  /** Runs a statement that takes no transaction, on the held writer. The lock of others costs it its connection. */
  async #runSession<T>(run: (writer: Connection) => T, wait: WaitOptions): Promise<T> {
    return patiently(() => {
      this.#connections.mendWriter();
      return run(this.#connections.writer);
    }, this.#patience(wait));
  }

  #patience({ timeoutMs, signal, operation }: WaitOptions): Patience {
    return { timeoutMs, signal, operation, events: this.#events };
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
    try {
      for (const lock of locks) releases.push(await lock.acquire(wait));
      // Not before: another one may have the database until here, whose end would let reads in.
      this.#paused = new Promise((resolve) => {
        resume = () => {
          this.#paused = undefined;
          resolve();
        };
      });
      if (!wait.closed || this.#single) {
        this.#connections.mendWriter();
        return await work(this.#connections.writer);
      }
      await this.#connections.closeAll();
      try {
        return await work(undefined);
      } finally {
        await this.#connections.reopen(this.#patience(wait));
      }
    } finally {
      resume();
      for (const release of releases) this.#release(release);
    }
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) when the file that is open does not lie at its path any more */
  assertPlace(operation: string): void {
    this.#connections.assertPlaceNow(operation);
  }

  /** Connections that can be asked in this turn of the event loop. Null where they cannot read without meeting a lock. */
  quiet(to: 'read' | 'settings'): readonly Connection[] | null {
    if (to === 'read' && !this.#connections.log && !this.#single) return null;
    return this.#closing || this.#paused !== undefined ? [] : this.#connections.quiet;
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
    this.#connections.fold();
    await this.changes.settle();
    // In one step with the end of the connections: a caller who did not end in time may still write.
    const tell = this.changes.seal();
    await this.#connections.close();
    tell();
  }

  /** One connection serves everything: reads wait for the open transaction too. */
  get #single(): boolean {
    return this.#connections.single;
  }

  async #hold(operation: string, mode: 'read' | 'write'): Promise<LocalHold> {
    const wait = { operation, timeoutMs: this.#options.acquireTimeoutMs, signal: undefined };
    return this.#local(await (mode === 'read' ? this.#holdReader(wait) : this.#holdWriter(wait)), wait);
  }

  #local(held: Held<Connection>, wait: WaitOptions): LocalHold {
    const { connection } = held;
    const patience = this.#patience(wait);
    return {
      ...held,
      begin: async (mode) =>
        mode === 'read' ? beginSnapshot(connection, patience) : beginImmediate(connection, patience),
      commit: () => commit(connection, patience),
      patient: (run) => asSoonAsFree(connection, run, { log: this.#connections.log, patience }),
      read: (run) => (this.#connections.log ? run(connection) : patiently(() => readInside(connection, run), patience)),
    };
  }

  get #held(): boolean {
    return this.#writerLock.held + this.#readerLock.held > 0;
  }

  #release(release: Release): void {
    release();
    if (!this.#held) this.#onDrained?.();
  }

  #takeFree(lock: FifoLock, wait: WaitOptions): Release | undefined {
    return wait.signal?.aborted ? undefined : lock.tryAcquire();
  }

  async #acquire(lock: FifoLock, mode: 'read' | 'write', wait: WaitOptions): Promise<Release> {
    const free = this.#takeFree(lock, wait);
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
      const { writer } = this.#connections;
      try {
        writer.rollbackIfOpen();
        if (this.#single) writer.restoreSettings();
        if (writer.takeSchemaChange()) this.#connections.forgetStatements();
      } finally {
        this.#release(release);
      }
    };
  }

  #endRead(connection: Connection, release: Release): void {
    try {
      this.#connections.giveBack(connection, this.#closing);
    } finally {
      this.#release(release);
    }
  }
}
