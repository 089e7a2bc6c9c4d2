// Connections of an embedded replica: reads from the local file, writes to the server, and a process that fetches.
// A write is readable here as soon as its transaction() has resolved; other writers' rows come with the next sync.
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransactionMode } from '@libsql/client';
import type {
  ConnectionSource,
  DetachedClient,
  Held,
  SourceChanges,
  Statement,
  StatementResult,
} from '../../connection-source.js';
import { type DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import { Events } from '../../events.js';
import type { ResolvedOptions } from '../../options.js';
import type { Capabilities, LeasedClient, PoolStats } from '../../types.js';
import type { Awaitable } from '../../waiting/awaitable.js';
import { longestTimerMs, type WaitOptions } from '../../waiting/fifo-lock.js';
import { isRetryable, retryDelayMs } from '../../waiting/retry.js';
import { Pool } from '../local/pool.js';
import { readingPragmas } from '../local/read-only-file.js';
import { RemoteSource } from '../remote/remote.js';
import { heardOf } from '../remote/remote-result.js';
import type { ReplicaTarget } from '../target.js';
import { Follower } from './follower.js';

/** The connections of one replica. */
export class ReplicaSource implements ConnectionSource {
  readonly capabilities: Capabilities;
  readonly changes: SourceChanges;
  readonly detached: DetachedClient;
  readonly pipelines = true;
  readonly #reads: Pool;
  readonly #server: RemoteSource;
  readonly #follower: Follower;
  readonly #timer: NodeJS.Timeout | undefined;
  /** Whether the last fetch after an own write was given up. */
  #isBehind = false;

  private constructor(reads: Pool, server: RemoteSource, follower: Follower, syncIntervalMs: number) {
    this.#reads = reads;
    this.capabilities = Object.freeze({
      target: 'replica',
      readOnly: false,
      concurrentReads: true,
      concurrentWrites: false,
      transactionalDdl: true,
      writeLimitMs: 5_000,
      sessionStatements: false,
      offload: true,
      backup: 'vacuum',
      sync: true,
      encrypted: reads.capabilities.encrypted,
    });
    // Of what it reads: the file, which own writes reach by a fetch like those of others.
    this.changes = reads.changes;
    this.#server = server;
    this.#follower = follower;
    this.detached = {
      migrate: (statements, onStatement) => this.#write((remote) => remote.detached.migrate(statements, onStatement)),
      executeMultiple: (sql) => this.#write((remote) => remote.detached.executeMultiple(sql)),
      transaction: (mode: TransactionMode = 'write') => server.transaction(mode, () => this.committed()),
    };
    if (Number.isFinite(syncIntervalMs)) {
      // A server that is away now is asked again at the next tick; reads go on meanwhile.
      const fetch = (): void => void follower.sync().catch(() => undefined);
      this.#timer = setInterval(fetch, Math.min(syncIntervalMs, longestTimerMs)).unref();
    }
  }

  /**
   * Fetches the server's state and opens the file. A server that is away is no obstacle once the file exists.
   *
   * @throws DatabaseError `connection`, `auth` or `timeout` when there is neither a server nor a whole file from before
   */
  static async open(target: ReplicaTarget, options: ResolvedOptions, events: Events): Promise<ReplicaSource> {
    const { authToken, encryptionKey, acquireTimeoutMs, onSyncProgress } = options;
    const place = {
      ...{ path: target.path, syncUrl: target.server.address },
      ...(authToken !== undefined && { authToken }),
      ...(encryptionKey !== undefined && { encryptionKey }),
    };
    if (onSyncProgress) events.subscribe((event) => event.type === 'sync_progress' && onSyncProgress(event));
    const connect = () => RemoteSource.create(target.server, options, new Events());
    const follower = new Follower(place, acquireTimeoutMs, events, connect);
    try {
      await firstFetch(follower, target.path, acquireTimeoutMs);
      const pragmas = readingPragmas(options.pragmas);
      const reads = await Pool.open(
        { kind: 'local', path: target.path, url: target.url, readOnly: true },
        { ...options, pragmas },
        events,
      );
      // Not asked whether it answers: a replica also starts while its server is away.
      const server = RemoteSource.create(target.server, options, events, reads.changes);
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

  begin(mode: 'read' | 'write', wait: WaitOptions): Awaitable<Held> {
    return mode === 'read' ? this.#reads.begin('read', wait) : this.#server.begin('write', wait);
  }

  /**
   * The write stands whatever happens here: without the server the rows come with a later sync. Failures are events. A server
   * that packs its log takes writes and hands out none for seconds: it is asked again, but not by each write for as long.
   */
  async committed(): Promise<void> {
    const most = this.#isBehind ? 1 : packingAttempts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#follower.sync();
        this.#isBehind = false;
        return;
      } catch (error) {
        const isAnswered = isRetryable(error) && isDatabaseError(error) && error.code !== 'SERVER_UNREACHABLE';
        this.#isBehind = isAnswered && attempt >= most;
        if (!isAnswered || this.#isBehind) return;
      }
      await sleep(retryDelayMs(attempt, packingPauses));
    }
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

  #write<T>(work: (remote: RemoteSource) => Promise<T>): Promise<T> {
    return heardOf(
      () => this.committed(),
      () => work(this.#server),
    );
  }
}

/** About ten seconds: for a log of 200 MB, at which sqld packs it, a loaded machine took four. */
const packingAttempts = 40;
const packingPauses = { baseDelayMs: 20, maxDelayMs: 500 };

/** A file whose first fetch did not end is no state of the server: it is marked, and not opened before one has. */
async function firstFetch(follower: Follower, path: string, timeoutMs: number): Promise<void> {
  const mark = `${path}-incomplete`;
  const isWhole = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0 && !existsSync(mark);
  try {
    if (!isWhole) writeFileSync(mark, '');
  } catch {
    // What hinders it hinders the fetch, whose error says more.
  }
  try {
    await follower.sync({ timeoutMs, stalledMs: timeoutMs });
    if (!isWhole) rmSync(mark, { force: true });
  } catch (error) {
    // A file of another kind would be read as if it were the server's, and never fetched into.
    if (!isWhole || (isDatabaseError(error) && error.code === 'NOT_A_REPLICA')) throw error;
    // In the words that the driver has for it once the server is there.
    const unknown = new Error('Can not sync a database without a wal_index');
    if (!existsSync(`${path}-client_wal_index`)) throw toDatabaseError(unknown, 'sync');
  }
}
