// What tables hold, as numbers that can be compared before and after: rows, a digest of each column, AUTOINCREMENT marks.
// Digests tie each value to its row's key, so that values that changed rows are seen. Used by round-trip.ts and verify.
import { createHash } from 'node:crypto';
import { invertRenames, type Renames } from '../change/renames.js';
import type { Connection } from '../run/ledger.js';
import type { Column, Schema, Table } from '../schema/schema.js';
import { quoteName } from '../sql/words.js';

/** The contents of one table. */
export interface TableDigest {
  readonly table: Table;
  readonly rows: number;
  /** By column name. */
  readonly columns: ReadonlyMap<string, string>;
  /** Highest number that AUTOINCREMENT has given out; null without one. */
  readonly mark: number | null;
}

/** Digests by table name. */
export type RowDigests = ReadonlyMap<string, TableDigest>;

/** Rows that are read at once. */
const pageRows = 2_000;

/** Reads every row of the tables of `schema`. */
export async function digestRows(connection: Connection, schema: Schema): Promise<RowDigests> {
  const marks = await readMarks(connection);
  const digests = new Map<string, TableDigest>();
  for (const table of schema.tables.values()) {
    const { rows, columns } = await digestTable(connection, table);
    digests.set(table.name, {
      table,
      rows,
      columns,
      mark: table.isAutoIncrement ? (marks.get(table.name) ?? 0) : null,
    });
  }
  return digests;
}

/**
 * Says what is no longer there: rows, values of columns whose declaration is the same, AUTOINCREMENT marks. Tables and
 * columns that are gone are no news: the schema says so.
 */
export function compareRows(before: RowDigests, after: RowDigests, renames: Renames): readonly string[] {
  const back = invertRenames(renames);
  const faults: string[] = [];
  for (const [name, now] of after) {
    const then = before.get(back.tables.find(({ from }) => from === name)?.to ?? name);
    if (!then) continue;
    if (now.rows !== then.rows) faults.push(`table ${name} has ${now.rows} rows instead of ${then.rows}`);
    if (now.mark !== null && then.mark !== null && now.mark < then.mark)
      faults.push(`table ${name} would give number ${now.mark + 1} out again: its AUTOINCREMENT mark was ${then.mark}`);
    if (now.rows !== then.rows || !hasSameKey(then.table, now.table, renames)) continue;
    for (const column of now.table.columns) {
      const old = renames.columns.find(({ table, to }) => table === name && to === column.name)?.from ?? column.name;
      const declared = then.table.columns.find((each) => each.name === old);
      if (!declared || !isSameKind(declared, column)) continue;
      if (then.columns.get(old) !== now.columns.get(column.name))
        faults.push(`column ${name}.${column.name} holds other values`);
    }
  }
  return faults;
}

function isSameKind(a: Column, b: Column): boolean {
  return a.type.toLowerCase() === b.type.toLowerCase() && a.notNull === b.notNull && a.generated === b.generated;
}

function hasSameKey(a: Table, b: Table, renames: Renames): boolean {
  const newName = (column: string): string =>
    renames.columns.find(({ table, from }) => table === b.name && from === column)?.to ?? column;
  const typeOf = (table: Table, column: string): string | undefined =>
    table.columns.find(({ name }) => name === column)?.type.toLowerCase();
  return (
    a.primaryKey.map(newName).join() === b.primaryKey.join() &&
    a.primaryKey.every((column) => typeOf(a, column) === typeOf(b, newName(column)))
  );
}

async function readMarks(connection: Connection): Promise<ReadonlyMap<string, number>> {
  const { rows: present } = await connection.execute(`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`);
  if (present.length === 0) return new Map();
  const { rows } = await connection.execute('SELECT name, seq FROM sqlite_sequence');
  return new Map(rows.map((row) => [String(row['name']), Number(row['seq'])]));
}

async function digestTable(
  connection: Connection,
  { name, columns, primaryKey, options }: Table,
): Promise<Pick<TableDigest, 'rows' | 'columns'>> {
  const key = primaryKey.length > 0 ? primaryKey.map(quoteName) : options.includes('without rowid') ? [] : ['rowid'];
  // quote() tells every value and type apart, also integers past what JavaScript holds.
  const shown = columns.map((column, index) => `quote(${quoteName(column.name)}) AS c${index}`);
  const keyText = key.length === 0 ? `''` : key.map((each) => `quote(${each})`).join(` || ',' || `);
  const sums = columns.map(() => 0n);
  let count = 0;
  for (;;) {
    const { rows } = await connection.execute(
      `SELECT ${keyText} AS k, ${shown.join(', ')} FROM ${quoteName(name)} ORDER BY ${key.join(', ') || '1'} LIMIT ${pageRows} OFFSET ${count}`,
    );
    for (const row of rows)
      for (const index of columns.keys())
        sums[index] = (sums[index] ?? 0n) + hashOf(`${String(row['k'])}=${String(row[`c${index}`])}`);
    count += rows.length;
    if (rows.length < pageRows) break;
  }
  return {
    rows: count,
    columns: new Map(columns.map((column, index) => [column.name, (sums[index] ?? 0n).toString(16)])),
  };
}

function hashOf(text: string): bigint {
  return createHash('md5').update(text).digest().readBigUInt64LE();
}
