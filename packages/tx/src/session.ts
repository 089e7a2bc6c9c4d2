// drizzle's libSQL session over our runner: queries join the ambient (or one given) transaction when they are executed,
// rows stay arrays where drizzle maps fields itself, and errors carry no parameter values.
import type { Client, ResultSet } from '@libsql/client';
import type { Query } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { is } from 'drizzle-orm/entity';
import { LibSQLDatabase } from 'drizzle-orm/libsql/driver-core';
import { LibSQLPreparedQuery, LibSQLSession, LibSQLTransaction } from 'drizzle-orm/libsql/session';
import { NoopLogger } from 'drizzle-orm/logger';
import {
  createTableRelationsHelpers,
  extractTablesRelationalConfig,
  type RelationalSchemaConfig,
  type TablesRelationalConfig,
} from 'drizzle-orm/relations';
import { fillPlaceholders } from 'drizzle-orm/sql';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { SQLiteRaw } from 'drizzle-orm/sqlite-core/query-builders/raw';
import type { PreparedQueryConfig, SQLiteExecuteMethod } from 'drizzle-orm/sqlite-core/session';
import { bindable } from './binding.js';
import type { BatchStatement, StatementResult } from './connection-source.js';
import type { Database, Schema } from './types.js';

/** What drizzle's queries and nested transactions are routed to. */
export interface SessionRoute {
  readonly client: Client;
  execute(sql: string, args: ReturnType<typeof bindable>, firstOnly: boolean): Promise<StatementResult>;
  /** Runs the statements of a batch inside the open transaction. Absent where it saves no round trips. */
  readonly executeAll?: ((statements: readonly BatchStatement[]) => Promise<StatementResult[]>) | undefined;
  /** Runs `work` in a transaction or savepoint, with the route of that frame. */
  nested<T>(work: (route: SessionRoute, depth: number, rollback: () => never) => Promise<T>): Promise<T>;
}

/** drizzle's description of a schema, made once per manager. */
export type DescribedSchema = RelationalSchemaConfig<TablesRelationalConfig> | undefined;

/** Reads the relations of `schema` as drizzle's own driver does. */
export function describeSchema(schema: Schema | undefined): DescribedSchema {
  if (!schema) return undefined;
  const { tables, tableNamesMap } = extractTablesRelationalConfig(schema, createTableRelationsHelpers);
  return { fullSchema: schema, schema: tables, tableNamesMap };
}

/** Returns a drizzle database whose queries run through `route`. */
export function createDatabase<S extends Schema>(route: SessionRoute, schema: DescribedSchema): Database<S> {
  const dialect = new SQLiteAsyncDialect();
  const session = new RoutedSession(route, dialect, schema);
  const database = new LibSQLDatabase('async', dialect, session, schema);
  // The schema was given as S and described above; drizzle's constructor cannot infer that.
  return Object.assign(database, { $client: route.client }) as unknown as Database<S>;
}

/** Runs drizzle queries one after another. Each starts where it is awaited, and so joins the transaction of this context. */
export async function executeInOrder(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
  const results: unknown[] = [];
  // Every query of drizzle is a thenable; its type for batches leaves that out.
  for (const query of queries as readonly (BatchItem<'sqlite'> & PromiseLike<unknown>)[]) results.push(await query);
  return results;
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
  return results.map((result, i) => plain[i]?.read(result));
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
  const args = bindable(fillPlaceholders(params, {}) as never[]);
  return { statement: { sql, args }, read: (result) => rawResult(method, result) };
}

function rawResult(method: 'run' | 'all' | 'get' | 'values', result: StatementResult): unknown {
  const { columns, rows } = result;
  if (method === 'run') return asRun(result);
  if (method === 'values') return rows;
  const shown = rows.map((row) => named(columns, row));
  return method === 'get' ? shown[0] : shown;
}

class RoutedSession extends LibSQLSession<Schema, TablesRelationalConfig> {
  readonly #route: SessionRoute;
  readonly #dialect: SQLiteAsyncDialect;
  readonly #schema: DescribedSchema;

  constructor(route: SessionRoute, dialect: SQLiteAsyncDialect, schema: DescribedSchema) {
    super(route.client, dialect, schema, {}, undefined);
    this.#route = route;
    this.#dialect = dialect;
    this.#schema = schema;
  }

  override prepareQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>>(
    ...[query, fields, executeMethod, isResponseInArrayMode, customResultMapper]: Parameters<
      LibSQLSession<Schema, TablesRelationalConfig>['prepareQuery']
    >
  ): LibSQLPreparedQuery<T> {
    return new RoutedQuery<T>(this.#route, query, fields, executeMethod, isResponseInArrayMode, customResultMapper);
  }

  override batch(queries: readonly BatchItem<'sqlite'>[]): Promise<unknown[]> {
    return this.#route.nested((inside) => executeTogether(queries, this.#route, inside));
  }

  runsOn(route: SessionRoute): boolean {
    return this.#route === route;
  }

  // In a batch, `db.run(sql)` and its like hand their results to the session that made them. Only its name is asked here.
  extractRawRunValueFromBatchResult = (): unknown => this;
  override extractRawAllValueFromBatchResult = (): unknown => this;
  override extractRawGetValueFromBatchResult = (): unknown => this;
  override extractRawValuesValueFromBatchResult = (): unknown => this;

  override transaction<T>(work: (tx: LibSQLTransaction<Schema, TablesRelationalConfig>) => T | Promise<T>): Promise<T> {
    return this.#route.nested(async (route, depth, rollback) => {
      const session = new RoutedSession(route, this.#dialect, this.#schema);
      return work(new RoutedTransaction(session, this.#dialect, this.#schema, depth, rollback));
    });
  }
}

class RoutedTransaction extends LibSQLTransaction<Schema, TablesRelationalConfig> {
  readonly #session: RoutedSession;
  readonly #rollback: () => never;

  constructor(
    session: RoutedSession,
    dialect: SQLiteAsyncDialect,
    schema: DescribedSchema,
    depth: number,
    rollback: () => never,
  ) {
    super('async', dialect, session, schema, depth);
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

class RoutedQuery<T extends Omit<PreparedQueryConfig, 'run' | 'statement'>> extends LibSQLPreparedQuery<T> {
  readonly #route: SessionRoute;
  readonly #query: Query;
  readonly #mapped: boolean;
  readonly #method: SQLiteExecuteMethod;

  constructor(
    route: SessionRoute,
    query: Query,
    fields: ConstructorParameters<typeof LibSQLPreparedQuery>[6],
    executeMethod: SQLiteExecuteMethod,
    isResponseInArrayMode: boolean,
    customResultMapper: ConstructorParameters<typeof LibSQLPreparedQuery>[10],
  ) {
    const cache = undefined as never;
    super(
      route.client,
      query,
      new NoopLogger(),
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
    this.#query = query;
    this.#method = executeMethod;
    this.#mapped = fields !== undefined || customResultMapper !== undefined;
  }

  override async run(values?: Record<string, unknown>): Promise<ResultSet> {
    return asRun(await this.#execute(values, false));
  }

  override async all(values?: Record<string, unknown>): Promise<T['all']> {
    return this.#asAll(await this.#execute(values, false));
  }

  override async get(values?: Record<string, unknown>): Promise<T['get']> {
    return this.#asGet(await this.#execute(values, true));
  }

  override async values(values?: Record<string, unknown>): Promise<T['values']> {
    return (await this.#execute(values, false)).rows as T['values'];
  }

  /** Its statement without placeholders, and how the result is read; undefined when it belongs to another route. */
  plain(route: SessionRoute): PlainQuery | undefined {
    if (route !== this.#route) return undefined;
    const { sql, params } = this.#query;
    const args = bindable(fillPlaceholders(params, {}) as never[]);
    return { statement: { sql, args }, read: (result) => this.#read(result) };
  }

  #read(result: StatementResult): unknown {
    switch (this.#method) {
      case 'run':
        return asRun(result);
      case 'all':
        return this.#asAll(result);
      case 'get':
        return this.#asGet(result);
      default:
        return result.rows;
    }
  }

  #asAll({ columns, rows }: StatementResult): T['all'] {
    return (this.#mapped ? this.mapAllResult(rows) : rows.map((row) => named(columns, row))) as T['all'];
  }

  #asGet({ columns, rows }: StatementResult): T['get'] {
    const [row] = rows;
    if (row === undefined) return undefined as T['get'];
    return (this.#mapped ? this.mapGetResult(rows) : named(columns, row)) as T['get'];
  }

  #execute(values: Record<string, unknown> | undefined, firstOnly: boolean): Promise<StatementResult> {
    const { sql, params } = this.#query;
    return this.#route.execute(sql, bindable(fillPlaceholders(params, values ?? {}) as never[]), firstOnly);
  }
}

function asRun({ columns, rows, rowsAffected, lastInsertRowid }: StatementResult): ResultSet {
  const shown = {
    columns: [...columns],
    columnTypes: [],
    rowsAffected,
    lastInsertRowid: lastInsertRowid ?? undefined,
  };
  // drizzle's `run` answers how many rows changed; rows are for `all`, `get` and `values`.
  return { ...shown, rows: [], toJSON: () => ({ ...shown, rows }) };
}

function named(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((name, index) => [name, row[index]]));
}
