// What tables hold, as numbers that can be compared before and after: rows, a digest of each column, AUTOINCREMENT marks.
// Digests tie each value to its row's key, so that values that changed rows are seen. Used by round-trip.ts and verify.
import { invertRenames, type Rename, type Renames } from '../change/renames.js';
import type { Connection } from '../contract/connection.js';
import type { Column, Schema, Table } from '../schema/schema.js';
import { foldName, quoteName } from '../sql/words.js';

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
    // A table that took the name of another one is new.
    if (!then || isReused(name, renames.tables)) continue;
    if (now.rows !== then.rows) faults.push(`table ${name} has ${now.rows} rows instead of ${then.rows}`);
    if (now.mark !== null && then.mark !== null && now.mark < then.mark)
      faults.push(`table ${name} would give number ${now.mark + 1} out again: its AUTOINCREMENT mark was ${then.mark}`);
    if (now.rows !== then.rows || !hasSameKey(then.table, now.table, renames)) continue;
    for (const column of now.table.columns) {
      const old = renames.columns.find(({ table, to }) => table === name && to === column.name)?.from ?? column.name;
      const declared = then.table.columns.find((each) => each.name === old);
      const renamed = renames.columns.filter(({ table }) => table === name);
      if (isReused(column.name, renamed)) continue;
      if (!declared || !isSameKind(declared, column)) continue;
      if (then.columns.get(old) !== now.columns.get(column.name))
        faults.push(`column ${name}.${column.name} holds other values`);
    }
  }
  return faults;
}

/** Whether something else had `name` before, which is called differently now. */
function isReused(name: string, renames: readonly Rename[]): boolean {
  return renames.some(({ from }) => from === name) && !renames.some(({ to }) => to === name);
}

/** Whether `b` must hold what `a` held: what is computed follows other columns and need not, what is no longer computed must. */
function isSameKind(a: Column, b: Column): boolean {
  return foldName(a.type) === foldName(b.type) && a.notNull === b.notNull && b.generated === 'no';
}

/**
 * Returns, as `table.column`, what holds other values at the `end` of a way there and back than at its `start`. What was not
 * there in the `middle` is left out: that it goes is said elsewhere. `renames` lead to the middle.
 */
export function alteredColumns(
  start: RowDigests,
  end: RowDigests,
  middle: RowDigests,
  renames: Renames,
): readonly string[] {
  return [...start].flatMap(([name, then]) => {
    const now = end.get(name);
    const between = renames.tables.find(({ from }) => from === name)?.to ?? name;
    const there = middle.get(between);
    if (!now || !there || now.rows !== then.rows) return [];
    const inMiddle = (column: string): string =>
      renames.columns.find(({ table, from }) => table === between && from === column)?.to ?? column;
    const altered = then.table.columns.filter(
      ({ name: column, generated }) =>
        generated === 'no' &&
        then.columns.get(column) !== now.columns.get(column) &&
        there.table.columns.some((each) => each.name === inMiddle(column) && each.generated === 'no'),
    );
    // Digests go by the key: where that has changed, nothing is known of the rest.
    const keys = altered.filter(({ name: column }) => then.table.primaryKey.includes(column));
    return (keys.length > 0 ? keys : altered).map((column) => `${name}.${column.name}`);
  });
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
  const { rows } = await connection.execute('SELECT name, CAST(seq AS TEXT) AS seq FROM sqlite_sequence');
  return new Map(rows.map((row) => [String(row['name']), Number(row['seq'])]));
}

async function digestTable(connection: Connection, table: Table): Promise<Pick<TableDigest, 'rows' | 'columns'>> {
  const { name, columns, primaryKey } = table;
  const place = placeOf(table);
  const shown = columns.map((column) => shownAs(quoteName(column.name)));
  const joined = (texts: readonly string[]): string => texts.join(` || ', ' || `);
  // Rowids that are no key may change in a rebuild; their order does not.
  const keyText = primaryKey.length > 0 ? joined(primaryKey.map((column) => shownAs(quoteName(column)))) : 'NULL';
  const sums = new ColumnSums(columns.length);
  let count = 0;
  for (let after = ''; ; ) {
    const { rows, columns: names } = await connection.execute(
      `SELECT ${joined(place.map(literalOf))}, ${keyText}, ${shown.join(', ')} FROM ${quoteName(name)}${after} ORDER BY ${place.join(', ')} LIMIT ${pageRows}`,
    );
    for (const [number, row] of rows.entries()) {
      const key = sums.startRow(String(row[1] ?? count + number));
      for (let index = 2; index < names.length; index += 1) sums.add(index - 2, key, String(row[index]));
    }
    count += rows.length;
    if (rows.length < pageRows) break;
    // What quote() has made is a literal.
    after = ` WHERE (${place.join(', ')}) > (${String(rows.at(-1)?.[0])})`;
  }
  return { rows: count, columns: new Map(columns.map((column, index) => [column.name, sums.text(index)])) };
}

/** SQL for a text that no other value has. Of a long value it is a hash: two thousand pictures would not fit into memory. */
function shownAs(value: string): string {
  return `CASE WHEN octet_length(${value}) > 200 THEN typeof(${value}) || hex(sha3(${value})) ELSE ${literalOf(value)} END`;
}

/**
 * SQL for the literal of a value. quote() tells every value and type apart, also integers past what JavaScript holds, but
 * ends a text at a NUL (https://sqlite.org/nulinstr.html), and a text may hold bytes that are no UTF-8, on which the driver
 * ends the process. Text of more than ASCII is therefore written as its bytes.
 */
function literalOf(value: string): string {
  return `CASE WHEN typeof(${value}) = 'text' AND (instr(${value}, char(0)) > 0 OR ${value} GLOB '*[^' || char(1) || '-~]*') THEN 'CAST(' || quote(CAST(${value} AS BLOB)) || ' AS TEXT)' ELSE quote(${value}) END`;
}

/** What orders the rows of a table, each once: its rowid, or the key of one without. */
function placeOf({ columns, primaryKey, options }: Table): readonly string[] {
  if (options.includes('without rowid')) return primaryKey.map(quoteName);
  const taken = new Set(columns.map(({ name }) => foldName(name)));
  const free = ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name));
  return free === undefined ? columns.map(({ name }) => quoteName(name)) : [free];
}

/**
 * A digest to each column: the sum over all rows of a hash of key and value, so that the order of rows does not matter. 64
 * bits of a fast hash (cyrb53 with both halves kept): values come by the million, and nobody forges them.
 */
class ColumnSums {
  readonly #sums: Uint32Array;

  constructor(columns: number) {
    this.#sums = new Uint32Array(2 * columns);
  }

  /** The state of the hash behind a row's key. */
  startRow(key: string): readonly [number, number] {
    return hashed(`${key}=`, 0xdeadbeef, 0x41c6ce57);
  }

  add(column: number, [first, second]: readonly [number, number], value: string): void {
    const [low, high] = hashed(value, first, second);
    this.#sums[2 * column] = (this.#sums[2 * column] ?? 0) + finished(low, high);
    this.#sums[2 * column + 1] = (this.#sums[2 * column + 1] ?? 0) + finished(high, low);
  }

  text(column: number): string {
    return `${this.#sums[2 * column]?.toString(16)}.${this.#sums[2 * column + 1]?.toString(16)}`;
  }
}

function hashed(text: string, first: number, second: number): readonly [number, number] {
  let [low, high] = [first, second];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 2_654_435_761);
    high = Math.imul(high ^ unit, 1_597_334_677);
  }
  return [low, high];
}

function finished(one: number, other: number): number {
  return Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
}
