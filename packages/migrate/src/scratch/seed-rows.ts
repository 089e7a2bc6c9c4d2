// Puts rows into every table of a scratch database, so that a migration is tried on tables that hold something.
// Values follow from table, column and row number alone: foreign keys meet their parents without looking.
import type { Column, Schema, Table } from '../schema/schema.js';
import { quoteName, quoteText, wordsOf } from '../sql/words.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Rows that a table gets. The last one holds NULL wherever it may. */
const rowsPerTable = 3;

/** Rows that are tried for a table whose CHECKs refuse the first. */
const attempts = 300;

/** Columns, as `table.column`, that must not hold NULL although they may. */
export type FilledColumns = ReadonlySet<string>;

/**
 * Inserts rows into the tables of `schema` and returns the names of those that took none: a CHECK or a trigger refused
 * all that was tried.
 */
export async function seedRows(
  scratch: ScratchDatabase,
  schema: Schema,
  filled: FilledColumns = new Set(),
): Promise<readonly string[]> {
  const unseeded: string[] = [];
  for (const table of schema.tables.values()) {
    let seeded = 0;
    for (let row = 0; row < rowsPerTable; row += 1) if (await seedRow(scratch, schema, table, row, filled)) seeded += 1;
    if (seeded === 0) unseeded.push(table.name);
  }
  await removeOrphans(scratch);
  return unseeded;
}

async function seedRow(
  scratch: ScratchDatabase,
  schema: Schema,
  table: Table,
  row: number,
  filled: FilledColumns,
): Promise<boolean> {
  const columns = table.columns.filter(({ generated }) => generated === 'no');
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const candidates = candidatesOf(table);
  for (let attempt = 0; attempt < (candidates.size === 0 ? 1 : attempts); attempt += 1) {
    const values = columns.map((column, index) => {
      const tried = candidates.get(column.name.toLowerCase());
      const isFree = attempt > 0 && tried !== undefined && !isKeyColumn(table, column);
      // Every combination comes up sooner or later: the steps have no common divisor with each other.
      if (isFree) return tried[(attempt * (2 * index + 1) + row + (attempt >> (index + 1))) % tried.length] ?? 'NULL';
      return valueOf(schema, table, column, row, filled);
    });
    try {
      await scratch.run([`INSERT INTO ${quoteName(table.name)} (${names}) VALUES (${values.join(', ')})`]);
      return true;
    } catch (error) {
      // The row does not fit; that no row fits is what seedRows returns.
      if (!isRefusedRow(error)) throw error;
    }
  }
  return false;
}

function isRefusedRow(error: unknown): boolean {
  return error instanceof Error && 'type' in error && (error.type === 'constraint' || error.type === 'unknown');
}

function isKeyColumn({ primaryKey, foreignKeys }: Table, { name }: Column): boolean {
  return primaryKey.includes(name) || foreignKeys.some(({ columns }) => columns.includes(name));
}

/** Values worth trying in the columns that CHECKs name: what the CHECKs themselves name, and the usual suspects. */
function candidatesOf({ checks, columns }: Table): ReadonlyMap<string, readonly string[]> {
  const words = checks.flatMap((check) => wordsOf(check));
  const literals = words.flatMap(({ kind, name }) =>
    kind === 'text' ? [quoteText(name)] : kind === 'number' ? [name, String(Number(name) + 1)] : [],
  );
  const tried = [...new Set([...literals, 'NULL', '0', '1', `'x'`, `''`, `'{}'`, `'[]'`, '0.5'])];
  const named = new Set(words.map(({ name }) => name.toLowerCase()));
  const checked = columns.map(({ name }) => name.toLowerCase()).filter((name) => named.has(name));
  return new Map(checked.map((name) => [name, tried]));
}

function valueOf(schema: Schema, table: Table, column: Column, row: number, filled: FilledColumns, depth = 0): string {
  const { name, notNull, type } = column;
  const isNull = row === rowsPerTable - 1 && !notNull && !table.primaryKey.includes(name);
  if (isNull && !filled.has(`${table.name}.${name}`)) return 'NULL';
  const parent = depth < 8 ? parentOf(schema, table, column) : null;
  if (parent) return valueOf(schema, parent.table, parent.column, row, filled, depth + 1);
  if (/INT/i.test(type)) return String(row + 1);
  if (/CHAR|CLOB|TEXT/i.test(type)) return quoteText(`${name} ${row + 1}`);
  if (type === '' || /BLOB/i.test(type)) return `x'0${row + 1}'`;
  return /REAL|FLOA|DOUB/i.test(type) ? `${row}.5` : String(row + 1);
}

/** The column that `column` refers to. */
function parentOf(schema: Schema, table: Table, { name }: Column): { table: Table; column: Column } | null {
  for (const { columns, parent, parentColumns } of table.foreignKeys) {
    const index = columns.indexOf(name);
    const parentTable = schema.tables.get(parent.toLowerCase());
    if (index === -1 || !parentTable) continue;
    const target = (parentColumns ?? parentTable.primaryKey)[index]?.toLowerCase();
    const column = parentTable.columns.find((each) => each.name.toLowerCase() === target);
    const isItself = parentTable === table && column?.name === name;
    if (column && !isItself) return { table: parentTable, column };
  }
  return null;
}

/** Deletes rows whose parent took no row. */
async function removeOrphans(scratch: ScratchDatabase): Promise<void> {
  for (;;) {
    const { rows } = await scratch.connection.execute('SELECT DISTINCT "table" AS name FROM pragma_foreign_key_check');
    const [first] = rows;
    if (!first) return;
    const name = String(first['name']);
    const { rows: orphans } = await scratch.connection.execute(
      `SELECT count(*) AS n FROM pragma_foreign_key_check WHERE "table" = ${quoteText(name)} AND rowid IS NULL`,
    );
    // A table without rowids cannot be told row from row here.
    const which =
      Number(orphans[0]?.['n']) > 0
        ? ''
        : ` WHERE rowid IN (SELECT rowid FROM pragma_foreign_key_check WHERE "table" = ${quoteText(name)})`;
    await scratch.run([`DELETE FROM ${quoteName(name)}${which}`]);
  }
}
