// drizzle's libSQL session over our runner: queries join the ambient (or one given) transaction when they are executed,
// rows stay arrays where drizzle maps fields itself, and errors carry no parameter values. Long, because the classes of
// drizzle that it extends are used by each other. Their fields are plain properties, as drizzle's own: programs hand a Proxy
// of a transaction around, or wrap a session, and `#` fields are not there for what is called through it.
import type { Client, ResultSet } from '@libsql/client';
import { LibsqlError } from '@libsql/core/api';
import type { Query } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { is } from 'drizzle-orm/entity';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { LibSQLDatabase } from 'drizzle-orm/libsql/driver-core';
import { LibSQLPreparedQuery, LibSQLSession, LibSQLTransaction } from 'drizzle-orm/libsql/session';
import type { Logger } from 'drizzle-orm/logger';
import type { TablesRelationalConfig } from 'drizzle-orm/relations';
import { fillPlaceholders, SQL } from 'drizzle-orm/sql';
import { SQLiteCountBuilder } from 'drizzle-orm/sqlite-core/query-builders/count';
import { SQLiteRaw } from 'drizzle-orm/sqlite-core/query-builders/raw';
import type { PreparedQueryConfig, SQLiteExecuteMethod } from 'drizzle-orm/sqlite-core/session';
import { checkWork } from '../call-arguments.js';
import type { BatchStatement, StatementResult } from '../connection-source.js';
import { isError } from '../errors/is-error.js';
import { clientMessage, withCause } from '../errors/restated.js';
import { isDatabaseError } from '../errors.js';
import { bindable, keepBytes } from '../statements/binding.js';
import type { Database, Schema } from '../types.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import { refuseInTurn } from '../waiting/turns.js';
import { nameOf, runEach } from './client.js';
import type { DrizzleSettings } from './drizzle-settings.js';
import { RefusedQuery } from './refused-query.js';
import { asValues, inPieces, namedRows, toResultSet } from './result-rows.js';

/** What drizzle's queries and nested transactions are routed to. */
export interface SessionRoute {
  readonly client: Client;
  execute(sql: string, args: ReturnType<typeof bindable>, firstOnly: boolean): Awaitable<StatementResult>;
  /** Runs the statements of a batch inside the open transaction. Absent where it saves no round trips. */
  readonly executeAll?: ((statements: readonly BatchStatement[]) => Promise<StatementResult[]>) | undefined;
  /**
   * Runs `work` in a transaction or savepoint, with the route of that frame. With `once` it is begun no second time, whatever
   * fails.
   */
  nested<T>(
    work: (route: SessionRoute, depth: number, rollback: () => never) => Promise<T>,
    options?: { readonly once: boolean },
  ): Promise<T>;
}

/** Returns a drizzle database whose queries run through `route`. */
export function createDatabase<S extends Schema>(route: SessionRoute, settings: DrizzleSettings): Database<S> {
  const session = new RoutedSession(route, settings);
  const database = new LibSQLDatabase('async', settings.dialect, session, settings.schema);
  // The schema was given as S and described above; drizzle's constructor cannot infer that.
  return Object.assign(database, { $client: route.client, $cache: undefined }) as unknown as Database<S>;
}

/** Runs drizzle queries one after another. Each starts where it is awaited, and so joins the transaction of this context. */
function executeInOrder(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
  // Every query of drizzle is a thenable; its type for batches leaves that out.
  return runEach(queries as readonly (BatchItem<'sqlite'> & PromiseLike<unknown>)[], async (query) => query);
}

/**
 * Runs drizzle queries of `db` inside the open transaction, in one round trip where the route can and every query is
 * one of `db` itself: queries of another manager or transaction start where they belong.
 */
export async function executeTogether(
  queries: readonly BatchItem<'sqlite'>[],
  db: SessionRoute,
  inside: SessionRoute = db,
): Promise<unknown[]> {
  const { executeAll } = inside;
  const plain = executeAll ? queries.map((query) => plainQuery(query, db)) : [];
  if (!executeAll || !plain.every((query) => query !== undefined)) return executeInOrder(queries);
  const results = await executeAll(plain.map(({ statement }) => statement));
  const read: unknown[] = [];
  for (const [i, result] of results.entries()) {
    const made = plain[i]?.read(result);
    // What somebody has wrapped may have a `then` for everything.
    read.push(isPromise(made) ? await made : made);
  }
  return read;
}

/** Checks the queries of a batch. @throws TypeError before anything runs, for what is no array of queries of a database of this package */
export function checkQueries(queries: readonly unknown[]): void {
  if (!Array.isArray(queries)) throw new TypeError('batch: the first argument must be an array of drizzle queries');
  queries.forEach((query: unknown, index) => {
    if (isQuery(query)) return;
    const sqlHint = isMade(query) && is(query, SQL) ? ', which db.run(…), db.all(…) or db.get(…) make a query of' : '';
    throw new TypeError(
      `batch: at ${index} stands ${query instanceof RoutedQuery ? 'a prepared query' : nameOf(query)}${sqlHint}; give queries of this database that are not awaited`,
    );
  });
}

/** Whether drizzle can be asked what `value` is: it looks at what has made it. */
function isMade(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== null;
}

function isQuery(query: unknown): boolean {
  if (!isMade(query)) return false;
  if (is(query, SQLiteRaw)) return query.mapResult({ rows: [] }, true) instanceof RoutedSession;
  const { session, _prepare: prepare } = query as { readonly session?: unknown; readonly _prepare?: unknown };
  return session instanceof RoutedSession && (typeof prepare === 'function' || is(query, SQLiteCountBuilder));
}

interface PlainQuery {
  readonly statement: BatchStatement;
  readonly read: (result: StatementResult) => unknown;
}

/** A query's statement, and how its result is read; undefined for what is no query of `route`. */
function plainQuery(query: BatchItem<'sqlite'>, route: SessionRoute): PlainQuery | undefined {
  const prepared: unknown = (query as { _prepare?(): unknown })._prepare?.();
  if (prepared instanceof RoutedQuery) return prepared.plain(route);
  if (!is(prepared, SQLiteRaw)) return undefined;
  const maker: unknown = prepared.mapResult({ rows: [] }, true);
  if (!(maker instanceof RoutedSession) || !maker.runsOn(route)) return undefined;
  const { sql, params, method } = prepared.getQuery();
  const args = bindable(fillPlaceholders(params, {}) as never[], sql);
  return { statement: { sql, args }, read: (result) => rawResult(method, result) };
}

async function rawResult(method: 'run' | 'all' | 'get' | 'values', result: StatementResult): Promise<unknown> {
  if (method === 'run') return toResultSet(result);
  if (method === 'values') return asValues(result);
  const rows = await namedRows(result);
  return method === 'get' ? rows[0] : rows;
}

type PrepareArguments = Parameters<LibSQLSession<Schema, TablesRelationalConfig>['prepareQuery']>;

class RoutedSession extends LibSQLSession<Schema, TablesRelationalConfig> {
  private readonly route: SessionRoute;
  private readonly settings: DrizzleSettings;

  constructor(route: SessionRoute, settings: DrizzleSettings) {
    super(route.client, settings.dialect, settings.schema, { logger: settings.logger }, undefined);
    this.route = route;
    this.settings = settings;
  }

  override prepareQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>>(
    ...args: PrepareArguments
  ): LibSQLPreparedQuery<T> {
    try {
      return this.prepared<T>(...args);
    } catch (error) {
      const isRelational = args[4] !== undefined;
      // A relational query comes here also when it is executed at once.
      if (isRelational) return new RefusedQuery<T>(this.route.client, error);
      throw error;
    }
  }

  /** For a query that is executed at once: what refuses it is told by its promise, after the turn that is due. */
  override prepareOneTimeQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>>(
    ...args: PrepareArguments
  ): LibSQLPreparedQuery<T> {
    try {
      return this.prepareQuery<T>(...args);
    } catch (error) {
      return new RefusedQuery<T>(this.route.client, error);
    }
  }

  private prepared<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>>(
    ...[query, fields, executeMethod, isResponseInArrayMode, customResultMapper, , cacheConfig]: PrepareArguments
  ): LibSQLPreparedQuery<T> {
    if (cacheConfig?.enable) {
      throw new TypeError("$withCache: drizzle's cache is not supported; use @cc/cache, which knows of transactions");
    }
    const shape = { query, fields, executeMethod, isResponseInArrayMode, customResultMapper };
    return new RoutedQuery<T>(this.route, this.settings.logger, shape);
  }

  override async batch(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
    try {
      checkQueries(queries);
    } catch (error) {
      return refuseInTurn(error);
    }
    return this.route.nested((inside) => executeTogether(queries, this.route, inside));
  }

  runsOn(route: SessionRoute): boolean {
    return this.route === route;
  }

  // In a batch, `db.run(sql)` and its like hand their results to the session that made them. Only its name is asked here.
  extractRawRunValueFromBatchResult = (): unknown => this;
  override extractRawAllValueFromBatchResult = (): unknown => this;
  override extractRawGetValueFromBatchResult = (): unknown => this;
  override extractRawValuesValueFromBatchResult = (): unknown => this;

  override async transaction<T>(
    work: (tx: LibSQLTransaction<Schema, TablesRelationalConfig>) => T | Promise<T>,
  ): Promise<T> {
    checkWork('transaction', work);
    return this.route.nested(
      async (route, depth, rollback) => {
        const session = new RoutedSession(route, this.settings);
        return work(new RoutedTransaction(session, this.settings, depth, rollback));
      },
      { once: true },
    );
  }
}

class RoutedTransaction extends LibSQLTransaction<Schema, TablesRelationalConfig> {
  private readonly routed: RoutedSession;
  private readonly undo: () => never;

  constructor(session: RoutedSession, settings: DrizzleSettings, depth: number, rollback: () => never) {
    super('async', settings.dialect, session, settings.schema, depth);
    this.routed = session;
    this.undo = rollback;
  }

  override transaction<T>(work: (tx: LibSQLTransaction<Schema, TablesRelationalConfig>) => Promise<T>): Promise<T> {
    return this.routed.transaction(work);
  }

  override rollback(): never {
    return this.undo();
  }
}

interface QueryShape {
  readonly query: Query;
  readonly fields: ConstructorParameters<typeof LibSQLPreparedQuery>[6];
  readonly executeMethod: SQLiteExecuteMethod;
  readonly isResponseInArrayMode: boolean;
  readonly customResultMapper: ConstructorParameters<typeof LibSQLPreparedQuery>[10];
}

class RoutedQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>> extends LibSQLPreparedQuery<T> {
  private readonly route: SessionRoute;
  private readonly queryLogger: Logger;
  private readonly text: Query;
  private readonly mapped: boolean;
  private readonly method: SQLiteExecuteMethod;
  /** Rows of a relational query are mapped together, and `get` of `findMany` gives them all. */
  private readonly relational: boolean;
  private readonly endsWithLimit: boolean;

  constructor(route: SessionRoute, logger: Logger, shape: QueryShape) {
    const { query, fields, executeMethod, isResponseInArrayMode, customResultMapper } = shape;
    const cache = undefined as never;
    super(
      route.client,
      query,
      logger,
      cache,
      undefined,
      undefined,
      fields,
      undefined,
      executeMethod,
      isResponseInArrayMode,
      customResultMapper,
    );
    this.route = route;
    this.queryLogger = logger;
    this.text = query;
    this.method = executeMethod;
    this.mapped = fields !== undefined || customResultMapper !== undefined;
    this.relational = customResultMapper !== undefined;
    this.endsWithLimit = endsWithLimit.test(query.sql) && !comment.test(query.sql);
  }

  override async run(values?: Record<string, unknown>): Promise<ResultSet> {
    try {
      const running = this.send(values, false);
      const made = toResultSet(isPromise(running) ? await running : running);
      return isPromise(made) ? await made : made;
    } catch (error) {
      return refuseInTurn(await this.asDrizzle(error));
    }
  }

  override async all(values?: Record<string, unknown>): Promise<T['all']> {
    try {
      const running = this.send(values, false);
      const made = this.asAll(isPromise(running) ? await running : running);
      return isPromise(made) ? await made : made;
    } catch (error) {
      return refuseInTurn(await this.asDrizzle(error));
    }
  }

  override async get(values?: Record<string, unknown>): Promise<T['get']> {
    try {
      const running = this.send(values, !this.relational);
      return this.asGet(isPromise(running) ? await running : running);
    } catch (error) {
      return refuseInTurn(await this.asDrizzle(error));
    }
  }

  override async values(values?: Record<string, unknown>): Promise<T['values']> {
    try {
      const running = this.send(values, false);
      const made = asValues(isPromise(running) ? await running : running);
      return (isPromise(made) ? await made : made) as T['values'];
    } catch (error) {
      return refuseInTurn(await this.asDrizzle(error));
    }
  }

  /** Its statement without placeholders, and how the result is read; undefined when it belongs to another route. */
  plain(route: SessionRoute): PlainQuery | undefined {
    if (route !== this.route) return undefined;
    const { sql, args } = this.filled(undefined);
    return { statement: { sql, args }, read: (result) => this.readResult(result) };
  }

  private readResult(result: StatementResult): unknown {
    switch (this.method) {
      case 'run':
        return toResultSet(result);
      case 'all':
        return this.asAll(result);
      case 'get':
        return this.asGet(result);
      default:
        return asValues(result);
    }
  }

  private asAll(result: StatementResult): Awaitable<T['all']> {
    if (!this.mapped) return namedRows(result) as T['all'];
    // Row by row, also those of a relational query: a single one has one row.
    return inPieces(result.rows, (rows) => this.mapAllResult(rows) as T['all'][]) as T['all'];
  }

  private asGet(result: StatementResult): T['get'] {
    if (result.rows.length === 0) return undefined as T['get'];
    if (this.mapped) return this.mapGetResult(result.rows) as T['get'];
    const rows = namedRows({ ...result, rows: result.rows.slice(0, 1) });
    return (isPromise(rows) ? undefined : rows[0]) as T['get'];
  }

  // Neither here nor below an async function: where a connection answers at once, its promise would be felt.
  private send(values: Record<string, unknown> | undefined, firstOnly: boolean): Awaitable<StatementResult> {
    const { sql, args } = this.filled(values);
    // The driver takes half the time for one row when it need not look for a second one.
    const oneAtMost = this.endsWithLimit && Array.isArray(args) && args.at(-1) === 1;
    const running = this.route.execute(sql, args, firstOnly || oneAtMost);
    if (isPromise(running)) keepBytes(args);
    return running;
  }

  private filled(values: Record<string, unknown> | undefined): BatchStatement {
    const { sql, params } = this.text;
    const filled = fillPlaceholders(params, values ?? {});
    this.queryLogger.logQuery(sql, filled);
    return { sql, args: bindable(filled as never[], sql) };
  }

  /**
   * Puts the error that drizzle throws for a failed query among the causes of `error`, without the values. Not at once: from
   * where drizzle begins a query, the `then` that JavaScript calls for who awaits it, no stack leads to them.
   */
  private async asDrizzle(error: unknown): Promise<unknown> {
    await Promise.resolve();
    const { sql } = this.text;
    // Errors of this statement only: others are shared, such as that of a closed manager.
    if (!isDatabaseError(error) || error.operation !== sql) return error;
    return withCause(error, (cause) =>
      // Programs for the stock client ask `error.cause` for these, where drizzle has the client's error.
      Object.assign(new DrizzleQueryError(sql, [], isError(cause) ? cause : undefined), {
        message: clientMessage(error),
        ...clientCodesOf(cause),
      }),
    );
  }
}

function clientCodesOf(error: unknown): Partial<Pick<LibsqlError, 'code' | 'extendedCode' | 'rawCode'>> {
  if (!(error instanceof LibsqlError)) return {};
  const { code, extendedCode, rawCode } = error;
  return { code, ...(extendedCode !== undefined && { extendedCode }), ...(rawCode !== undefined && { rawCode }) };
}

/** A query whose last value is the number of its rows. */
const endsWithLimit = /^select\b[^]*\blimit \?$/i;
const comment = /--|\/\*/;
