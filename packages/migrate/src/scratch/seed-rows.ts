// Puts rows into every table of a scratch database, so that a migration is tried on tables that hold something.
// Values follow from table, column and row number alone: foreign keys meet their parents without looking.
import { isError } from '@cc/tx/errors';
import { checkableTables, keyMismatches } from '../schema/key-mismatches.js';
import type { Column, Schema, Table } from '../schema/schema.js';
import { foldName, quoteName, quoteText, wordsOf } from '../sql/words.js';
import { hostileRows, hostileValue } from './hostile-values.js';
import { removeRows } from './remove-rows.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Rows that are tried for a table whose CHECKs refuse the first. */
const attempts = 300;

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
  const seeding = { scratch, schema, filled, hostile, rows: hostile ? hostileRows : plainRows };
  const unseeded: string[] = [];
  for (const [key, table] of schema.tables) {
    if (concerned && !concerned.has(key)) continue;
    let seeded = 0;
    for (let row = 0; row < seeding.rows; row += 1) if (await seedRow(seeding, table, row)) seeded += 1;
    if (seeded === 0) unseeded.push(table.name);
  }
  await removeOrphans(scratch, schema);
  return unseeded;
}

/** Rows that a table gets. The last one holds NULL wherever it may. */
const plainRows = 3;

interface Seeding {
  readonly scratch: ScratchDatabase;
  readonly schema: Schema;
  readonly filled: FilledColumns;
  readonly hostile: boolean;
  readonly rows: number;
}

async function seedRow(seeding: Seeding, table: Table, row: number): Promise<boolean> {
  const columns = table.columns.filter(({ generated }) => generated === 'no');
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const insert = async (values: readonly string[]): Promise<boolean> => {
    const list = columns.length === 0 ? 'DEFAULT VALUES' : `(${names}) VALUES (${values.join(', ')})`;
    const sql = `INSERT INTO ${quoteName(table.name)} ${list}`;
    try {
      await seeding.scratch.run([sql]);
      return true;
    } catch (error) {
      // The row does not fit; that no row fits is what seedRows returns.
      if (!isRefusedRow(error) && !(await isReadable(seeding.scratch, sql))) throw error;
      return false;
    }
  };
  const valuesOf = (hostile: boolean): readonly string[] =>
    columns.map((column) => valueOf({ ...seeding, hostile }, table, column, row));
  if (await insert(valuesOf(seeding.hostile))) return true;
  const plain = valuesOf(false);
  if (seeding.hostile && (await insert(plain))) return true;
  const candidates = candidatesOf(table, seeding.schema);
  for (let attempt = 1; candidates.size > 0 && attempt < attempts; attempt += 1) {
    const values = columns.map((column, index) => {
      const tried = candidates.get(foldName(column.name));
      if (tried === undefined || isKeyColumn(table, column)) return plain[index] ?? 'NULL';
      // Every combination comes up sooner or later: the steps have no common divisor with each other.
      return tried[(attempt * (2 * index + 1) + row + (attempt >> (index + 1))) % tried.length] ?? 'NULL';
    });
    if (await insert(values)) return true;
  }
  return false;
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

function isKeyColumn({ primaryKey, foreignKeys }: Table, { name }: Column): boolean {
  return primaryKey.includes(name) || foreignKeys.some(({ columns }) => columns.includes(name));
}

/**
 * Values worth trying in the columns that CHECKs, generated columns, indexes and triggers name: what those themselves name, and
 * the usual suspects.
 */
function candidatesOf(
  { name: table, checks, columns }: Table,
  { indexes, triggers }: Schema,
): ReadonlyMap<string, readonly string[]> {
  const worked = columns.flatMap(({ generated, extras }) => (generated === 'no' ? [] : [extras]));
  const beside = [...indexes.values(), ...triggers.values()].filter((each) => foldName(each.table) === foldName(table));
  const words = [...checks, ...worked, ...beside.map(({ sql }) => sql)].flatMap((text) => wordsOf(text));
  const literals = words.flatMap(({ kind, name }) =>
    kind === 'text' ? [quoteText(name)] : kind === 'number' ? [name, String(Number(name) + 1)] : [],
  );
  const tried = [...new Set([...literals, 'NULL', '0', '1', `'x'`, `''`, `'{}'`, `'[]'`, '0.5'])];
  const named = new Set(words.map(({ name }) => foldName(name)));
  const checked = columns.map(({ name }) => foldName(name)).filter((name) => named.has(name));
  return new Map(checked.map((name) => [name, tried]));
}

function valueOf(seeding: Seeding, table: Table, column: Column, row: number, depth = 0): string {
  const { schema, filled, hostile, rows } = seeding;
  const { name, notNull, type } = column;
  const isNull = row === rows - 1 && !notNull && !table.primaryKey.includes(name);
  if (isNull && !filled.has(`${table.name}.${name}`)) return 'NULL';
  const parent = depth < 8 ? parentOf(schema, table, column) : null;
  if (parent) return valueOf(seeding, parent.table, parent.column, row, depth + 1);
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
