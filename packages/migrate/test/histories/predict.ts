// What must be in the tables after a step that only changes shapes, whatever SQL did it: every value that has a place
// stays, and what is new holds its default. SQLite itself makes each table anew, to say what its types and formulas give.

import { readRows, type State } from './losses.js';
import { type Column, columnOf, createSql, type Shape, type Table, tableOf } from './shape.js';
import type { Cell, StockDatabase } from './stock.js';

/** Rows by table, sorted; `columns` in the order of the target. Null: rows stand in the way. */
export type Prediction = ReadonlyMap<string, { readonly columns: readonly string[]; readonly rows: readonly string[] }>;

/**
 * Says what tables hold once `state` has the shape `target`.
 *
 * @param scratch An empty database, empty again afterwards
 * @param fillNulls Whether NULL becomes a placeholder where it may no longer be and there is no default
 */
export function predict(state: State, target: Shape, fillNulls: boolean, scratch: StockDatabase): Prediction | null {
  const predicted = new Map<string, { columns: readonly string[]; rows: readonly string[] }>();
  for (const table of target.tables) {
    const before = tableOf(state.shape, table.tid);
    const rows = before ? fill(scratch, { state, before, target, table, fillNulls }) : [];
    if (rows === null) return null;
    predicted.set(table.name, { columns: table.columns.map(({ name }) => name), rows: rows.toSorted() });
  }
  return predicted;
}

interface Filling {
  readonly state: State;
  readonly before: Table;
  readonly target: Shape;
  readonly table: Table;
  readonly fillNulls: boolean;
}

function fill(database: StockDatabase, filling: Filling): readonly string[] | null {
  const { state, before, target, table, fillNulls } = filling;
  const own = table.columns.filter(({ formula }) => formula === null);
  const cellOf = (row: ReadonlyMap<number, Cell>, column: Column): Cell | null | undefined => {
    const isThere = columnOf(before, column.cid) !== undefined;
    const cell = isThere ? (row.get(column.cid) ?? 'N') : null;
    const mayStay = cell !== null && (cell !== 'N' || !column.notNull);
    if (mayStay) return cell;
    if (column.defaultSql !== null || !column.notNull) return null;
    return fillNulls || !isThere ? placeholders[column.type] : undefined;
  };
  const rows = readRows(state, before).map((row) => own.map((column) => cellOf(row, column)));
  if (rows.some((row) => row.includes(undefined))) return null;
  const cells = rows.map((row) => row.map((cell) => cell ?? null));
  const names = own.map(({ name }) => name);
  return database.tryTable(createSql(target, table), table.name, names, cells).map((row) => row.join());
}

/** What a column that needs a value gets when nobody says which. */
const placeholders = { integer: 'I0', text: 'T', real: 'I0' } as const;
