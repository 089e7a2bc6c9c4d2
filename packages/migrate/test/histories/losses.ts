// What a step took away: rows and values of before, looked for after it under whatever they are called now. Tables and
// columns are followed by their numbers and rows by their keys, so no SQL is read.
import { type Column, columnOf, keyOf, type Shape, type Table, tableOf } from './shape.js';
import type { Affinity, Cell, Dump } from './stock.js';

/** A database at one moment. */
export interface State {
  readonly shape: Shape;
  readonly dump: Dump;
}

/** Something that is gone, and the names under which a refusal may speak of it: before the step or after it. */
export interface Loss {
  readonly names: readonly string[];
}

/** Returns what `after` no longer has of `before`. */
export function lossesBetween(affinity: Affinity, before: State, after: State): readonly Loss[] {
  return before.shape.tables.flatMap((table) => lossesOf(affinity, { table, before, after }));
}

interface Pair {
  readonly table: Table;
  readonly before: State;
  readonly after: State;
}

function lossesOf(affinity: Affinity, { table, before, after }: Pair): readonly Loss[] {
  const rows = readRows(before, table);
  const heir = tableOf(after.shape, table.tid);
  if (rows.length === 0) return [];
  if (!heir) return [{ names: [table.name] }];
  const inherited = readRows(after, heir);
  const key = keyOf(table);
  const names = (column: Column): readonly string[] => [
    `${table.name}.${column.name}`,
    `${heir.name}.${columnOf(heir, column.cid)?.name ?? column.name}`,
  ];
  const whole: Loss = { names: [table.name, heir.name] };
  if (!key) {
    const kept = table.columns.filter(({ cid }) => columnOf(heir, cid));
    const gone = withoutEach(rows, inherited, kept, (type, cell) => affinity.stored(type, cell));
    const lost = table.columns.filter((column) => isGone(affinity, column, heir, rows));
    // Without a key nobody knows whether a row is gone or holds other values.
    const values = gone ? [{ names: [...whole.names, ...kept.flatMap(names)] }] : [];
    return [...values, ...lost.map((column) => ({ names: names(column) }))];
  }
  const byKey = new Map(inherited.map((row) => [row.get(key.cid), row]));
  const pairs = rows.flatMap((row) => {
    const now = byKey.get(row.get(key.cid));
    return now ? [{ row, now }] : [];
  });
  const lost = table.columns.filter((column) => {
    const next = columnOf(heir, column.cid);
    if (!next) return isGone(affinity, column, heir, pairs.map(({ row }) => row));
    // What is computed is no data of its own, as long as it is computed.
    if (column.formula && next.formula) return false;
    return pairs.some(({ row, now }) => !isKept(affinity, column, row.get(column.cid), now.get(column.cid)));
  });
  return [...(pairs.length < rows.length ? [whole] : []), ...lost.map((column) => ({ names: names(column) }))];
}

/** Rows by number of column. */
type Row = ReadonlyMap<number, Cell>;

export function readRows({ dump }: State, table: Table): readonly Row[] {
  const stored = dump.tables.get(table.name);
  if (!stored) throw new Error(`The model has a table ${table.name} that is not there`);
  const cids = stored.columns.map((name) => table.columns.find((column) => column.name === name)?.cid);
  if (cids.includes(undefined)) throw new Error(`The model of ${table.name} has other columns: ${stored.columns.join()}`);
  return stored.rows.map((row) => new Map(row.map((cell, index) => [cids[index] ?? 0, cell])));
}

/** A dropped column takes more than NULL and its default with it. */
function isGone(affinity: Affinity, column: Column, heir: Table, rows: readonly Row[]): boolean {
  if (column.formula !== null || columnOf(heir, column.cid)) return false;
  const fallback = defaultOf(affinity, column);
  return rows.some((row) => row.get(column.cid) !== 'N' && row.get(column.cid) !== fallback);
}

function defaultOf(affinity: Affinity, { defaultSql, type }: Column): Cell | null {
  return defaultSql === null ? null : affinity.evaluated(type, defaultSql);
}

/** Whether a value is what it was, or comes back when the column has its old type again. */
function isKept(affinity: Affinity, { type }: Column, was: Cell | undefined, is: Cell | undefined): boolean {
  return is !== undefined && (was === is || affinity.stored(type, is) === was);
}

/** Whether some of `rows` have no equal in `others`, each of which counts once. */
function withoutEach(
  rows: readonly Row[],
  others: readonly Row[],
  columns: readonly Column[],
  stored: (type: string, cell: Cell) => Cell,
): boolean {
  const left = others.map((row) => columns.map(({ cid, type }) => stored(type, row.get(cid) ?? 'N')).join());
  return rows.some((row) => {
    const at = left.indexOf(columns.map(({ cid }) => row.get(cid)).join());
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
