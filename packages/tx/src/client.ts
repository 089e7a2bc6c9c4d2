// The `Client` interface of @libsql/client, for drizzle and for anything else written against it, over a route that says
// where statements run: the ambient transaction of a manager, or one held connection.
import type { InArgs, InStatement, ResultSet, Row, Transaction, TransactionMode, Value } from '@libsql/client';
import { type BoundArgs, bindable } from './binding.js';
import type { BatchStatement, DetachedClient, OnStatement, StatementResult } from './connection-source.js';
import { DatabaseError } from './errors.js';
import type { LeasedClient } from './types.js';

/** Where the statements of a client run. */
export interface ClientRoute {
  execute(sql: string, args: BoundArgs): Promise<StatementResult>;
  /** Runs the statements all or none; `executeAll` is there where it saves round trips. */
  atomically(
    mode: TransactionMode,
    run: (execute: ClientRoute['execute'], executeAll?: ExecuteAll) => Promise<ResultSet[]>,
  ): Promise<ResultSet[]>;
  readonly detached: DetachedClient;
  readonly sync?: (() => Promise<void>) | undefined;
  readonly closed: boolean;
  close(): void;
}

/** Runs statements in order; the error of the one that fails has its `statementIndex`. */
export type ExecuteAll = (statements: readonly BatchStatement[]) => Promise<StatementResult[]>;

/** A `Client` over `route`. */
export class RoutedClient implements LeasedClient {
  readonly protocol: string;
  readonly #route: ClientRoute;

  constructor(route: ClientRoute, protocol = 'file') {
    this.#route = route;
    this.protocol = protocol;
  }

  get closed(): boolean {
    return this.#route.closed;
  }

  async execute(statement: InStatement | string, args?: InArgs): Promise<ResultSet> {
    const { sql, bound } = parts(statement, args);
    return toResultSet(await this.#route.execute(sql, bound));
  }

  batch(statements: (InStatement | [string, InArgs?])[], mode: TransactionMode = 'deferred'): Promise<ResultSet[]> {
    return this.#route.atomically(mode, async (execute, executeAll) => {
      if (executeAll) return (await executeAll(statements.map(batchStatement))).map(toResultSet);
      const results: ResultSet[] = [];
      for (const statement of statements) {
        const { sql, bound } = Array.isArray(statement) ? parts(statement[0], statement[1]) : parts(statement);
        results.push(toResultSet(await execute(sql, bound)));
      }
      return results;
    });
  }

  async migrate(statements: InStatement[], onStatement?: OnStatement): Promise<ResultSet[]> {
    return this.#route.detached.migrate(statements, onStatement);
  }

  async executeMultiple(sql: string): Promise<void> {
    return this.#route.detached.executeMultiple(sql);
  }

  async transaction(mode: TransactionMode = 'write'): Promise<Transaction> {
    return this.#route.detached.transaction(mode);
  }

  /** Answers undefined: how many frames came is not known for every target. */
  async sync(): Promise<undefined> {
    if (!this.#route.sync) throw unsupported('sync', 'This database has no server to synchronise with');
    await this.#route.sync();
  }

  reconnect(): void {
    // Broken connections are replaced by themselves.
  }

  close(): void {
    this.#route.close();
  }
}

function unsupported(operation: string, reason: string): DatabaseError {
  return new DatabaseError(reason, { type: 'unknown', code: 'UNSUPPORTED', operation });
}

/** A statement's text and its values, ready to bind. @throws TypeError for a value that cannot be bound */
export function parts(statement: InStatement | string, args?: InArgs): { sql: string; bound: BoundArgs } {
  if (typeof statement === 'string') return { sql: statement, bound: bindable(args ?? []) };
  return { sql: statement.sql, bound: bindable(statement.args ?? []) };
}

/** A statement of a batch, in any of the forms that a `Client` takes. @throws TypeError for a value that cannot be bound */
export function batchStatement(statement: InStatement | [string, InArgs?]): BatchStatement {
  const { sql, bound } = Array.isArray(statement) ? parts(statement[0], statement[1]) : parts(statement);
  return { sql, args: bound };
}

/** The result of a statement as @libsql/client gives it. */
export function toResultSet(result: StatementResult): ResultSet {
  const columns = [...result.columns];
  const rows = result.rows.map((row) => toRow(columns, row));
  const { rowsAffected } = result;
  const lastInsertRowid = result.lastInsertRowid ?? undefined;
  const columnTypes = columns.map(() => '');
  return {
    columns,
    columnTypes,
    rows,
    rowsAffected,
    lastInsertRowid,
    toJSON: () => ({
      columns,
      columnTypes,
      rows: result.rows,
      rowsAffected,
      lastInsertRowid: lastInsertRowid?.toString(),
    }),
  };
}

/** Reads by name (enumerable) and by position (not enumerable), as @libsql/client's rows do. */
function toRow(columns: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {};
  Object.defineProperty(row, 'length', { value: values.length });
  values.forEach((value, index) => {
    const shown = Buffer.isBuffer(value) ? arrayBufferOf(value) : value;
    Object.defineProperty(row, index, { value: shown });
    const name = columns[index];
    if (name !== undefined && !Object.hasOwn(row, name)) row[name] = shown;
  });
  // Values come from SQLite: null, number, text or bytes.
  return row as Record<string, Value> & { length: number };
}

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  return copy;
}
