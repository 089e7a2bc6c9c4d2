// The `Client` interface of @libsql/client over our connections, for drizzle and for anything else written against it.
// Where the statements run is decided by the `Runner`: the pool and its ambient transaction, or one held connection.
import type { Client, InArgs, InStatement, ResultSet, Row, Transaction, TransactionMode, Value } from '@libsql/client';
import { bindable } from './binding.js';
import type { Connection, StatementResult } from './connection.js';
import { DatabaseError } from './errors.js';

/** A connection that is held for a client's batch, script or transaction. */
export interface ClientHold {
  readonly connection: Connection;
  /** Takes the write lock of the file. */
  begin(mode: TransactionMode): Promise<void>;
  release(): void;
}

/** Where the statements of a client run. */
export interface Runner {
  execute(sql: string, args: ReturnType<typeof bindable>): Promise<StatementResult>;
  /** Runs the statements all or none. */
  atomically(mode: TransactionMode, run: (execute: Runner['execute']) => Promise<ResultSet[]>): Promise<ResultSet[]>;
  hold(operation: string): Promise<ClientHold>;
  readonly closed: boolean;
  close(): void;
}

/** A `Client` over `runner`. */
export class LocalClient implements Client {
  readonly protocol = 'file';
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  get closed(): boolean {
    return this.#runner.closed;
  }

  async execute(statement: InStatement | string, args?: InArgs): Promise<ResultSet> {
    const { sql, bound } = parts(statement, args);
    return toResultSet(await this.#runner.execute(sql, bound));
  }

  batch(statements: (InStatement | [string, InArgs?])[], mode: TransactionMode = 'deferred'): Promise<ResultSet[]> {
    return this.#runner.atomically(mode, async (execute) => {
      const results: ResultSet[] = [];
      for (const statement of statements) {
        const { sql, bound } = Array.isArray(statement) ? parts(statement[0], statement[1]) : parts(statement);
        results.push(toResultSet(await execute(sql, bound)));
      }
      return results;
    });
  }

  /** One transaction with foreign keys off, as table rebuilds need it: https://sqlite.org/lang_altertable.html */
  async migrate(statements: InStatement[]): Promise<ResultSet[]> {
    const hold = await this.#runner.hold('migrate');
    const { connection } = hold;
    try {
      connection.exec('PRAGMA foreign_keys = 0');
      await hold.begin('write');
      const results = statements.map((statement) => {
        const { sql, bound } = parts(statement);
        return toResultSet(connection.run(sql, bound));
      });
      connection.exec('COMMIT');
      return results;
    } finally {
      connection.rollbackIfOpen();
      connection.applyPragmas();
      hold.release();
    }
  }

  async executeMultiple(sql: string): Promise<void> {
    const hold = await this.#runner.hold('executeMultiple');
    try {
      hold.connection.exec(sql);
    } finally {
      hold.connection.rollbackIfOpen();
      hold.release();
    }
  }

  async transaction(mode: TransactionMode = 'write'): Promise<Transaction> {
    const hold = await this.#runner.hold('transaction');
    try {
      await hold.begin(mode);
    } catch (error) {
      hold.release();
      throw error;
    }
    return new ClientTransaction(hold);
  }

  async sync(): Promise<never> {
    throw unsupported('sync', 'A local file has no server to synchronise with');
  }

  reconnect(): void {
    // The pool replaces broken connections by itself.
  }

  close(): void {
    this.#runner.close();
  }
}

/** An interactive transaction outside the ambient context: its owner ends it. */
class ClientTransaction implements Transaction {
  readonly #hold: ClientHold;
  #closed = false;

  constructor(hold: ClientHold) {
    this.#hold = hold;
  }

  get closed(): boolean {
    return this.#closed;
  }

  async execute(statement: InStatement): Promise<ResultSet> {
    const { sql, bound } = parts(statement);
    return toResultSet(this.#open(sql).run(sql, bound));
  }

  async batch(statements: InStatement[]): Promise<ResultSet[]> {
    return statements.map((statement) => {
      const { sql, bound } = parts(statement);
      return toResultSet(this.#open(sql).run(sql, bound));
    });
  }

  async executeMultiple(sql: string): Promise<void> {
    this.#open(sql).exec(sql);
  }

  async commit(): Promise<void> {
    this.#open('COMMIT').exec('COMMIT');
    this.close();
  }

  async rollback(): Promise<void> {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#hold.connection.rollbackIfOpen();
    this.#hold.release();
  }

  /** @throws DatabaseError also when the engine ended the transaction: the next statement would autocommit */
  #open(operation: string): Connection {
    if (!this.#closed && this.#hold.connection.inTransaction) return this.#hold.connection;
    throw new DatabaseError('The transaction has ended', { type: 'aborted', code: 'TRANSACTION_CLOSED', operation });
  }
}

function unsupported(operation: string, reason: string): DatabaseError {
  return new DatabaseError(reason, { type: 'unknown', code: 'UNSUPPORTED', operation });
}

function parts(statement: InStatement | string, args?: InArgs): { sql: string; bound: ReturnType<typeof bindable> } {
  if (typeof statement === 'string') return { sql: statement, bound: bindable(args ?? []) };
  return { sql: statement.sql, bound: bindable(statement.args ?? []) };
}

function toResultSet(result: StatementResult): ResultSet {
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
