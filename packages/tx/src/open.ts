// openTransactionManager: composes target, pool, engine, client and drizzle into the public object.
import type { TransactionMode } from '@libsql/client';
import type { BatchItem } from 'drizzle-orm/batch';
import { type ClientHold, LocalClient, type Runner } from './client.js';
import { Engine } from './engine.js';
import { DatabaseError } from './errors.js';
import { Events, type TransactionEvents } from './events.js';
import type { Frame } from './frame.js';
import { refuseUnknownOptions, resolveOptions, type TransactionManagerOptions } from './options.js';
import { type Held, Pool } from './pool.js';
import { createDatabase, type DescribedSchema, describeSchema, executeInOrder, type SessionRoute } from './session.js';
import { statementKind } from './statement-kind.js';
import { parseTarget, type Target } from './target.js';
import type {
  Capabilities,
  ConnectionLease,
  ConnectionOptions,
  Database,
  PoolStats,
  Schema,
  Transaction,
  TransactionManager,
  TransactionOptions,
} from './types.js';

/**
 * Opens a database and returns its transaction manager.
 *
 * @throws TypeError for an unknown option or a URL of no known form
 * @throws DatabaseError `connection` (`SQLITE_CANTOPEN`), `integrity` (`SQLITE_NOTADB`, also for a wrong key) or `lock`
 */
export async function openTransactionManager<S extends Schema = Schema>(
  options: TransactionManagerOptions<S>,
): Promise<TransactionManager<S>> {
  const resolved = resolveOptions(options);
  const target = parseTarget(options.url);
  const events = new Events();
  const pool = await Pool.open(target, resolved, events);
  return new LocalTransactionManager<S>(
    target,
    pool,
    new Engine(pool, resolved, events),
    events,
    describeSchema(options.schema),
  );
}

class LocalTransactionManager<S extends Schema> implements TransactionManager<S> {
  readonly db: Database<S>;
  readonly capabilities: Capabilities;
  readonly url: string;
  readonly #pool: Pool;
  readonly #engine: Engine;
  readonly #events: Events;
  readonly #schema: DescribedSchema;
  readonly #client: LocalClient;
  readonly #handles = new WeakMap<Frame, Transaction<S>>();

  constructor(target: Target, pool: Pool, engine: Engine, events: Events, schema: DescribedSchema) {
    this.url = target.url;
    this.#pool = pool;
    this.#engine = engine;
    this.#events = events;
    this.#schema = schema;
    this.#client = new LocalClient(poolRunner(engine, () => void this.close({ drainMs: 0 })));
    this.db = createDatabase<S>(this.#route(undefined), schema);
    this.capabilities = Object.freeze({
      target: target.kind,
      concurrentReads: !pool.single,
      concurrentWrites: false,
      transactionalDdl: true,
    });
  }

  async transaction<T>(work: (tx: Transaction<S>) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    if (typeof work !== 'function') throw new TypeError('transaction: the first argument must be an async function');
    const { propagation } = options;
    const current = this.#engine.current();
    if (propagation === 'never' && current && !current.ended) {
      throw new DatabaseError(`propagation 'never' was called inside a transaction`, {
        type: 'aborted',
        code: 'TX_FORBIDDEN',
        operation: 'transaction',
        hint: 'Call it outside, or use another propagation mode',
      });
    }
    if (propagation === 'not_supported' || propagation === 'never' || (propagation === 'supports' && !current)) {
      return this.#engine.withoutTransaction(() => work(this.#noTransaction()));
    }
    const settled = propagation === 'supports' ? { ...options, propagation: 'required' as const } : options;
    return this.#engine.transaction((frame) => work(this.#handleOf(frame)), settled);
  }

  read<T>(
    work: (tx: Transaction<S>) => Promise<T>,
    options: Omit<TransactionOptions, 'mode' | 'propagation'> = {},
  ): Promise<T> {
    return this.transaction(work, { ...options, mode: 'read' });
  }

  current(): Transaction<S> | undefined {
    const frame = this.#engine.current();
    return frame && this.#handleOf(frame);
  }

  async getConnection(options: ConnectionOptions = {}): Promise<ConnectionLease> {
    refuseUnknownOptions('getConnection', options, ['mode', 'timeoutMs', 'signal']);
    const { mode = 'write', timeoutMs, signal } = options;
    const held = await this.#engine.hold(mode, {
      operation: 'getConnection',
      signal,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    const client = new LocalClient(leaseRunner(this.#engine, held, mode));
    const release = (): void => client.close();
    return { client, release, [Symbol.dispose]: release };
  }

  batch(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
    return this.transaction(() => executeInOrder(queries));
  }

  stats(): PoolStats {
    return { ...this.#pool.stats, openTransactions: this.#engine.openTransactions };
  }

  subscribe(listener: (event: TransactionEvents) => void): () => void {
    return this.#events.subscribe(listener);
  }

  async close(options: { readonly drainMs?: number } = {}): Promise<void> {
    refuseUnknownOptions('close', options, ['drainMs']);
    await this.#engine.close(options.drainMs ?? 5_000);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where drizzle's queries go: to the ambient transaction, or always to `frame`. */
  #route(frame: Frame | undefined): SessionRoute {
    const engine = this.#engine;
    return {
      client: this.#client,
      execute: (sql, args, firstOnly) =>
        frame ? engine.executeIn(frame, sql, args, firstOnly) : engine.execute(sql, args, firstOnly),
      nested: (work) => {
        const run = (inner: Frame) => work(this.#route(inner), inner.depth, () => rollback(inner));
        return frame ? engine.savepoint(frame, run) : engine.transaction(run, { propagation: 'nested' });
      },
    };
  }

  #handleOf(frame: Frame): Transaction<S> {
    let handle = this.#handles.get(frame);
    if (!handle) {
      const bound = (): Database<S> => createDatabase<S>(this.#route(frame), this.#schema);
      handle = new FrameHandle<S>(frame, bound, (work) =>
        this.#engine.savepoint(frame, (inner) => work(this.#handleOf(inner))),
      );
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
      savepoint: (work) => this.transaction(work, { propagation: 'nested' }),
      rollback: refuse,
      afterCommit: refuse,
      afterRollback: refuse,
    };
  }
}

/** The public face of a frame. */
class FrameHandle<S extends Schema> implements Transaction<S> {
  readonly #frame: Frame;
  readonly #bind: () => Database<S>;
  readonly savepoint: Transaction<S>['savepoint'];
  #db: Database<S> | undefined;

  constructor(frame: Frame, bind: () => Database<S>, savepoint: Transaction<S>['savepoint']) {
    this.#frame = frame;
    this.#bind = bind;
    this.savepoint = savepoint;
  }

  get id(): string {
    return this.#frame.id;
  }

  get depth(): number {
    return this.#frame.depth;
  }

  /** Made on first use: most code goes through the ambient `manager.db`. */
  get db(): Database<S> {
    this.#db ??= this.#bind();
    return this.#db;
  }

  rollback(): never {
    return rollback(this.#frame);
  }

  afterCommit(hook: () => unknown): void {
    this.#frame.addCommitHook(hook);
  }

  afterRollback(hook: () => unknown): void {
    this.#frame.addRollbackHook(hook);
  }
}

function rollback(frame: Frame): never {
  frame.assertOpen('rollback');
  throw new DatabaseError('The transaction was rolled back on request', {
    type: 'aborted',
    code: 'TX_ROLLBACK',
    operation: 'rollback',
  });
}

/** Statements of `db.$client`: ambient, or on their own. */
function poolRunner(engine: Engine, close: () => void): Runner {
  let closed = false;
  return {
    execute: (sql, args) => engine.execute(sql, args, false),
    atomically: (mode, run) =>
      engine.transaction(() => run((sql, args) => engine.execute(sql, args, false)), {
        propagation: 'nested',
        mode: mode === 'read' ? 'read' : 'write',
      }),
    hold: async (operation) => clientHold(engine, await engine.hold('write', { operation }), operation),
    get closed() {
      return closed;
    },
    close: () => {
      closed = true;
      close();
    },
  };
}

/** Statements of a lease: all on its connection, which stays held until the lease is released. */
function leaseRunner(engine: Engine, held: Held, mode: 'read' | 'write'): Runner {
  const { connection } = held;
  let released = false;
  const open = (operation: string): Held['connection'] => {
    if (!released) return connection;
    throw new DatabaseError('The connection was given back', { type: 'closed', code: 'LEASE_RELEASED', operation });
  };
  const begin = async (asked: TransactionMode): Promise<void> => {
    if (mode === 'write' && asked !== 'read') await engine.beginWrite(open('BEGIN'), 'BEGIN');
    else open('BEGIN').exec('BEGIN');
  };
  return {
    execute: async (sql, args) => {
      // A write on its own still goes through BEGIN IMMEDIATE, whose BUSY leaves the connection sound.
      const alone = statementKind(sql) === 'write' && !open(sql).inTransaction;
      if (!alone) return open(sql).run(sql, args);
      await begin('write');
      try {
        const result = connection.run(sql, args);
        connection.exec('COMMIT');
        return result;
      } finally {
        connection.rollbackIfOpen();
      }
    },
    atomically: async (asked, run) => {
      await begin(asked);
      try {
        const results = await run(async (sql, args) => open(sql).run(sql, args));
        open('COMMIT').exec('COMMIT');
        return results;
      } finally {
        connection.rollbackIfOpen();
      }
    },
    hold: async (operation) => ({ connection: open(operation), begin, release: () => undefined }),
    get closed() {
      return released;
    },
    close: () => {
      if (released) return;
      released = true;
      connection.rollbackIfOpen();
      held.release();
    },
  };
}

function clientHold(engine: Engine, held: Held, operation: string): ClientHold {
  const { connection } = held;
  return {
    connection,
    begin: async (mode) => {
      if (mode === 'read') connection.exec('BEGIN');
      else await engine.beginWrite(connection, operation);
    },
    release: () => held.release(),
  };
}
