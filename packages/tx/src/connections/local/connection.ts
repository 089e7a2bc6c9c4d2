// One native connection: pragmas, prepared statements, row reading, and the knowledge of when it must be replaced.
// Everything here is synchronous; waiting and ordering are the pool's work. Long, because each call may leave the
// connection unsound, and has to know of what the others have left.

import type Libsql from 'libsql';
import { Counts } from '../../changes/counts.js';
import type { StatementResult, TransactionConnection } from '../../connection-source.js';
import { isError } from '../../errors/is-error.js';
import { DatabaseError, toDatabaseError } from '../../errors.js';
import { openNative } from '../../native-driver.js';
import type { Pragmas } from '../../pragma-values.js';
import type { BoundArgs } from '../../statements/binding.js';
import { asksEveryColumn } from '../../statements/every-column.js';
import { numbersFromIntegers } from '../../statements/integers.js';
import { refuseKey } from '../../statements/refused-statements.js';
import { firstWordOf, mayWrite, statementKind } from '../../statements/statement-kind.js';
import { readStatement, refuseWrongValues, type StatementText } from '../../statements/statement-text.js';
import { LockMet } from '../../waiting/patience.js';
import { CallersSettings } from './callers-settings.js';
import { closedFiles } from './closed-files.js';
import { insertedRowid } from './inserted-rowid.js';
import { KeptStatements } from './kept-statements.js';
import { type Columns, KnownColumns } from './known-columns.js';
import { OwnWrites } from './own-writes.js';

/** How a connection is opened. */
export interface ConnectionSettings {
  readonly path: string;
  readonly pragmas: Pragmas;
  readonly readOnly: boolean;
  readonly encryptionKey: string | undefined;
  readonly statementCacheSize: number;
  /** Of the manager that it belongs to, if any. */
  readonly counts?: Counts;
}

interface PreparedStatement {
  readonly native: Libsql.Statement;
  readonly text: StatementText;
  readonly returnsRows: boolean;
  readonly changesSchema: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
  /** Begins or ends a transaction. */
  readonly controls: boolean;
  readonly explains: boolean;
  /** A pragma without columns. */
  readonly sets: boolean;
  readonly everyColumn: boolean;
  columns: Columns | undefined;
}

/** A native connection. Every method throws `DatabaseError`. */
export class Connection implements TransactionConnection {
  readonly #settings: ConnectionSettings;
  #native: Libsql.Database | undefined;
  readonly #statements: KeptStatements<PreparedStatement>;
  #poisoned = false;
  /** Writes that met the lock of others: not reset by the driver, they keep the snapshot that they met it on. */
  readonly #spoilt: { readonly native: Libsql.Statement; readonly args: BoundArgs; readonly returnsRows: boolean }[] =
    [];
  /** A statement took effect and is told as failed, until it is rolled back. */
  #untrue = false;
  #schemaChanged = false;
  /** Whether a change of the schema may be taken back by a rollback. */
  #schemaInDoubt = false;
  #disturbed = false;
  readonly #callers = new CallersSettings(this);
  readonly #counts: Counts;
  readonly #writes: OwnWrites;
  readonly #columns: KnownColumns;
  /** Asked far more often than anything else, and never with values: each on a statement of its own. */
  readonly #versions = new Map<Version, Libsql.Statement>();

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#statements = new KeptStatements(settings.statementCacheSize);
    this.#counts = settings.counts ?? new Counts();
    this.#writes = new OwnWrites(this.#counts, this);
    const { encryptionKey, path } = settings;
    // Of a database in memory nobody else changes the schema; of an attached file the version tells nothing.
    const schemaVersion = () =>
      this.#disturbed ? undefined : path === ':memory:' ? 0 : this.#version('schema_version');
    this.#columns = new KnownColumns(schemaVersion);
    try {
      this.#native = openNative(path, encryptionKey === undefined ? {} : { encryptionKey });
      this.applyPragmas();
    } catch (error) {
      this.close();
      throw toDatabaseError(error, `open ${path}`);
    }
  }

  /**
   * A prepared statement of this connection failed with BUSY or LOCKED. The driver never resets it, so the
   * connection would go on with a pinned snapshot and lose what it acknowledges (libsql-client-ts issue 352). Or a
   * write took effect and its rows could not be told. Either way: roll back, discard, open anew.
   */
  get poisoned(): boolean {
    return this.#poisoned || this.#untrue;
  }

  get inTransaction(): boolean {
    // Asking a closed handle aborts the process.
    return this.#native?.inTransaction ?? false;
  }

  /** Whether a caller has changed what only this connection knows: pragmas, TEMP objects, attached files. */
  get disturbed(): boolean {
    return this.#disturbed;
  }

  /** Whether the schema was changed through this connection since the last call. */
  takeSchemaChange(): boolean {
    const changed = this.#schemaChanged;
    this.#schemaChanged = false;
    return changed;
  }

  get isOpen(): boolean {
    return this.#native !== undefined;
  }

  /** Whether what it sees is what is there now: it has no transaction open, or one that keeps all other writers away. */
  get isCurrent(): boolean {
    return this.isOpen && !this.poisoned && (!this.inTransaction || this.#writes.hasLock);
  }

  /** A number that every commit of another connection changes, as of what this connection sees; undefined when it is locked out. */
  dataVersion(): number | undefined {
    return this.#version('data_version');
  }

  #version(name: Version): number | undefined {
    try {
      let statement = this.#versions.get(name);
      if (!statement) {
        const sql = `PRAGMA ${name}`;
        statement = this.#open(sql).prepare(sql).raw(true);
        this.#versions.set(name, statement);
      }
      const [version] = statement.get() as [number];
      return version;
    } catch {
      // As after any prepared statement that has met a lock, which none does that runs in a transaction.
      this.#versions.delete(name);
      this.#poisoned ||= !this.inTransaction;
      return undefined;
    }
  }

  /** Sets every pragma of the settings, also after a caller may have changed them, or only the one of this name. */
  applyPragmas(only?: string): void {
    const { pragmas, readOnly } = this.#settings;
    for (const [name, value] of Object.entries(pragmas)) {
      if (only !== undefined && only !== name) continue;
      this.exec(`PRAGMA ${name} = ${typeof value === 'boolean' ? Number(value) : value}`);
    }
    this.exec(`PRAGMA query_only = ${readOnly ? 1 : 0}`);
  }

  /** Runs statements without values. BUSY here leaves the connection sound. */
  exec(sql: string): void {
    this.#counts.statements += 1;
    try {
      this.#writes.exec(sql, () => this.#open(sql).exec(sql));
      if (schemaChange.test(sql)) this.#noteSchemaChange();
      if (this.#schemaInDoubt && rollback.test(sql)) this.forgetStatements();
    } catch (error) {
      throw failureOf(error, sql);
    }
  }

  /** Begins a transaction with the write lock of the file, unless it meets the lock of others. */
  beginImmediate(): LockMet | undefined {
    const sql = 'BEGIN IMMEDIATE';
    this.#counts.statements += 1;
    try {
      this.#writes.exec(sql, () => this.#open(sql).exec(sql));
      return undefined;
    } catch (error) {
      const isBusy = isError(error) && 'code' in error && error.code === 'SQLITE_BUSY';
      if (isBusy) return new LockMet(() => toDatabaseError(error, sql));
      throw toDatabaseError(error, sql);
    }
  }

  /** Runs a statement of a caller's script, which may leave settings of this connection behind. */
  execForeign(sql: string): void {
    if (settings.test(sql)) this.#disturb(sql);
    this.exec(sql);
  }

  /**
   * Runs one prepared statement; with `firstOnly` a query stops after its first row.
   *
   * @throws TypeError when the values are not those that the statement asks for
   */
  run(sql: string, args: BoundArgs, firstOnly = false): StatementResult {
    const statement = this.#statements.get(sql, firstOnly) ?? this.#prepare(sql, firstOnly);
    if (statement.text.parameters.length !== args.length || statement.text.more)
      refuseWrongValues(sql, statement.text, args);
    this.#counts.statements += 1;
    const { writes, controls } = statement;
    if (!writes && !controls) return this.#runNow(sql, args, firstOnly, statement);
    return this.#writes.around({ sql, writes, controls }, () => this.#runNow(sql, args, firstOnly, statement));
  }

  #runNow(sql: string, args: BoundArgs, firstOnly: boolean, statement: PreparedStatement): StatementResult {
    try {
      if (!statement.returnsRows) {
        const { changes, lastInsertRowid } = statement.sets ? this.#toItsEnd(sql) : statement.native.run(args);
        if (statement.changesSchema) this.#noteSchemaChange();
        return {
          columns: [],
          columnTypes: [],
          rows: [],
          rowsAffected: changes,
          lastInsertRowid: insertedRowid(this.#open(sql), lastInsertRowid),
        };
      }
      const rows = firstOnly ? firstRow(statement.native, args) : (statement.native.all(args) as unknown[][]);
      // Read to its end, EXPLAIN stays active and would pin what the connection sees (libsql-js issue 232); `get` ends it.
      if (statement.explains && !firstOnly) statement.native.get(args);
      return this.#rowsOf(statement, rows, sql);
    } catch (error) {
      if (!statement.writes && !statement.controls) this.#writes.readFailed();
      // What has failed is not reset.
      this.#statements.drop(sql, firstOnly);
      const failure = failureOf(error, sql);
      if (failure.type === 'lock') {
        this.#poisoned = true;
        if (!statement.reads || !statement.returnsRows)
          this.#spoilt.push({ native: statement.native, args, returnsRows: statement.returnsRows });
      }
      throw failure;
    }
  }

  /** Runs what may have rows without columns (incremental_vacuum): `run` takes the first for the end, and leaves the rest open. */
  #toItsEnd(sql: string): { readonly changes: number; readonly lastInsertRowid: undefined } {
    this.#open(sql).exec(sql);
    return { changes: 0, lastInsertRowid: undefined };
  }

  /**
   * Makes a connection sound that the lock of others has spoilt and that cannot be opened anew, because somebody holds it: only
   * a run that fails for another reason lets go of a statement, and here each write does, before it has any effect.
   */
  mend(): void {
    if (!this.#poisoned) return;
    // A caller who holds the connection may have set it, too.
    const [[before] = []] = this.run('PRAGMA query_only', []).rows;
    this.exec('PRAGMA query_only = 1');
    let isSound = true;
    for (const { native, args, returnsRows } of this.#spoilt.splice(0)) {
      try {
        if (returnsRows) native.all(args);
        else native.run(args);
      } catch (error) {
        // Refused as was asked for. Of anything else it is not known what it has let go of.
        isSound &&= toDatabaseError(error, 'PRAGMA query_only').code.startsWith('SQLITE_READONLY');
      }
    }
    this.exec(`PRAGMA query_only = ${Number(before)}`);
    this.#poisoned = !isSound;
  }

  /** Drops every prepared statement: their column lists go stale when the schema changes. */
  forgetStatements(): void {
    this.#statements.clear();
    this.#columns.forget();
  }

  /** Takes back what callers have set. For the one connection of a database in memory: others are opened anew. */
  restoreSettings(): void {
    if (!this.#disturbed) return;
    this.forgetStatements();
    this.#callers.takeBack();
    this.applyPragmas();
    this.#disturbed = false;
  }

  /** Rolls back when a transaction is open. Never throws: a connection that cannot roll back is marked for replacement. */
  rollbackIfOpen(): void {
    try {
      if (this.inTransaction) this.exec('ROLLBACK');
      this.#writes.rolledBack();
      this.#untrue = false;
      if (this.#schemaInDoubt) this.forgetStatements();
      this.#schemaInDoubt = false;
    } catch {
      this.#poisoned = true;
    }
  }

  /** Closes the handle. A second call does nothing. */
  close(): void {
    const native = this.#native;
    this.#native = undefined;
    this.#versions.clear();
    // The native statements hold the connection open until they are collected.
    this.forgetStatements();
    this.#spoilt.length = 0;
    if (native) closedFiles.note();
    native?.close();
  }

  #noteSchemaChange(): void {
    this.#schemaChanged = true;
    this.#schemaInDoubt = true;
    this.forgetStatements();
  }

  /** Notes that `sql` sets something of this connection only, and what it was before where that can be asked. */
  #disturb(sql: string): void {
    const { encryptionKey, path } = this.#settings;
    if (encryptionKey === undefined && path !== ':memory:') refuseKey(sql);
    this.#disturbed = true;
    // Others are opened anew.
    if (path === ':memory:') this.#callers.note(sql);
  }

  #open(operation: string): Libsql.Database {
    if (this.#native) return this.#native;
    throw new DatabaseError('The connection is closed', { type: 'closed', code: 'CONNECTION_CLOSED', operation });
  }

  #prepare(sql: string, firstOnly: boolean): PreparedStatement {
    const native = this.#open(sql);
    const text = readStatement(sql);
    const kind = statementKind(sql);
    if (kind === 'connection') this.#disturb(sql);
    let prepared: Libsql.Statement;
    try {
      prepared = native.prepare(sql);
    } catch (error) {
      throw toDatabaseError(error, sql);
    }
    const returnsRows = prepared.columns().length > 0;
    if (returnsRows) prepared.raw(true).safeIntegers(true);
    const changesSchema = !returnsRows && schemaChange.test(sql);
    const explains = kind === 'explain';
    const sets = !returnsRows && firstWordOf(sql) === 'pragma';
    const reads = kind !== 'write';
    const [writes, controls] = [mayWrite(sql, kind), kind === 'control'];
    const everyColumn = returnsRows && asksEveryColumn(sql);
    const about = { returnsRows, changesSchema, reads, writes, controls, explains, sets, everyColumn };
    const statement: PreparedStatement = { native: prepared, text, ...about, columns: undefined };
    // A kept EXPLAIN never compares itself with the schema of the file; settings are noted each time they are prepared.
    if (!explains && kind !== 'connection') this.#statements.add(sql, firstOnly, statement);
    return statement;
  }

  #rowsOf(statement: PreparedStatement, rows: unknown[][], sql: string): StatementResult {
    const columns = this.#columns.of(statement);
    try {
      for (const row of rows) numbersFromIntegers(row, sql);
    } catch (error) {
      // It has taken effect: only a rollback makes it true that it failed.
      if (!statement.reads) this.#untrue = true;
      throw error;
    }
    return { columns: columns.names, columnTypes: columns.types, rows, rowsAffected: 0, lastInsertRowid: null };
  }
}

type Version = 'data_version' | 'schema_version';

// A false alarm (the word in a text) only costs preparing statements again.
const schemaChange = /\b(?:create|alter|drop)\b/i;

const rollback = /\brollback\b/i;

// A false alarm only costs a new connection.
const settings = /\b(?:pragma|attach|detach|temp|temporary)\b/i;

/** A COMMIT that the disk has failed under may be in the database or not. */
function failureOf(error: unknown, sql: string): DatabaseError {
  return toDatabaseError(error, sql, { outcome: /^(?:commit|end)$/.test(firstWordOf(sql)) ? 'unknown' : 'none' });
}

function firstRow(statement: Libsql.Statement, args: BoundArgs): unknown[][] {
  const row = statement.get(args) as unknown[] | undefined;
  return row === undefined ? [] : [row];
}
