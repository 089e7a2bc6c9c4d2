// Reads a server's schema and rows inside one read transaction and writes them into an empty local file.
// Identifiers are quoted, values bound, and only CREATE statements of the server are run.
import { randomBytes } from 'node:crypto';
import { types } from 'node:util';
import type { Transaction, Value } from '@libsql/client';
import { closedFiles } from '../connections/local/closed-files.js';
import { Connection, type ConnectionSettings } from '../connections/local/connection.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import type { BoundValue } from '../statements/binding.js';
import { answered } from '../waiting/bounded.js';
import { orAborted } from './backup-file.js';
import { NotNullRules } from './not-null.js';

type Row = readonly Value[];

/** How long each answer is waited for. */
export interface AnswerBounds {
  readonly signal: AbortSignal | undefined;
  /** Infinity = no limit. */
  readonly timeoutMs: number;
}

/** The read transaction of a server. */
export class ServerSource {
  readonly #transaction: Transaction;
  readonly #signal: AbortSignal | undefined;
  readonly #timeoutMs: number;

  constructor(transaction: Transaction, { signal, timeoutMs }: AnswerBounds) {
    this.#transaction = transaction;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
  }

  async rows(sql: string, args: Value[] = []): Promise<Row[]> {
    try {
      const answer = answered(this.#timeoutMs, sql, () => this.#transaction.execute({ sql, args }));
      const { columns, rows } = await orAborted(answer, this.#signal, sql);
      return rows.map((row) => columns.map((_, index) => row[index] ?? null));
    } catch (error) {
      throw toDatabaseError(error, sql);
    }
  }

  async pragma(name: string): Promise<number> {
    // As a SELECT, because servers take a PRAGMA statement for a write and refuse it to tokens for reading.
    return Number((await this.rows(`SELECT * FROM pragma_${name}`))[0]?.[0]);
  }
}

interface Table {
  readonly name: string;
  readonly type: string;
  readonly withoutRowid: boolean;
}

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/** Copies every object and row of `source` into the new file `path`. */
export async function copyDatabase(source: ServerSource, path: string, pageSize: number): Promise<void> {
  const objects = await schemaObjects(source);
  const tables = await tablesOf(source);
  const derived = derivedTables(objects);
  const filled = tables.filter(({ name, type }) => (type === 'table' || type === 'shadow') && !derived.has(name));
  // SQLite makes its own tables, and virtual tables make their shadow tables.
  const made = new Set(tables.filter(({ type }) => type === 'shadow').map(({ name }) => name));
  const byHand = ({ name }: SchemaObject): boolean =>
    !name.startsWith('sqlite_') && !derived.has(name) && !made.has(name);
  // The file is worth nothing until it is whole, so no journal guards it.
  const pragmas = {
    page_size: pageSize,
    journal_mode: 'OFF',
    synchronous: 'OFF',
    foreign_keys: false,
    cache_size: -8192,
  };
  const settings = { path, pragmas, readOnly: false, encryptionKey: undefined, statementCacheSize: 100 };
  await connected(settings, async (target) => {
    // A rule may be younger than rows that break it.
    target.exec('PRAGMA ignore_check_constraints = 1');
    for (const object of objects) if (object.type === 'table' && byHand(object)) create(target, object.sql);
    if (filled.some(({ name }) => name === 'sqlite_stat1')) target.exec('ANALYZE sqlite_schema');
    const rules = new NotNullRules(target);
    for (const table of filled) if (isThere(target, table)) await copyTable(source, target, table, rules);
    rules.restore();
    for (const name of ['user_version', 'application_id']) target.exec(`PRAGMA ${name} = ${await source.pragma(name)}`);
  });
  // Virtual tables have read their own tables before these were filled; a new connection reads them again.
  await connected(settings, async (target) => {
    for (const { type, sql } of objects) if (type !== 'table') create(target, sql);
  });
}

/** The table of AUTOINCREMENT marks outlives the last table that has one; it is empty then and not made here. */
function isThere(target: Connection, { name }: Table): boolean {
  return name !== 'sqlite_sequence' || target.run(`SELECT 1 FROM sqlite_schema WHERE name = ?`, [name]).rows.length > 0;
}

async function connected(settings: ConnectionSettings, work: (target: Connection) => Promise<void>): Promise<void> {
  const connection = new Connection(settings);
  try {
    await work(connection);
  } finally {
    connection.close();
    // A copy that failed is deleted next: until its file is let go of, a full disk stays full.
    await closedFiles.release();
  }
}

async function schemaObjects(source: ServerSource): Promise<SchemaObject[]> {
  const rows = await source.rows(`SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid`);
  return rows.map(([type, name, sql]) => ({ type: String(type), name: String(name), sql: String(sql) }));
}

async function tablesOf(source: ServerSource): Promise<Table[]> {
  const rows = await source.rows(`SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'`);
  return rows
    .map(([name, type, wr]) => ({ name: String(name), type: String(type), withoutRowid: Number(wr) === 1 }))
    .filter(({ name }) => !name.startsWith('sqlite_') || name === 'sqlite_sequence' || name === 'sqlite_stat1');
}

/** Vector indexes build their tables from the rows when they are created. */
function derivedTables(objects: readonly SchemaObject[]): Set<string> {
  const indexes = objects.filter(({ type, sql }) => type === 'index' && /libsql_vector_idx/i.test(sql));
  return new Set(['libsql_vector_meta_shadow', ...indexes.map(({ name }) => `${name}_shadow`)]);
}

function create(connection: Connection, sql: string): void {
  if (!/^create\s/i.test(sql)) {
    const reason = 'The schema of the server holds something that is no CREATE statement';
    throw new DatabaseError(reason, { type: 'integrity', code: 'SQLITE_CORRUPT', operation: sql });
  }
  connection.run(sql, []);
}

async function copyTable(source: ServerSource, target: Connection, table: Table, rules: NotNullRules): Promise<void> {
  const { name, withoutRowid } = table;
  const info = await source.rows(`SELECT name, pk, hidden FROM pragma_table_xinfo(?)`, [name]);
  const all = info.map(([column, pk, hidden]) => ({ name: String(column), pk: Number(pk), hidden: Number(hidden) }));
  const stored = all.filter(({ hidden }) => hidden === 0).map((column) => column.name);
  const key = withoutRowid
    ? all
        .filter(({ pk }) => pk > 0)
        .sort((a, b) => a.pk - b.pk)
        .map((column) => quoted(column.name))
    : [
        rowidOf(
          name,
          all.map((column) => column.name.toLowerCase()),
        ),
      ];
  const columns = [...(withoutRowid ? [] : key), ...stored.map(quoted)];
  const keyPositions = key.map((column) => columns.indexOf(column));
  const infinity = new InfinityMarks();
  const insert = `INSERT INTO ${quoted(name)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  // What creating the virtual table or ANALYZE has put there.
  target.exec(`DELETE FROM ${quoted(name)}`);
  const pages = readPages(source, {
    select: `SELECT ${columns.map((column) => infinity.mark(column)).join(', ')}`,
    from: quoted(name),
    size: sizeOf(stored.map(quoted)),
    key,
    keyOf: (row) => keyPositions.map((position) => infinity.unmark(row[position] ?? null)),
  });
  for await (const rows of pages) {
    target.exec('BEGIN');
    for (const row of rows) {
      const values = row.map((value) => infinity.unmark(value));
      rules.around(name, () => target.run(insert, values));
    }
    target.exec('COMMIT');
  }
}

// Small, because the event loop stands still while a page is decoded and written.
const pageBytes = 256_000;
const maxPageRows = 500;

/** The bytes of a row, as the head of its record has them. SQLite takes no expression that is a thousand deep. */
function sizeOf(columns: readonly string[]): string {
  const sizes = columns.map((column) => `coalesce(octet_length(${column}), 0)`);
  const sums: string[] = [];
  for (let from = 0; from < sizes.length; from += 100) sums.push(`(${sizes.slice(from, from + 100).join(' + ')})`);
  return sums.join(' + ') || '0';
}

/** What is read of a table, and in which order. */
interface Reading {
  readonly select: string;
  readonly from: string;
  readonly size: string;
  readonly key: readonly string[];
  readonly keyOf: (row: Row) => readonly BoundValue[];
}

/**
 * All rows in the order of the key, in pages of about `pageBytes`, which the server measures before it reads: it refuses
 * answers past 10 MB, and over HTTP ends the transaction with that.
 */
async function* readPages(source: ServerSource, { select, from, size, key, keyOf }: Reading): AsyncGenerator<Row[]> {
  const order = `ORDER BY ${key.join(', ')}`;
  for (let last: readonly BoundValue[] | undefined; ; ) {
    const places = last?.map((value) => infinities.get(value) ?? '?').join(', ');
    const rest = `FROM ${from} ${places === undefined ? '' : `WHERE (${key.join(', ')}) > (${places})`} ${order}`;
    const bound = (last?.filter((value) => !infinities.has(value)) ?? []) as Value[];
    const rows = await source.rows(
      `${select} ${rest} LIMIT (SELECT max(1, count(*)) FROM (SELECT sum("cc bytes") OVER (ROWS UNBOUNDED PRECEDING) AS total
        FROM (SELECT ${size} AS "cc bytes" ${rest} LIMIT ${maxPageRows})) WHERE total <= ${pageBytes})`,
      [...bound, ...bound],
    );
    const end = rows.at(-1);
    if (end === undefined) return;
    yield rows;
    last = keyOf(end);
  }
}

/** As a text, because the protocol has none. */
const infinities: ReadonlyMap<BoundValue, string> = new Map([
  [Number.POSITIVE_INFINITY, '9e999'],
  [Number.NEGATIVE_INFINITY, '-9e999'],
]);

/** The protocol has no infinity, and one in an answer ends the transaction. Random bytes stand for it on the way. */
class InfinityMarks {
  readonly #plus = randomBytes(16);
  readonly #minus = randomBytes(16);

  mark(column: string): string {
    const marks = `iif(${column} > 0, x'${this.#plus.toString('hex')}', x'${this.#minus.toString('hex')}')`;
    return `CASE WHEN typeof(${column}) = 'real' AND abs(${column}) > 1.7976931348623157e308 THEN ${marks} ELSE ${column} END`;
  }

  unmark(value: Value): BoundValue {
    if (!types.isArrayBuffer(value)) return value;
    const bytes = Buffer.from(value);
    if (bytes.equals(this.#plus)) return Number.POSITIVE_INFINITY;
    return bytes.equals(this.#minus) ? Number.NEGATIVE_INFINITY : bytes;
  }
}

function rowidOf(table: string, columns: readonly string[]): string {
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !columns.includes(name));
  if (free !== undefined) return free;
  const reason = `The columns of ${table} hide its rowid, so its rows cannot be read in pages`;
  throw new DatabaseError(reason, { type: 'unknown', code: 'UNSUPPORTED', operation: 'backup' });
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
