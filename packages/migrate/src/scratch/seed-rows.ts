// Puts rows into every table of a scratch database, so that a migration is tried on tables that hold something.
// Values follow from table, column and row number alone: foreign keys meet their parents without looking.
import { isError } from '@cc/tx/errors';
import { checkableTables, keyMismatches } from '../schema/key-mismatches.js';
import type { Column, Schema, Table } from '../schema/schema.js';
import { foldName, quoteName, quoteText, wordsOf } from '../sql/words.js';
import { fittingRows, valuesWorthTrying } from './fitting-values.js';
import { hostileRows, hostileValue } from './hostile-values.js';
import { removeRows } from './remove-rows.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Rows that are tried in all for a table that refuses what fits its CHECKs: a trigger, a generated column or an index does. */
const attempts = 600;

/** Columns, as `table.column`, that must not hold NULL although they may. */
export type FilledColumns = ReadonlySet<string>;

/** Which rows. */
export interface SeedOptions {
  readonly filled?: FilledColumns | undefined;
  /** Rows as people really have them, in place of three plain ones: hostile-values.ts. Default false. */
  readonly hostile?: boolean;
  /** Only tables of these names, in lower case. Default: all. */
  readonly concerned?: ReadonlySet<string>;
}

/**
 * Inserts rows into the tables of `schema` and returns the names of those that took none: a CHECK or a trigger refused
 * all that was tried.
 */
export async function seedRows(
  scratch: ScratchDatabase,
  schema: Schema,
  { filled = new Set(), hostile = false, concerned }: SeedOptions = {},
): Promise<readonly string[]> {
  const unseeded: string[] = [];
  for (const [key, table] of schema.tables) {
    if (concerned && !concerned.has(key)) continue;
    const seeded = await new Seeding(scratch, schema, table, filled).seed(hostile);
    if (seeded === 0) unseeded.push(table.name);
  }
  await removeOrphans(scratch, schema);
  return unseeded;
}

/** Rows that a table gets. The last one holds NULL wherever it may. */
const plainRows = 3;

/** The rows of one table. */
class Seeding {
  readonly #scratch: ScratchDatabase;
  readonly #schema: Schema;
  readonly #table: Table;
  readonly #filled: FilledColumns;
  readonly #columns: readonly Column[];
  /** Columns whose values say which row it is, or which one it belongs to. */
  readonly #keys: ReadonlySet<string>;
  #attempt = 0;

  constructor(scratch: ScratchDatabase, schema: Schema, table: Table, filled: FilledColumns) {
    this.#scratch = scratch;
    this.#schema = schema;
    this.#table = table;
    this.#filled = filled;
    this.#columns = table.columns.filter(({ generated }) => generated === 'no');
    this.#keys = new Set([...table.primaryKey, ...table.foreignKeys.flatMap(({ columns }) => columns)]);
  }

  /** Returns how many rows it took. */
  async seed(hostile: boolean): Promise<number> {
    const rows = hostile ? hostileRows : plainRows;
    let seeded = 0;
    for (let row = 0; row < rows; row += 1) if (await this.#seedRow(row, rows, hostile)) seeded += 1;
    return seeded;
  }

  async #seedRow(row: number, rows: number, hostile: boolean): Promise<boolean> {
    const place = { schema: this.#schema, filled: this.#filled, row, rows };
    const plain = this.#columns.map((column) => valueOf({ ...place, hostile: false }, this.#table, column));
    if (hostile) {
      const wanted = this.#columns.map((column) => valueOf({ ...place, hostile }, this.#table, column));
      if (await this.#insertLike(wanted)) return true;
    }
    return (await this.#insertLike(plain)) || (await this.#insertAny(plain, row));
  }

  /** Inserts a row of `values`, or one that is as like it as the CHECKs allow. */
  async #insertLike(values: readonly string[]): Promise<boolean> {
    if (await this.#insert(values)) return true;
    for (const fitting of await fittingRows(this.#scratch.connection, this.#table, this.#columns, values, this.#keys)) {
      if (await this.#insert(fitting)) return true;
    }
    return false;
  }

  /** Tries values in whatever columns CHECKs, generated columns, indexes and triggers name. */
  async #insertAny(plain: readonly string[], row: number): Promise<boolean> {
    const { tried, named } = namedValues(this.#table, this.#schema);
    if (named.size === 0) return false;
    while (this.#attempt < attempts) {
      const attempt = (this.#attempt += 1);
      const values = this.#columns.map(({ name }, index) => {
        if (!named.has(foldName(name)) || this.#keys.has(name)) return plain[index] ?? 'NULL';
        // Every combination comes up sooner or later: the steps have no common divisor with each other.
        return tried[(attempt * (2 * index + 1) + row + (attempt >> (index + 1))) % tried.length] ?? 'NULL';
      });
      if (await this.#insert(values)) return true;
    }
    return false;
  }

  #hasTriggers(): boolean {
    return [...this.#schema.triggers.values()].some(({ table }) => foldName(table) === foldName(this.#table.name));
  }

  async #insert(values: readonly string[]): Promise<boolean> {
    const names = this.#columns.map(({ name }) => quoteName(name)).join(', ');
    const list = values.length === 0 ? 'DEFAULT VALUES' : `(${names}) VALUES (${values.join(', ')})`;
    const sql = `INSERT INTO ${quoteName(this.#table.name)} ${list}`;
    try {
      await this.#scratch.run([sql]);
      return true;
    } catch (error) {
      // The row does not fit; that no row fits is what seedRows returns. Nor does any where a trigger does not work here.
      if (isRefusedRow(error) || this.#hasTriggers() || (await isReadable(this.#scratch, sql))) return false;
      throw error;
    }
  }
}

function isRefusedRow(error: unknown): boolean {
  return isError(error) && 'type' in error && (error.type === 'constraint' || error.type === 'unknown');
}

/**
 * Whether SQLite can make a program of a statement: then it failed at the values of its row, in a generated column, an index over
 * an expression or a trigger (`malformed JSON`, `integer overflow`).
 */
async function isReadable({ connection }: ScratchDatabase, sql: string): Promise<boolean> {
  return connection.execute(`EXPLAIN ${sql}`).then(
    () => true,
    () => false,
  );
}

/** The columns that CHECKs, generated columns, indexes and triggers name, in lower case, and values worth trying in them. */
function namedValues(
  { name: table, checks, columns }: Table,
  { indexes, triggers }: Schema,
): { readonly tried: readonly string[]; readonly named: ReadonlySet<string> } {
  const worked = columns.flatMap(({ generated, extras }) => (generated === 'no' ? [] : [extras]));
  const beside = [...indexes.values(), ...triggers.values()].filter((each) => foldName(each.table) === foldName(table));
  const texts = [...checks, ...worked, ...beside.map(({ sql }) => sql)];
  const words = new Set(texts.flatMap((text) => wordsOf(text)).map(({ name }) => foldName(name)));
  const named = columns.map(({ name }) => foldName(name)).filter((name) => words.has(name));
  return { tried: valuesWorthTrying(texts), named: new Set(named) };
}

/** Where a value stands. */
interface Place {
  readonly schema: Schema;
  readonly filled: FilledColumns;
  readonly hostile: boolean;
  readonly row: number;
  /** Rows in all. */
  readonly rows: number;
}

function valueOf(place: Place, table: Table, column: Column, depth = 0): string {
  const { schema, filled, hostile, row, rows } = place;
  const { name, notNull, type } = column;
  const isNull = row === rows - 1 && !notNull && !table.primaryKey.includes(name);
  if (isNull && !filled.has(`${table.name}.${name}`)) return 'NULL';
  const parent = depth < 8 ? parentOf(schema, table, column) : null;
  if (parent) return valueOf(place, parent.table, parent.column, depth + 1);
  const vector = vectorOf(type, row);
  if (vector !== null) return vector;
  if (hostile) return hostileValue(column, row);
  if (/INT/i.test(type)) return String(row + 1);
  if (/CHAR|CLOB|TEXT/i.test(type)) return quoteText(`${name} ${row + 1}`);
  if (type === '' || /BLOB/i.test(type)) return `x'${String(row + 1).padStart(2, '0')}'`;
  return /REAL|FLOA|DOUB/i.test(type) ? `${row}.5` : String(row + 1);
}

const vectorFunctions: readonly (readonly [type: RegExp, name: string])[] = [
  [/^(?:FLOAT32|F32_BLOB)$/i, 'vector32'],
  [/^(?:FLOAT64|F64_BLOB)$/i, 'vector64'],
  [/^(?:FLOAT16|F16_BLOB)$/i, 'vector16'],
  [/^(?:FLOATB16|FB16_BLOB)$/i, 'vectorb16'],
  [/^(?:FLOAT8|F8_BLOB)$/i, 'vector8'],
  [/^(?:FLOAT1BIT|F1BIT_BLOB)$/i, 'vector1bit'],
];

/** A vector of as many numbers as libSQL's type says: its indexes take no others. Null for any other type. */
function vectorOf(type: string, row: number): string | null {
  const [, name = '', size = '0'] = /^(\w+)\s*\(\s*(\d+)\s*\)$/.exec(type) ?? [];
  const make = vectorFunctions.find(([pattern]) => pattern.test(name))?.[1];
  if (make === undefined || Number(size) === 0) return null;
  return `${make}('[${[row + 1, ...Array.from({ length: Number(size) - 1 }, () => 1)].join(',')}]')`;
}

/** The column that `column` refers to. */
function parentOf(schema: Schema, table: Table, { name }: Column): { table: Table; column: Column } | null {
  for (const { columns, parent, parentColumns } of table.foreignKeys) {
    const index = columns.indexOf(name);
    const parentTable = schema.tables.get(foldName(parent));
    if (index === -1 || !parentTable) continue;
    const target = foldName((parentColumns ?? parentTable.primaryKey)[index] ?? '');
    const column = parentTable.columns.find((each) => foldName(each.name) === target);
    const isItself = parentTable === table && column?.name === name;
    if (column && !isItself) return { table: parentTable, column };
  }
  return null;
}

/** Deletes rows whose parent took no row. What refers to no key of its parent cannot be checked. */
async function removeOrphans(scratch: ScratchDatabase, schema: Schema): Promise<void> {
  const mismatches = await keyMismatches(scratch.connection);
  const tables = checkableTables(mismatches.map(({ child }) => child));
  for (;;) {
    const { rows } = await scratch.connection.execute(
      `SELECT s.name AS name, CAST(f.rowid AS TEXT) AS number FROM ${tables} s JOIN pragma_foreign_key_check(s.name) f`,
    );
    const [first] = rows;
    if (!first) return;
    const name = String(first['name']);
    const numbers = rows.filter((row) => row['name'] === first['name']).map(({ number }) => number);
    // A table without rowids cannot be told row from row here.
    const where = numbers.includes(null) ? undefined : `rowid IN (${numbers.map(String).join(', ')})`;
    await removeRows(scratch, schema, [{ table: name, where }]);
  }
}
