// Rows and values that statements copied into other tables, or columns, before they went: as SQL over the copy that measuring has
// made of them.
import { quoteName } from '../sql/words.js';
import { lostSql } from './kept.js';
import { keyIn, type Look, type RowKey } from './look.js';
import type { LossColumn } from './table.js';

/** A look, and the copy that it is taken over. */
export interface Taken {
  readonly look: Look;
  /** What the columns `v0`, `v1` … of the copy hold. */
  readonly values: readonly LossColumn[];
  /** The table of the copy; null without one. */
  readonly place: string | null;
  /** Null where rows have none. */
  readonly key: RowKey | null;
}

/** Conditions on the row `b` of the copy: it, or a value of it, stands in a holder. */
export interface Elsewhere {
  readonly row: string;
  value(column: LossColumn): string;
}

/** What the holders of a look say. */
export function elsewhere({ look, values, place, key }: Taken): Elsewhere {
  const nowhere = { row: '0', value: () => '0' };
  if (place === null || key === null) return nowhere;
  const joined = look.holders.flatMap(({ table, columns }) => {
    const there = keyIn([key.before], columns);
    if (!there) return [];
    const on = there.after.map((name, index) => `h.${quoteName(name)} COLLATE BINARY IS +p.k${index}`).join(' AND ');
    return [{ columns, from: `SELECT p.rowid FROM ${place} p JOIN ${quoteName(table.name)} h ON ${on}` }];
  });
  const isIn = (selects: readonly string[]): string =>
    selects.length === 0 ? '0' : `(${selects.map((select) => `b.rowid IN (${select})`).join(' OR ')})`;
  const value = (column: LossColumn): string => {
    const index = values.indexOf(column);
    const selects = joined.flatMap(({ columns, from }) =>
      columns
        .filter(([before]) => before === column)
        .map(([, { name, affinity }]) => {
          const lost = lostSql(`p.v${index}`, `h.${quoteName(name)}`, column.affinity, affinity);
          return `${from} WHERE NOT ${lost}`;
        }),
    );
    return isIn(selects);
  };
  const own = look.table.columns.filter((column) => !column.isGenerated && !key.before.includes(column.name));
  const all = own.map((column) => `(b.v${values.indexOf(column)} IS NULL OR ${value(column)})`);
  return { row: together([isIn(joined.map(({ from }) => from)), ...all], 'AND'), value };
}

/** Conditions as a tree that is no deeper than it must be: SQLite takes a thousand levels, and tables have two thousand columns. */
export function together(conditions: readonly string[], word: 'AND' | 'OR'): string {
  if (conditions.length < 3)
    return conditions.length === 2 ? `(${conditions.join(` ${word} `)})` : (conditions[0] ?? '1');
  const half = Math.ceil(conditions.length / 2);
  return `(${together(conditions.slice(0, half), word)} ${word} ${together(conditions.slice(half), word)})`;
}
