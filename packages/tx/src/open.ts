// openTransactionManager: composes target, pool, engine, client and drizzle into the public object. Long, because it is the
// one place where all parts meet.
import { clearTimeout, setTimeout } from 'node:timers';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import { SideJobs } from './beside/side-jobs.js';
import {
  checkBackup,
  checkClose,
  checkFunction,
  checkLabel,
  checkLease,
  checkOffload,
  checkWork,
  reading,
} from './call-arguments.js';
import { runLabelled } from './call-label.js';
import type { ConnectionSource } from './connection-source.js';
import { refuseMountedAlone } from './connections/local/mounted-file.js';
import { Pool } from './connections/local/pool.js';
import { cannotBeWritten, ReadOnlyFile } from './connections/local/read-only-file.js';
import { refuseReplicaCopy } from './connections/local/replica-copy.js';
import { parseTarget, type Target } from './connections/target.js';
import { asyncDispose, dispose } from './dispose.js';
import type { RoutedClient } from './drizzle/client.js';
import { type DrizzleSettings, drizzleSettings } from './drizzle/drizzle-settings.js';
import { checkQueries, createDatabase, executeTogether, type SessionRoute } from './drizzle/session.js';
import { isError } from './errors/is-error.js';
import { DatabaseError, toDatabaseError } from './errors.js';
import { Events, type ManagerEvent } from './events.js';
import { internals, type ManagerInternals } from './internals.js';
import { type ResolvedOptions, resolveOptions, type TransactionManagerOptions } from './options.js';
import { adopt } from './transaction/adoption.js';
import { ambientClient } from './transaction/ambient-client.js';
import { Engine } from './transaction/engine.js';
import type { Frame } from './transaction/frame.js';
import { FrameHandle, rollback } from './transaction/handle.js';
import type {
  BackupInfo,
  BackupOptions,
  Capabilities,
  ConnectionLease,
  ConnectionOptions,
  Database,
  OffloadOptions,
  PoolStats,
  Schema,
  Transaction,
  TransactionManager,
  TransactionOptions,
} from './types.js';
import { longestTimerMs } from './waiting/fifo-lock.js';
import { endInTurn, refuseInTurn } from './waiting/turns.js';

/**
 * Opens a database and returns its transaction manager.
 *
 * @throws TypeError for an unknown option or a URL of no known form
 * @throws DatabaseError `connection` (`SQLITE_CANTOPEN`, or what the file system says: `EACCES`), `integrity` (`SQLITE_NOTADB`,
 * also for a wrong key) or `lock`; of a server `connection`, `auth`, or `timeout` (`SERVER_SILENT`) after `acquireTimeoutMs`
 */
export function openTransactionManager<S extends Schema = Record<string, never>>(
  options: TransactionManagerOptions<S>,
): Promise<TransactionManager<S>> {
  return endInTurn(() =>
    open(options).catch((error: unknown) => {
      throw ofFileSystem(error);
    }),
  );
}

/** The file system is asked for a path before SQLite is; Node's permission model calls it `resource`. */
function ofFileSystem(error: unknown): unknown {
  if (!isError(error)) return error;
  const path = 'path' in error ? error.path : 'resource' in error ? error.resource : undefined;
  return typeof path === 'string' ? toDatabaseError(error, `open ${path}`) : error;
}

async function open<S extends Schema>(options: TransactionManagerOptions<S>): Promise<TransactionManager<S>> {
  const resolved = resolveOptions(options);
  const target = withAccess(parseTarget(options.url, options.syncUrl), resolved);
  const events = new Events();
  const source = await openSource(target, resolved, events);
  const engine = new Engine(source, resolved, events);
  const exclusively = source instanceof Pool ? source.exclusively.bind(source) : undefined;
  // A replica's file may be made anew by whoever fetches into it.
  const assertPlace = (operation: string): void => (source instanceof Pool ? source.assertPlace(operation) : undefined);
  const jobs = new SideJobs(target, resolved, engine, events, { exclusively, assertPlace });
  const inside: ManagerInternals = {
    target,
    owner: engine.owner,
    encryptionKey: () => options.encryptionKey,
    assertOpen: () => engine.assertOpen(),
    assertPlace,
    quiet: (to) => (source instanceof Pool ? source.quiet(to) : null),
    adopt: (end) => adopt(engine, inside, end),
    exclusively: async (work, { closed, timeoutMs }) => {
      if (!exclusively) throw new TypeError('only local files have connections that can be closed');
      engine.assertFree('write');
      // The lane has the file open too.
      if (closed) await jobs.reset();
      try {
        return await exclusively(work, { operation: 'recovery', signal: undefined, timeoutMs, closed });
      } finally {
        if (closed) await jobs.reset();
      }
    },
  };
  const readOnly = resolved.readOnly === true || source.capabilities.readOnly;
  return new Manager<S>({
    ...{ target, source, engine, events, jobs, inside, readOnly },
    drizzle: drizzleSettings(options),
  });
}

/** Decides whether a local file is only read. @throws DatabaseError `connection` for one that may not be made, or not be written */
function withAccess(target: Target, { readOnly, encryptionKey }: ResolvedOptions): Target {
  if (target.kind !== 'local') return target;
  if (!(readOnly ?? cannotBeWritten(target.path))) {
    refuseMountedAlone(target.path, `open ${target.path}`);
    refuseReplicaCopy(target.path, `open ${target.path}`);
    return target;
  }
  return { ...target, readOnly: true, file: new ReadOnlyFile(target.path, encryptionKey) };
}

/** What speaks with servers is loaded when there is one: it takes a third of the time that opening a file may take. */
async function openSource(target: Target, options: ResolvedOptions, events: Events): Promise<ConnectionSource> {
  switch (target.kind) {
    case 'remote': {
      const { RemoteSource } = await import('./connections/remote/remote.js');
      return RemoteSource.open(target, options, events);
    }
    case 'replica': {
      const { ReplicaSource } = await import('./connections/replica/replica.js');
      return ReplicaSource.open(target, options, events);
    }
    default:
      return Pool.open(target, options, events);
  }
}

interface ManagerParts {
  readonly target: Target;
  readonly source: ConnectionSource;
  readonly engine: Engine;
  readonly events: Events;
  readonly jobs: SideJobs;
  readonly inside: ManagerInternals;
  readonly drizzle: DrizzleSettings;
  readonly readOnly: boolean;
}

class Manager<S extends Schema> implements TransactionManager<S> {
  readonly db: Database<S>;
  readonly capabilities: Capabilities;
  readonly changes: TransactionManager<S>['changes'];
  readonly url: string;
  readonly #source: ConnectionSource;
  readonly #engine: Engine;
  readonly #events: Events;
  readonly #drizzle: DrizzleSettings;
  readonly #client: RoutedClient;
  readonly #jobs: SideJobs;
  readonly #ambient: SessionRoute;
  readonly #inside: ManagerInternals;
  #closing: Promise<void> | undefined;
  /** Fires when what is open at the end has had its time: that of whichever `close` is up first. */
  readonly #timeUp = new AbortController();
  readonly #handles = new WeakMap<Frame, Transaction<S>>();
  /** The last one that was found to be right. */
  #label: string | undefined;

  constructor({ target, source, engine, events, jobs, inside, drizzle, readOnly }: ManagerParts) {
    this.url = target.url;
    this.changes = source.changes;
    this.#inside = inside;
    this.#source = source;
    this.#engine = engine;
    this.#events = events;
    this.#jobs = jobs;
    this.#drizzle = drizzle;
    this.#client = ambientClient(engine, source, () => void this.close({ drainMs: 0 }));
    this.#ambient = this.#route(undefined);
    this.db = createDatabase<S>(this.#ambient, drizzle);
    this.capabilities = readOnly ? Object.freeze({ ...source.capabilities, readOnly }) : source.capabilities;
  }

  transaction<T>(work: (tx: Transaction<S>) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    try {
      checkWork('transaction', work);
      this.#engine.check(options);
      const inside = (frame: Frame): Promise<T> => work(this.#handleOf(frame));
      return this.#engine.transaction(inside, options, () => work(this.#noTransaction()));
    } catch (error) {
      return refuseInTurn(error);
    }
  }

  read<T>(
    work: (tx: Transaction<S>) => Promise<T>,
    options: Omit<TransactionOptions, 'mode' | 'propagation'> = {},
  ): Promise<T> {
    return this.transaction(work, reading(options));
  }

  current(): Transaction<S> | undefined {
    const frame = this.#engine.current();
    return frame && this.#handleOf(frame);
  }

  labelled<T>(label: string, work: () => PromiseLike<T>): Promise<T> {
    // A call of half a microsecond feels each look at the text: it is mostly the one of before.
    if (label !== this.#label || typeof work !== 'function') {
      try {
        checkLabel('labelled', label);
        checkFunction('labelled: work', work);
      } catch (error) {
        return refuseInTurn(error);
      }
      this.#label = label;
    }
    return runLabelled(label, work, this.#events.active);
  }

  getConnection(options: ConnectionOptions = {}): Promise<ConnectionLease> {
    return endInTurn(async () => {
      checkLease(options);
      const { mode = 'write', timeoutMs, signal } = options;
      const { client, release } = await this.#engine.lease(mode, { timeoutMs, signal });
      return { client, release, [dispose]: release };
    });
  }

  async batch<T extends readonly BatchItem<'sqlite'>[] | []>(queries: T): Promise<BatchResponse<T>> {
    try {
      checkQueries(queries);
    } catch (error) {
      return refuseInTurn(error);
    }
    return this.#engine.transaction(async (frame) => {
      const results = await executeTogether(queries, this.#ambient, this.#route(frame));
      // Each query gives what it gives alone.
      return results as BatchResponse<T>;
    }, {});
  }

  offload<T>(query: PromiseLike<T> | (() => PromiseLike<T>), options: OffloadOptions): Promise<T> {
    return endInTurn(async () => {
      checkOffload(query, options);
      return this.#engine.met(this.#jobs.offload(query, options));
    });
  }

  backup(path: string, options: BackupOptions = {}): Promise<BackupInfo> {
    return endInTurn(async () => {
      checkBackup(path, options);
      return this.#engine.met(this.#jobs.backup({ ...options, destination: path }));
    });
  }

  sync(): Promise<void> {
    return endInTurn(() => this.#engine.met(this.#sync()));
  }

  async #sync(): Promise<void> {
    if (this.#source.sync) return this.#source.sync();
    throw new DatabaseError('This database has no server to synchronise with', {
      type: 'unknown',
      code: 'UNSUPPORTED',
      operation: 'sync',
      hint: 'Only replicas (syncUrl) are synchronised; see `capabilities`',
    });
  }

  stats(): PoolStats {
    return { ...this.#source.stats(), openTransactions: this.#engine.openTransactions };
  }

  subscribe(listener: (event: ManagerEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  close(options: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    return endInTurn(async () => {
      checkClose(options);
      const { drainMs = 5_000 } = options;
      const closing = (this.#closing ??= this.#close());
      const timer = setTimeout(() => this.#timeUp.abort(), Math.min(drainMs, longestTimerMs));
      await closing.finally(() => clearTimeout(timer));
    });
  }

  /** Not a field: it would fill the page of whoever prints a manager. */
  get [internals](): ManagerInternals {
    return this.#inside;
  }

  async #close(): Promise<void> {
    const { endTest } = this.#inside;
    // Without one the manager is closed from this call on, not from the next turn.
    if (endTest) await endTest();
    const { signal } = this.#timeUp;
    const timeUp = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await this.#engine.close(timeUp, this.#jobs);
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where drizzle's queries go: to the ambient transaction, or always to `frame`. */
  #route(frame: Frame | undefined): SessionRoute {
    const engine = this.#engine;
    return {
      client: this.#client,
      execute: (sql, args, firstOnly) => {
        if (frame) return engine.executeIn(frame, sql, args, firstOnly);
        // A transaction that offloaded work begins is one: of one moment, with all its statements.
        const offloaded = engine.current() ? undefined : this.#jobs.current();
        return offloaded ? this.#jobs.run(sql, args, offloaded) : engine.execute(sql, args, firstOnly);
      },
      executeAll: frame && this.#source.pipelines ? (statements) => engine.executeAllIn(frame, statements) : undefined,
      nested: (work, options) => {
        const run = (inner: Frame) => work(this.#route(inner), inner.depth, () => rollback(inner));
        return frame ? engine.savepoint(frame, run) : engine.transaction(run, { ...options, propagation: 'nested' });
      },
    };
  }

  #handleOf(frame: Frame): Transaction<S> {
    let handle = this.#handles.get(frame);
    if (!handle) {
      const bound = (): Database<S> => createDatabase<S>(this.#route(frame), this.#drizzle);
      const inside: Transaction<S>['savepoint'] = (work) =>
        this.#engine.savepoint(frame, async (inner) => {
          checkWork('savepoint', work);
          return work(this.#handleOf(inner));
        });
      handle = new FrameHandle<S>(frame, bound, inside);
      this.#handles.set(frame, handle);
    }
    return handle;
  }

  /** What `work` is given when it runs without a transaction. */
  #noTransaction(): Transaction<S> {
    const refuse = (): never => {
      throw new DatabaseError('There is no transaction here', {
        type: 'aborted',
        code: 'TX_REQUIRED',
        operation: 'transaction',
        hint: 'This block was begun with a propagation mode that runs without one',
      });
    };
    return {
      db: this.db,
      id: 'none',
      depth: 0,
      mode: this.capabilities.readOnly ? 'read' : 'write',
      savepoint: (work) => this.transaction(work, { propagation: 'nested' }),
      rollback: refuse,
      afterCommit: refuse,
      afterRollback: refuse,
      afterUnknown: refuse,
    };
  }
}
