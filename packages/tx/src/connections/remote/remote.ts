// Connections of a libSQL server (sqld, Turso) over HTTP or WebSocket, through @libsql/client. It has one writer for everybody and
// takes its lock away after 5 s when somebody waits, so this process sends one write transaction at a time, in order, and no more
// streams at once than it takes. Long, because each way there goes through the same queue, gate and limits.
import type { InStatement, ResultSet, Transaction, TransactionMode } from '@libsql/client';
import { noteRead } from '../../changes/loads.js';
import type {
  BatchStatement,
  ConnectionSource,
  DetachedClient,
  Held,
  OnStatement,
  SourceChanges,
  Statement,
  StatementResult,
} from '../../connection-source.js';
import { type ClientRoute, RoutedClient } from '../../drizzle/client.js';
import { doubtOf } from '../../errors/doubt.js';
import { type DatabaseError, isDatabaseError } from '../../errors.js';
import type { Events } from '../../events.js';
import type { ResolvedOptions } from '../../options.js';
import type { BoundArgs } from '../../statements/binding.js';
import { closedScript } from '../../statements/script.js';
import { statementKind } from '../../statements/statement-kind.js';
import type { Capabilities, LeasedClient, PoolStats } from '../../types.js';
import { pause } from '../../waiting/aborts.js';
import { answered } from '../../waiting/bounded.js';
import { FifoLock, type Release, type WaitOptions } from '../../waiting/fifo-lock.js';
import { isRetryable, retryDelayMs } from '../../waiting/retry.js';
import { observed } from '../observe.js';
import type { RemoteTarget } from '../target.js';
import { begun } from './begun.js';
import { type Connect, connectTo } from './connect.js';
import { firstAnswer } from './first-answer.js';
import { withKeyKind } from './key-kind.js';
import { givenBack, LeaseTransactions } from './lease-transactions.js';
import { QueuedTransaction } from './queued-transaction.js';
import { heldForReads, noSession, RemoteConnection } from './remote-connection.js';
import { migrateOnServer } from './remote-migration.js';
import { alone, argsOf, asDatabaseError, heardOf, script } from './remote-result.js';
import { withRowsKept } from './rows-kept.js';
import { type AskingConnection, ServerChanges } from './server-changes.js';
import type { ServerClient } from './watched-client.js';

/** Streams that read transactions leave free: for the one write transaction, and for statements on their own. */
const besideReads = 2;

/** The connections of one server. */
export class RemoteSource implements ConnectionSource {
  readonly capabilities: Capabilities = Object.freeze({
    target: 'remote',
    readOnly: false,
    concurrentReads: true,
    concurrentWrites: false,
    transactionalDdl: true,
    writeLimitMs: 5_000,
    sessionStatements: false,
    offload: true,
    backup: 'pages',
    ...{ sync: false, encrypted: false },
  });
  readonly changes: ServerChanges;
  readonly protocol: string;
  readonly detached: DetachedClient;
  readonly pipelines = true;
  readonly #client: ServerClient;
  readonly #disconnect: () => Promise<void>;
  readonly #connect: Connect;
  readonly #closing = new AbortController();
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  /** Streams at once. */
  readonly #gate: FifoLock;
  /** Of the streams at once those of read transactions: never all, or what their work awaits beside them would wait for them. */
  readonly #readGate: FifoLock;
  readonly #writerLock = new FifoLock();
  #reading = 0;
  #onDrained: (() => void) | undefined;

  private constructor(connect: Connect, changes: ServerChanges, options: ResolvedOptions, events: Events) {
    const { client, close } = connect({ keepStreams: true });
    this.changes = changes;
    this.#client = client;
    this.protocol = client.protocol;
    this.#disconnect = close;
    this.#connect = connect;
    this.#options = options;
    this.#events = events;
    const { maxOpenTransactions: most } = options;
    this.#gate = new FifoLock(most);
    this.#readGate = new FifoLock(Math.max(1, most - besideReads));
    this.detached = {
      migrate: async (statements, onStatement) => {
        const release = await this.#writerLock.acquire(this.#wait('migrate'));
        try {
          return await this.#migrate(statements, onStatement);
        } finally {
          this.#release(release);
        }
      },
      executeMultiple: async (sql) => this.#gated(closedScript(sql), () => this.#script(sql)),
      transaction: (mode: TransactionMode = 'write') => this.transaction(mode),
    };
  }

  /** Makes the source without asking the server anything. `beside`: what belongs to a database whose rows are read elsewhere. */
  static create(
    target: RemoteTarget,
    options: ResolvedOptions,
    events: Events,
    beside: Pick<SourceChanges, 'database' | 'ran'> = { database: `server ${target.url}`, ran: () => undefined },
  ): RemoteSource {
    const { authToken, acquireTimeoutMs: askMs, transactionTimeoutMs: writeMs } = options;
    const connect = connectTo({ address: target.address, authToken, timeoutMs: writeMs }, () => changes);
    const asking = (): AskingConnection => connect({ keepStreams: true, overHttp: true });
    const changes = new ServerChanges({
      ...{ database: beside.database, ran: () => beside.ran() },
      ...{ connect: asking, askMs, writeMs },
    });
    return new RemoteSource(connect, changes, options, events);
  }

  /** Makes the source and proves that the server answers. @throws DatabaseError `connection`, `auth`, or `timeout` (`SERVER_SILENT`) */
  static async open(target: RemoteTarget, options: ResolvedOptions, events: Events): Promise<RemoteSource> {
    const source = RemoteSource.create(target, options, events);
    try {
      await source.ask('open', options.acquireTimeoutMs);
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** Resolves when the server has answered. A transaction may take longer, or less. @throws DatabaseError as `open` */
  ask(operation: string, timeoutMs: number): Promise<void> {
    const { sql, ...rest }: Statement = { sql: 'SELECT 1', args: [], kind: 'read', firstOnly: true };
    return firstAnswer({ timeoutMs, events: this.#events, operation }, (ended) =>
      this.#retried({ operation, timeoutMs, signal: AbortSignal.any([ended, this.#closing.signal]) }, () =>
        this.#gated(sql, () => this.#execute({ sql, ...rest }, 'none', Number.POSITIVE_INFINITY)),
      ),
    );
  }

  /** A transaction of the client in its place in the queue. `wrote` is awaited before its commit() resolves. */
  async transaction(mode: TransactionMode, wrote?: () => Promise<void>): Promise<QueuedTransaction> {
    const { transaction, release } = await this.#begin(mode === 'read' ? 'read' : 'write', this.#wait('transaction'));
    const { transactionTimeoutMs: timeoutMs } = this.#options;
    return new QueuedTransaction(transaction, { mode, timeoutMs, database: this.changes.database, wrote }, release);
  }

  stats(): Omit<PoolStats, 'openTransactions'> {
    return {
      writerBusy: this.#writerLock.held > 0,
      writersWaiting: this.#writerLock.waiting,
      readersOpen: this.#gate.held,
      readersBusy: this.#reading,
      readersWaiting: this.#gate.waiting + this.#readGate.waiting,
      connectionsReplaced: 0,
    };
  }

  async begin(mode: 'read' | 'write', wait: WaitOptions): Promise<Held> {
    const { transaction, release } = await this.#begin(mode, wait);
    const reopen = () => asDatabaseError('BEGIN', () => this.#client.transaction(mode));
    const connection = new RemoteConnection(transaction, reopen);
    return mode === 'write' ? { connection, release } : heldForReads(connection, release);
  }

  async runAlone(statement: Statement, wait: WaitOptions): Promise<StatementResult> {
    const { sql, kind } = statement;
    const reads = kind === 'read' || kind === 'explain';
    // A write of this process that waited at the server would steal the lock of its own open transaction.
    const releaseWriter = !reads && this.#writerLock.held > 0 ? await this.#writerLock.acquire(wait) : undefined;
    try {
      return await this.#retried(wait, () =>
        this.#gated(sql, () => this.#execute(statement, reads ? 'none' : 'unknown')),
      );
    } finally {
      if (releaseWriter) this.#release(releaseWriter);
    }
  }

  /** A server finishes what it has begun, but with the signal its connection is cut, and nothing here waits for it. */
  async runApart({ sql, args }: BatchStatement, wait: WaitOptions): Promise<StatementResult> {
    const { signal = this.#closing.signal } = wait;
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const release = await this.#gate.acquire({ ...wait, signal: stop });
    const { client, close } = this.#connect({ keepStreams: false });
    const cut = (): void => void close();
    stop.addEventListener('abort', cut, { once: true });
    this.#reading += 1;
    try {
      return await alone(sql, true, () => client.execute({ sql, args: argsOf(args) }));
    } finally {
      stop.removeEventListener('abort', cut);
      cut();
      this.#reading -= 1;
      this.#release(release);
    }
  }

  /**
   * A server hands out no connections: a write lease keeps the other writers of this process waiting. `wrote` is awaited
   * before a call that may have written resolves.
   */
  async lease(
    mode: 'read' | 'write',
    wait: WaitOptions,
    wrote: () => Promise<void> = async () => undefined,
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }> {
    const releaseWriter = mode === 'write' ? await this.#writerLock.acquire(wait) : () => undefined;
    let released = false;
    const transactions = new LeaseTransactions();
    const release = (): void => {
      released = true;
      transactions.end();
      this.#release(releaseWriter);
    };
    const open = (operation: string): void => {
      if (released) throw givenBack(operation);
    };
    const held = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
      open(operation);
      return this.#gated(operation, work);
    };
    const client = this.#client;
    const { database } = this.changes;
    const { transactionTimeoutMs: timeoutMs } = this.#options;
    const begin = (asked: TransactionMode) => held('transaction', () => begun(client, asked, { timeoutMs }));
    const transaction: DetachedClient['transaction'] = async (asked: TransactionMode = 'write') => {
      const settings = { mode: asked, timeoutMs, database, wrote };
      return transactions.add(new QueuedTransaction(await begin(asked), settings, () => undefined));
    };
    const route = {
      owner: this.#events,
      execute: async (sql: string, args: BoundArgs) => {
        const kind = statementKind(sql);
        if (kind === 'control') throw noSession();
        noteRead(database);
        const ask = (): Promise<StatementResult> =>
          held(sql, () =>
            alone(sql, kind === 'read', () => this.#inTime(sql, () => client.execute({ sql, args: argsOf(args) }))),
          ).catch(async (error: unknown) => {
            throw await this.#toldWhole(error);
          });
        return kind === 'read' ? ask() : heardOf(wrote, ask);
      },
      atomically: async (asked, run) => {
        const connection = new RemoteConnection(await begin(asked), () => begin(asked));
        noteRead(database);
        try {
          const results = await run(
            (sql, args) => this.#inTime(sql, () => connection.run(sql, args)),
            (statements) => this.#inTime('batch', () => connection.runAll(statements)),
          );
          await this.#inTime('COMMIT', () => connection.exec('COMMIT')).catch((error: unknown) => {
            throw doubtOf(error) ?? error;
          });
          if (asked !== 'read') await wrote();
          return results;
        } finally {
          await connection.rollbackIfOpen();
        }
      },
      detached: {
        transaction,
        migrate: async (statements, onStatement) => {
          open('migrate');
          return heardOf(wrote, () => this.#migrate(statements, onStatement));
        },
        executeMultiple: async (sql) => heardOf(wrote, () => held(closedScript(sql), () => this.#script(sql))),
      },
      get closed() {
        return released;
      },
      close: release,
    } satisfies ClientRoute;
    return { client: new RoutedClient(route, client.protocol), release };
  }

  drained(): Promise<void> {
    if (this.#idle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained = resolve;
    });
  }

  refuse(error: DatabaseError): void {
    this.#writerLock.rejectAll(error);
    this.#readGate.rejectAll(error);
    this.#gate.rejectAll(error);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([this.#disconnect(), this.changes.close()]);
  }

  get #idle(): boolean {
    return this.#gate.held + this.#writerLock.held === 0;
  }

  #wait(operation: string): WaitOptions {
    return { operation, timeoutMs: this.#options.acquireTimeoutMs, signal: undefined };
  }

  async #begin(mode: 'read' | 'write', wait: WaitOptions): Promise<{ transaction: Transaction; release: () => void }> {
    const releases: Release[] = [];
    const release = (): void => {
      for (const each of releases.splice(0)) this.#release(each);
    };
    const limits = { timeoutMs: this.#options.transactionTimeoutMs, signal: wait.signal };
    try {
      releases.push(await (mode === 'write' ? this.#writerLock : this.#readGate).acquire(wait));
      releases.push(await this.#gate.acquire(wait));
      return { transaction: await asDatabaseError('BEGIN', () => begun(this.#client, mode, limits)), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #migrate(statements: InStatement[], onStatement: OnStatement | undefined): Promise<ResultSet[]> {
    const release = await this.#gate.acquire(this.#wait('migrate'));
    const { transactionTimeoutMs: timeoutMs } = this.#options;
    try {
      return await migrateOnServer(this.#client, statements, { timeoutMs, onStatement });
    } finally {
      this.#release(release);
    }
  }

  #release(release: Release): void {
    release();
    if (this.#idle) this.#onDrained?.();
  }

  async #execute(
    { sql, args }: Statement,
    outcome: 'none' | 'unknown',
    limitMs = this.#options.transactionTimeoutMs,
  ): Promise<StatementResult> {
    const reads = outcome === 'none';
    try {
      return await observed(this.#events, { sql, mode: reads ? 'read' : 'write', transactionId: null }, () =>
        alone(sql, reads, () => answered(limitMs, sql, () => this.#client.execute({ sql, args: argsOf(args) }))),
      );
    } catch (error) {
      throw await this.#toldWhole(error);
    }
  }

  /** A script of statements that commit one by one, unless it begins a transaction. */
  async #script(sql: string): Promise<void> {
    try {
      await script(sql, () => this.#inTime(sql, () => this.#client.executeMultiple(sql)));
    } catch (error) {
      throw await withRowsKept(error, (read) => this.#client.execute(read));
    }
  }

  /** What the server's answer leaves open of the failure of a statement on its own: which key, and whether rows are there. */
  async #toldWhole(error: unknown): Promise<unknown> {
    const client = this.#client;
    return withRowsKept(await withKeyKind(error, (read) => client.execute(read)), (read) => client.execute(read));
  }

  /** A server that never answers is given up on after the time that a transaction may take. */
  #inTime<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return answered(this.#options.transactionTimeoutMs, operation, work);
  }

  async #gated<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const release = await this.#gate.acquire(this.#wait(operation));
    this.#reading += 1;
    try {
      return await asDatabaseError(operation, work);
    } finally {
      this.#reading -= 1;
      this.#release(release);
    }
  }

  /** Tries again what has failed in passing and is not in the database. */
  async #retried<T>(wait: WaitOptions, attempt: () => Promise<T>): Promise<T> {
    const { retry } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (retry === false || tries >= retry.maxAttempts || !isRetryable(error) || wait.signal?.aborted) throw error;
        const delayMs = retryDelayMs(tries, retry);
        if (isDatabaseError(error)) this.#events.emit({ type: 'retry', attempt: tries, delayMs, error });
        await pause(delayMs, wait.signal);
        if (wait.signal?.aborted) throw error;
      }
    }
  }
}
