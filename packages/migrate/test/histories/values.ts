// Values that do not survive everything: numbers as text, text with a NUL character, integers past what a double holds.
// One SQL literal for each, to be put into columns of any type.
import { type Column, plainColumns, type Shape, type Table, tableOf } from './shape.js';
import { quoted } from './stock.js';

const hostile: readonly string[] = [
  ...['NULL', `''`, `'007'`, `'1e3'`, `'12'`, `'abc'`, `' 5 '`, `'12345678901234567890'`, `'0x1A'`, `'Ünï'`, `'1.50'`],
  ...[`CAST(x'610062' AS TEXT)`, `x'00FF'`, `x''`, '0', '-1', '12', '4.5', '5.0', '1e300', '0.1 + 0.2', '-9e999'],
  ...['9007199254740993', '9223372036854775807', `'9007199254740993'`, `'it''s'`, `'A;B'`, 'NULL', '1', `'1'`],
];

/** Rows to add to a table; those that a unique index refuses are left out by SQLite. */
export function insertSql(shape: Shape, table: Table, draw: number, count: number): readonly string[] {
  const names = table.columns.filter(({ formula }) => formula === null).map(({ name }) => quoted(name));
  return Array.from({ length: count }, (_, row) => {
    const values = table.columns
      .filter(({ formula }) => formula === null)
      .map((column, index) => valueSql(shape, column, draw + 7 * row + 3 * index, draw + row));
    return `INSERT OR IGNORE INTO ${quoted(table.name)} (${names.join(', ')}) VALUES (${values.join(', ')})`;
  });
}

/** Another value in one column of some rows. */
export function updateSql(shape: Shape, table: Table, draw: number): readonly string[] {
  const columns = plainColumns(table);
  const column = columns[draw % Math.max(1, columns.length)];
  if (!column) return [];
  const value = valueSql(shape, column, draw, draw);
  return [
    `UPDATE OR IGNORE ${quoted(table.name)} SET ${quoted(column.name)} = ${value} WHERE length(${quoted(table.columns[0]?.name ?? '')}) % 2 = ${draw % 2}`,
  ];
}

function valueSql(shape: Shape, column: Column, draw: number, row: number): string {
  const { key, parent, notNull } = column;
  if (key === 'text') return row % 3 === 0 ? `'00${row}'` : `'k${row}'`;
  if (key !== null) return String(row % 5 === 4 ? 9007199254740993n + BigInt(row) : (row % 40) + 1);
  if (parent !== null) {
    const { tid, cid } = parent;
    const parentTable = tableOf(shape, tid);
    const name = parentTable?.columns.find((each) => each.cid === cid)?.name ?? '';
    return `(SELECT ${quoted(name)} FROM ${quoted(parentTable?.name ?? '')} LIMIT 1 OFFSET ${draw % 3})`;
  }
  const value = hostile[draw % hostile.length] ?? 'NULL';
  return notNull && value === 'NULL' ? `'filled'` : value;
}
