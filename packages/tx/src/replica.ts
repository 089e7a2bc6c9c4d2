// Connections of an embedded replica: reads from the local file, writes to the server, and a thread that fetches.
// A write is readable here as soon as its transaction() has resolved; other writers' rows come with the next sync.
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { TransactionMode } from '@libsql/client';
import type { ConnectionSource, DetachedClient, Held, Statement, StatementResult } from './connection-source.js';
import { DatabaseError, toDatabaseError } from './errors.js';
import type { Events } from './events.js';
import type { WaitOptions } from './fifo-lock.js';
import { Pool } from './local/pool.js';
import type { ResolvedOptions } from './options.js';
import { RemoteSource } from './remote/remote.js';
import type { ReplicaTarget } from './target.js';
import type { Capabilities, LeasedClient, PoolStats } from './types.js';

/** The connections of one replica. */
export class ReplicaSource implements ConnectionSource {
  readonly capabilities: Capabilities = Object.freeze({
    target: 'replica',
    concurrentReads: true,
    concurrentWrites: false,
    transactionalDdl: true,
    writeLimitMs: 5_000,
    sessionStatements: false,
    offload: true,
    backup: 'vacuum',
    sync: true,
  });
  readonly detached: DetachedClient;
  readonly pipelines = true;
  readonly #reads: Pool;
  readonly #server: RemoteSource;
  readonly #follower: Follower;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(reads: Pool, server: RemoteSource, follower: Follower, syncIntervalMs: number) {
    this.#reads = reads;
    this.#server = server;
    this.#follower = follower;
    this.detached = {
      migrate: (statements, onStatement) => this.#write((remote) => remote.detached.migrate(statements, onStatement)),
      executeMultiple: (sql) => this.#write((remote) => remote.detached.executeMultiple(sql)),
      // Its owner ends it, so its rows are here after the next sync().
      transaction: async (mode: TransactionMode = 'write') => server.detached.transaction(mode),
    };
    if (Number.isFinite(syncIntervalMs)) {
      // A server that is away now is asked again at the next tick; reads go on meanwhile.
      this.#timer = setInterval(() => void follower.sync().catch(() => undefined), syncIntervalMs).unref();
    }
  }

  /**
   * Fetches the server's state and opens the file. A server that is away is no obstacle once the file exists.
   *
   * @throws DatabaseError `connection` or `auth` when there is neither a server nor a file from before
   */
  static async open(target: ReplicaTarget, options: ResolvedOptions, events: Events): Promise<ReplicaSource> {
    const follower = new Follower(target, options, events);
    try {
      await follower.sync().catch((error: unknown) => {
        if (!existsSync(target.path)) throw error;
      });
      const { journal_mode: _, ...pragmas } = options.pragmas;
      const reads = await Pool.open(
        { kind: 'local', path: target.path, url: target.url, readOnly: true },
        { ...options, pragmas },
        events,
      );
      // Not asked whether it answers: a replica also starts while its server is away.
      const server = RemoteSource.create(target.server, options, events);
      return new ReplicaSource(reads, server, follower, options.syncIntervalMs);
    } catch (error) {
      await follower.close();
      throw error;
    }
  }

  stats(): Omit<PoolStats, 'openTransactions'> {
    const { writerBusy, writersWaiting } = this.#server.stats();
    return { ...this.#reads.stats(), writerBusy, writersWaiting };
  }

  async begin(mode: 'read' | 'write', wait: WaitOptions): Promise<Held> {
    return mode === 'read' ? this.#reads.begin('read', wait) : this.#server.begin('write', wait);
  }

  /** The write stands whatever happens here: without the server the rows come with a later sync. Failures are events. */
  async committed(): Promise<void> {
    await this.#follower.sync().catch(() => undefined);
  }

  async runAlone(statement: Statement, wait: WaitOptions): Promise<StatementResult> {
    if (statement.kind === 'read' || statement.kind === 'explain') return this.#reads.runAlone(statement, wait);
    return this.#write((remote) => remote.runAlone(statement, wait));
  }

  async lease(
    mode: 'read' | 'write',
    wait: WaitOptions,
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }> {
    if (mode === 'read') return this.#reads.lease('read', wait);
    const { client, release } = await this.#server.lease('write', wait, () => this.committed());
    return {
      client,
      release: () => {
        release();
        void this.committed();
      },
    };
  }

  sync(): Promise<void> {
    return this.#follower.sync();
  }

  async drained(): Promise<void> {
    await Promise.all([this.#reads.drained(), this.#server.drained()]);
  }

  refuse(error: DatabaseError): void {
    this.#reads.refuse(error);
    this.#server.refuse(error);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reads.close();
    await this.#server.close();
    await this.#follower.close();
  }

  async #write<T>(work: (remote: RemoteSource) => Promise<T>): Promise<T> {
    const result = await work(this.#server);
    await this.committed();
    return result;
  }
}

/** The thread that fetches. One sync runs at a time; calls that come meanwhile share the next one. */
class Follower {
  readonly #worker: Worker;
  readonly #events: Events;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(target: ReplicaTarget, options: ResolvedOptions, events: Events) {
    this.#events = events;
    const { authToken, encryptionKey } = options;
    const syncUrl = target.server.address;
    this.#worker = new Worker(new URL('./replica-worker.js', import.meta.url), {
      workerData: {
        path: target.path,
        syncUrl,
        ...(authToken !== undefined && { authToken }),
        ...(encryptionKey !== undefined && { encryptionKey }),
      },
    });
    this.#worker.unref();
  }

  /** Resolves when everything that the server had at the time of the call is in the file. */
  sync(): Promise<void> {
    if (!this.#running) return this.#start();
    // What is running may have begun before the caller's write.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #start(): Promise<void> {
    const running = new Promise<void>((resolve, reject) => {
      const started = performance.now();
      const settle = (error: DatabaseError | null): void => {
        this.#worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        this.#running = undefined;
        this.#events.emit({ type: 'sync', durationMs: performance.now() - started, error });
        if (error) reject(error);
        else resolve();
      };
      const onMessage = ({ error }: { error: string | null }): void =>
        settle(error === null ? null : toDatabaseError(new Error(error), 'sync'));
      const onError = (error: unknown): void => settle(toDatabaseError(error, 'sync'));
      const onExit = (): void =>
        settle(new DatabaseError('The replica is closed', { type: 'closed', code: 'CLOSED', operation: 'sync' }));
      this.#worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      this.#worker.postMessage('sync');
    });
    this.#running = running;
    return running;
  }
}
