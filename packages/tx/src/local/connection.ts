// One native connection: pragmas, prepared statements, row reading, and the knowledge of when it must be replaced.
// Everything here is synchronous; waiting and ordering are the pool's work.
import type Libsql from 'libsql';
import type { BoundArgs } from '../binding.js';
import type { StatementResult, TransactionConnection } from '../connection-source.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import { openNative } from '../native-driver.js';
import type { Pragmas } from '../options.js';

/** How a connection is opened. */
export interface ConnectionSettings {
  readonly path: string;
  readonly pragmas: Pragmas;
  readonly readOnly: boolean;
  readonly encryptionKey: string | undefined;
  readonly statementCacheSize: number;
}

interface PreparedStatement {
  readonly native: Libsql.Statement;
  readonly returnsRows: boolean;
  readonly changesSchema: boolean;
  /** Read after the first run: only then has SQLite compared the statement with the file's current schema. */
  columns: readonly string[] | undefined;
}

/** A native connection. Every method throws `DatabaseError`. */
export class Connection implements TransactionConnection {
  readonly #settings: ConnectionSettings;
  #native: Libsql.Database | undefined;
  readonly #statements = new Map<string, PreparedStatement>();
  #poisoned = false;
  #schemaChanged = false;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    try {
      const { encryptionKey } = settings;
      this.#native = openNative(settings.path, encryptionKey === undefined ? {} : { encryptionKey });
      this.applyPragmas();
    } catch (error) {
      this.close();
      throw toDatabaseError(error, `open ${settings.path}`);
    }
  }

  /**
   * A prepared statement of this connection failed with BUSY or LOCKED. The driver never resets it, so the
   * connection would go on with a pinned snapshot and lose what it acknowledges (libsql-client-ts issue 352):
   * roll back, discard, open anew.
   */
  get poisoned(): boolean {
    return this.#poisoned;
  }

  get inTransaction(): boolean {
    // Asking a closed handle aborts the process.
    return this.#native?.inTransaction ?? false;
  }

  /** Whether the schema was changed through this connection since the last call. */
  takeSchemaChange(): boolean {
    const changed = this.#schemaChanged;
    this.#schemaChanged = false;
    return changed;
  }

  /** Sets every pragma of the settings, also after a caller may have changed them. */
  applyPragmas(): void {
    const { pragmas, readOnly } = this.#settings;
    for (const [name, value] of Object.entries(pragmas)) {
      this.exec(`PRAGMA ${name} = ${typeof value === 'boolean' ? Number(value) : value}`);
    }
    this.exec(`PRAGMA query_only = ${readOnly ? 1 : 0}`);
  }

  /** Runs statements without values. BUSY here leaves the connection sound. */
  exec(sql: string): void {
    try {
      this.#open(sql).exec(sql);
      if (schemaChange.test(sql)) this.#noteSchemaChange();
    } catch (error) {
      throw toDatabaseError(error, sql, { outcome: sql === 'COMMIT' ? 'unknown' : 'none' });
    }
  }

  /** Runs one prepared statement; with `firstOnly` a query stops after its first row. */
  run(sql: string, args: BoundArgs, firstOnly = false): StatementResult {
    try {
      const statement = this.#prepare(sql);
      if (!statement.returnsRows) {
        const { changes, lastInsertRowid } = statement.native.run(args);
        if (statement.changesSchema) this.#noteSchemaChange();
        return { columns: [], rows: [], rowsAffected: changes, lastInsertRowid: BigInt(lastInsertRowid) };
      }
      const rows = firstOnly ? firstRow(statement.native, args) : (statement.native.all(args) as unknown[][]);
      return this.#rowsOf(statement, rows, sql);
    } catch (error) {
      const failure = toDatabaseError(error, sql);
      if (failure.type === 'lock') this.#poisoned = true;
      throw failure;
    }
  }

  /** Drops every prepared statement: their column lists go stale when the schema changes. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  /** Rolls back when a transaction is open. Never throws: a connection that cannot roll back is marked for replacement. */
  rollbackIfOpen(): void {
    try {
      if (this.inTransaction) this.exec('ROLLBACK');
    } catch {
      this.#poisoned = true;
    }
  }

  /** Closes the handle. A second call does nothing. */
  close(): void {
    const native = this.#native;
    this.#native = undefined;
    // The native statements hold the connection open until they are collected.
    this.#statements.clear();
    native?.close();
  }

  #noteSchemaChange(): void {
    this.#schemaChanged = true;
    this.#statements.clear();
  }

  #open(operation: string): Libsql.Database {
    if (this.#native) return this.#native;
    throw new DatabaseError('The connection is closed', { type: 'closed', code: 'CONNECTION_CLOSED', operation });
  }

  #prepare(sql: string): PreparedStatement {
    const native = this.#open(sql);
    const cached = this.#statements.get(sql);
    if (cached) return cached;
    const prepared = native.prepare(sql);
    const returnsRows = prepared.columns().length > 0;
    if (returnsRows) prepared.raw(true).safeIntegers(true);
    const changesSchema = !returnsRows && schemaChange.test(sql);
    const statement = { native: prepared, returnsRows, changesSchema, columns: undefined };
    this.#remember(sql, statement);
    return statement;
  }

  #remember(sql: string, statement: PreparedStatement): void {
    const limit = this.#settings.statementCacheSize;
    if (limit === 0) return;
    if (this.#statements.size >= limit) {
      // Oldest first: a hit must stay one Map lookup.
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, statement);
  }

  #rowsOf(statement: PreparedStatement, rows: unknown[][], sql: string): StatementResult {
    const width = rows[0]?.length;
    const { columns: known } = statement;
    // Another process may have added a column under a `select *`.
    const columns =
      known && (width === undefined || width === known.length)
        ? known
        : statement.native.columns().map((column) => column.name);
    statement.columns = columns;
    for (const row of rows) numbersFromIntegers(row, sql);
    return { columns, rows, rowsAffected: 0, lastInsertRowid: null };
  }
}

// A false alarm (the word in a text) only costs preparing statements again.
const schemaChange = /\b(?:create|alter|drop)\b/i;

function firstRow(statement: Libsql.Statement, args: BoundArgs): unknown[][] {
  const row = statement.get(args) as unknown[] | undefined;
  return row === undefined ? [] : [row];
}

/** Makes numbers of a row's integers in place. The driver's own conversion rounds past 2^53 without a word; this one refuses. */
export function numbersFromIntegers(row: unknown[], sql: string): void {
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i];
    if (typeof value !== 'bigint') continue;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new DatabaseError('A column holds an integer past 2^53, which a JavaScript number cannot keep', {
        type: 'unknown',
        code: 'INTEGER_OUT_OF_RANGE',
        operation: sql,
        hint: 'Select it as text: cast(column as text)',
      });
    }
    row[i] = number;
  }
}
