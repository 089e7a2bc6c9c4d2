// Rows and values that statements copied into other tables, or columns, before they went: as SQL over the copy that measuring has
// made of them.
import { quoteName } from '../sql/words.js';
import { lostSql } from './kept.js';
import { hasArrived, hasWhole, keyIn, type Look, type RowKey } from './look.js';
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
  if (place === null) return nowhere;
  if (key === null) return { ...nowhere, row: wholeRow(look, values, place) };
  const joined = look.holders.flatMap(({ table, columns, arrived }) => {
    const there = keyIn([key.before], columns);
    if (!there) return [];
    const on = there.after.map((name, index) => `h.${quoteName(name)} COLLATE BINARY IS +p.k${index}`).join(' AND ');
    return [
      {
        columns,
        from: `SELECT p.rowid FROM ${place} p JOIN ${quoteName(table.name)} h ON ${on}${hasArrived(arrived, 'h')}`,
      },
    ];
  });
  const isIn = (selects: readonly string[]): string =>
    selects.length === 0
      ? '0'
      : together(
          selects.map((select) => `b.rowid IN (${select})`),
          'OR',
        );
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

/** The condition that the row `b`, which no key tells from its equals, is gone from the table and stands in a holder, as often. */
function wholeRow({ table, heir, holders }: Look, values: readonly LossColumn[], place: string): string {
  const whole = heir.isSame && table.rowid !== null ? holders.filter((holder) => hasWhole(table, holder)) : [];
  if (whole.length === 0) return '0';
  const own = table.columns.filter(({ isGenerated }) => !isGenerated);
  const numbered = (columns: readonly string[], rest: string): string =>
    `(SELECT ${rest}, row_number() OVER (PARTITION BY ${columns.map((column) => `${column} COLLATE BINARY`).join(', ')}) AS n`;
  const was = own.map((column) => `v${values.indexOf(column)}`);
  const is = own.map((_, index) => `h${index}`);
  const held = whole.map(({ table: holder, columns, arrived }) => {
    const names = own.map((column) => columns.find(([before]) => before === column)?.[1].name ?? '');
    return `SELECT ${names.map((name, index) => `+${quoteName(name)} AS h${index}`).join(', ')} FROM ${quoteName(holder.name)} t WHERE 1${hasArrived(arrived, 't')}`;
  });
  const gone = `${numbered(was, `k0, ${was.join(', ')}`)} FROM ${place} WHERE NOT EXISTS (SELECT 1 FROM ${quoteName(heir.table.name)} a WHERE a.${quoteName(heir.table.rowid ?? '')} = k0))`;
  const there = `${numbered(is, is.join(', '))} FROM (${held.join(' UNION ALL ')}))`;
  // The columns of the holders stand alone on their side, so that SQLite can make an index of them.
  const same = own.map((_, index) => `h.${is[index] ?? ''} COLLATE BINARY IS +p.${was[index] ?? ''}`);
  return `b.k0 IN (SELECT p.k0 FROM ${gone} p JOIN ${there} h ON h.n = p.n AND ${together(same, 'AND')})`;
}

/** Conditions, or numbers, as a tree that is no deeper than it must be: SQLite takes a thousand levels, and tables have two thousand columns. */
export function together(conditions: readonly string[], word: 'AND' | 'OR' | '+'): string {
  if (conditions.length < 3)
    return conditions.length === 2 ? `(${conditions.join(` ${word} `)})` : (conditions[0] ?? '1');
  const half = Math.ceil(conditions.length / 2);
  return `(${together(conditions.slice(0, half), word)} ${word} ${together(conditions.slice(half), word)})`;
}
