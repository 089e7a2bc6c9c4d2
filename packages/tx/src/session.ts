// drizzle's libSQL session over our runner: queries join the ambient (or one given) transaction when they are executed,
// rows stay arrays where drizzle maps fields itself, and errors carry no parameter values.
import type { Client, ResultSet } from '@libsql/client';
import type { Casing, Query } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { LibSQLDatabase } from 'drizzle-orm/libsql/driver-core';
import { LibSQLPreparedQuery, LibSQLSession, LibSQLTransaction } from 'drizzle-orm/libsql/session';
import { DefaultLogger, type Logger, NoopLogger } from 'drizzle-orm/logger';
import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  type RelationalSchemaConfig,
  type TablesRelationalConfig,
} from 'drizzle-orm/relations';
import { fillPlaceholders } from 'drizzle-orm/sql';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import type { PreparedQueryConfig, SQLiteExecuteMethod } from 'drizzle-orm/sqlite-core/session';
import { bindable } from './binding.js';
import { runEach, shownValue, toResultSet } from './client.js';
import type { StatementResult } from './connection-source.js';
import { withCause } from './errors/restated.js';
import { isDatabaseError } from './errors.js';
import type { Database, Schema } from './types.js';

/** What drizzle's queries and nested transactions are routed to. */
export interface SessionRoute {
  readonly client: Client;
  execute(sql: string, args: ReturnType<typeof bindable>, firstOnly: boolean): Promise<StatementResult>;
  /** Runs `work` in a transaction or savepoint, with the route of that frame. */
  nested<T>(work: (route: SessionRoute, depth: number, rollback: () => never) => Promise<T>): Promise<T>;
}

/** What drizzle is told of a database, made once per manager. */
export interface DrizzleSettings {
  readonly dialect: SQLiteAsyncDialect;
  readonly schema: RelationalSchemaConfig<TablesRelationalConfig> | undefined;
  readonly logger: Logger;
}

/** Reads the relations of `schema` and the other settings of drizzle as its own driver does. */
export function drizzleSettings(options: {
  readonly schema?: Schema | undefined;
  readonly casing?: Casing | undefined;
  readonly logger?: boolean | Logger | undefined;
}): DrizzleSettings {
  const { casing, logger } = options;
  return {
    dialect: new SQLiteAsyncDialect(casing ? { casing } : {}),
    schema: options.schema && relationsOf(options.schema),
    logger: logger === true ? new DefaultLogger() : logger ? new SafeLogger(logger) : new NoopLogger(),
  };
}

function relationsOf(schema: Schema): RelationalSchemaConfig<TablesRelationalConfig> {
  const { tables, tableNamesMap } = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  return { fullSchema: schema, schema: tables, tableNamesMap };
}

/** A broken logger must never break the query that it hears of (promise 10). */
class SafeLogger implements Logger {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  logQuery(query: string, params: unknown[]): void {
    try {
      this.#logger.logQuery(query, params);
    } catch {
      // As with listeners: whoever logs has no say in what is logged.
    }
  }
}

/** Returns a drizzle database whose queries run through `route`. */
export function createDatabase<S extends Schema>(route: SessionRoute, settings: DrizzleSettings): Database<S> {
  const session = new RoutedSession(route, settings);
  const database = new LibSQLDatabase('async', settings.dialect, session, settings.schema);
  // The schema was given as S and described above; drizzle's constructor cannot infer that.
  return Object.assign(database, { $client: route.client, $cache: { invalidate: noCache } }) as unknown as Database<S>;
}

/** In transactions drizzle's cache would hand out what is rolled back, and keep what a load has read before a write. */
async function noCache(): Promise<never> {
  throw new TypeError("drizzle's cache is not supported; use @cc/cache, which knows of transactions");
}

/** Runs drizzle queries one after another. Each starts where it is awaited, and so joins the transaction of this context. */
export function executeInOrder(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
  // Every query of drizzle is a thenable; its type for batches leaves that out.
  return runEach(queries as readonly (BatchItem<'sqlite'> & PromiseLike<unknown>)[], async (query) => query);
}

class RoutedSession extends LibSQLSession<Schema, TablesRelationalConfig> {
  readonly #route: SessionRoute;
  readonly #settings: DrizzleSettings;

  constructor(route: SessionRoute, settings: DrizzleSettings) {
    super(route.client, settings.dialect, settings.schema, { logger: settings.logger }, undefined);
    this.#route = route;
    this.#settings = settings;
  }

  override prepareQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>>(
    ...[query, fields, executeMethod, isResponseInArrayMode, customResultMapper, , cacheConfig]: Parameters<
      LibSQLSession<Schema, TablesRelationalConfig>['prepareQuery']
    >
  ): LibSQLPreparedQuery<T> {
    if (cacheConfig?.enable) {
      throw new TypeError("$withCache: drizzle's cache is not supported; use @cc/cache, which knows of transactions");
    }
    const shape = { query, fields, executeMethod, isResponseInArrayMode, customResultMapper };
    return new RoutedQuery<T>(this.#route, this.#settings.logger, shape);
  }

  override batch(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
    return this.#route.nested(() => executeInOrder(queries));
  }

  override transaction<T>(work: (tx: LibSQLTransaction<Schema, TablesRelationalConfig>) => T | Promise<T>): Promise<T> {
    return this.#route.nested(async (route, depth, rollback) => {
      const session = new RoutedSession(route, this.#settings);
      return work(new RoutedTransaction(session, this.#settings, depth, rollback));
    });
  }
}

class RoutedTransaction extends LibSQLTransaction<Schema, TablesRelationalConfig> {
  readonly #session: RoutedSession;
  readonly #rollback: () => never;

  constructor(session: RoutedSession, settings: DrizzleSettings, depth: number, rollback: () => never) {
    super('async', settings.dialect, session, settings.schema, depth);
    this.#session = session;
    this.#rollback = rollback;
  }

  override transaction<T>(work: (tx: LibSQLTransaction<Schema, TablesRelationalConfig>) => Promise<T>): Promise<T> {
    return this.#session.transaction(work);
  }

  override rollback(): never {
    return this.#rollback();
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
  readonly #route: SessionRoute;
  readonly #logger: Logger;
  readonly #query: Query;
  readonly #mapped: boolean;

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
    this.#route = route;
    this.#logger = logger;
    this.#query = query;
    this.#mapped = fields !== undefined || customResultMapper !== undefined;
  }

  override async run(values?: Record<string, unknown>): Promise<ResultSet> {
    return toResultSet(await this.#execute(values, false));
  }

  override async all(values?: Record<string, unknown>): Promise<T['all']> {
    const result = await this.#execute(values, false);
    return (this.#mapped ? this.mapAllResult(result.rows) : namedRows(result)) as T['all'];
  }

  override async get(values?: Record<string, unknown>): Promise<T['get']> {
    const result = await this.#execute(values, true);
    if (result.rows.length === 0) return undefined as T['get'];
    return (this.#mapped ? this.mapGetResult(result.rows) : namedRows(result)[0]) as T['get'];
  }

  override async values(values?: Record<string, unknown>): Promise<T['values']> {
    return (await this.#execute(values, false)).rows.map((row) => row.map(shownValue)) as T['values'];
  }

  async #execute(values: Record<string, unknown> | undefined, firstOnly: boolean): Promise<StatementResult> {
    const { sql, params } = this.#query;
    const filled = fillPlaceholders(params, values ?? {});
    this.#logger.logQuery(sql, filled);
    try {
      return await this.#route.execute(sql, bindable(filled as never[]), firstOnly);
    } catch (error) {
      // Errors of this statement only: others are shared, such as that of a closed manager.
      if (!isDatabaseError(error) || error.operation !== sql) throw error;
      throw withCause(error, (cause) => new DrizzleQueryError(sql, [], cause instanceof Error ? cause : undefined));
    }
  }
}

/** Rows by name. Of columns with the same name the first counts, as everywhere in drizzle. */
function namedRows({ columns, rows }: StatementResult): Record<string, unknown>[] {
  const named = columns
    .map((name, index) => ({ name, index }))
    .filter(({ name, index }) => columns.indexOf(name) === index);
  return rows.map((values) => Object.fromEntries(named.map(({ name, index }) => [name, shownValue(values[index])])));
}
