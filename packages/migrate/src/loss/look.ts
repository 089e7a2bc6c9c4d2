// What is asked of one table when loss is measured: where its rows may be, and how they are told to be the same. compare.ts and
// question.ts write it as SQL.
import { quoteName } from '../sql/words.js';
import type { Heir } from './follow.js';
import type { Holder, Pairs } from './heirs.js';
import type { LossColumn, LossTable } from './table.js';

/** A question about one table. */
export interface Probe {
  /** An SQL expression: 1 when anything is lost. */
  readonly isLost: string;
  /** One row with a tally for each of `parts`. */
  readonly details: string;
  readonly parts: readonly { readonly table: string; readonly column: string | null }[];
}

/** A count and an example key as one column: SQLite takes two thousand, and so many may a table have. */
export function tallySql(count: string, label: string): string {
  return `${count} || ' ' || coalesce(${label}, '')`;
}

/** What `tallySql` gave. */
export function tallyOf(value: unknown): { readonly rows: number; readonly key: string } {
  const [rows = '', key = ''] = String(value ?? 0).split(' ');
  return { rows: Number(rows), key };
}

/** The rows that copies brought into a table, kept in `place` by what tells its rows apart. */
export interface Arrived {
  readonly place: string;
  readonly names: readonly string[];
}

/** An SQL condition that goes on after another: the row `alias` is among those that arrived. */
export function hasArrived(arrived: Arrived | null, alias: string): string {
  if (arrived === null) return '';
  const { place, names } = arrived;
  // A plus keeps SQLite from beginning with them, and then reading all of the other table for each.
  const row = names.map((name) => `+${alias}.${quoteName(name)}`).join(', ');
  return ` AND (${row}) IN (SELECT ${names.map((_, index) => `r${index}`).join(', ')} FROM ${place})`;
}

/** A holder, with those of its rows that count; null for all. */
export interface Held extends Holder {
  readonly arrived: Arrived | null;
}

/** What is asked of one table. */
export interface Look {
  readonly table: LossTable;
  readonly heir: Heir & { readonly arrived: Arrived | null };
  /** Where else rows and values may stand. */
  readonly holders: readonly Held[];
  /** Whether a row that is missing is a loss. */
  readonly asksRows: boolean;
  /** Columns whose values are compared. */
  readonly changed: Pairs;
  /** Columns that only `holders` may still have. */
  readonly gone: readonly LossColumn[];
  /** The rows to copy, as what stands behind FROM; absent for all. */
  readonly source?: string;
}

/** Whether a holder has the key of `table`. */
export function hasKey(table: LossTable, { columns }: Holder): boolean {
  return keyIn([...table.keys, ...(table.loose ? [table.loose] : [])], columns) !== null;
}

/** Whether `holder` may have whole rows of a table that has no key: rows that are equal are told apart by their number. */
export function hasWhole(table: LossTable, { columns }: Holder): boolean {
  const own = table.columns.filter(({ isGenerated }) => !isGenerated);
  return table.rowid !== null && own.every((column) => columns.some(([before]) => before === column));
}

/** How rows before and after are told to be the same. */
export interface RowKey {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The first of `keys` whose columns are among `pairs`; null without one. */
export function keyIn(keys: LossTable['keys'], pairs: Pairs): RowKey | null {
  for (const key of keys) {
    const after = key.map((name) => pairs.find(([before]) => before.name === name)?.[1].name);
    const whole = after.filter((name) => name !== undefined);
    if (whole.length === key.length) return { before: key, after: whole };
  }
  return null;
}
