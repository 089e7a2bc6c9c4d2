// What differs between two tables of one name, column by column: compare-schemas.ts puts it into words, change/ decides by it
// whether an ALTER TABLE will do.
import { foldName } from '../sql/words.js';
import type { Column, ForeignKey, Table } from './schema.js';

/** From the first table to the second. */
export interface TableDifference {
  readonly added: readonly Column[];
  readonly dropped: readonly Column[];
  readonly changed: readonly { readonly from: Column; readonly to: Column }[];
  /** Columns that both have stand in another order, or an added one is not last. */
  readonly isReordered: boolean;
  readonly foreignKeysAdded: readonly ForeignKey[];
  readonly foreignKeysDropped: readonly ForeignKey[];
  /** What else differs, in words; each needs a rebuild. */
  readonly rest: readonly string[];
}

/** Compares two tables. */
export function compareTables(from: Table, to: Table): TableDifference {
  const common = to.columns.flatMap((column) => {
    const before = from.columns.find(({ name }) => foldName(name) === foldName(column.name));
    return before ? [{ from: before, to: column }] : [];
  });
  const added = to.columns.filter((column) => !common.some((pair) => pair.to === column));
  const dropped = from.columns.filter((column) => !common.some((pair) => pair.from === column));
  const keysOf = (table: Table): readonly string[] => table.foreignKeys.map(foreignKeyText);
  return {
    added,
    dropped,
    changed: common.filter((pair) => pair.from.name !== pair.to.name || columnText(pair.from) !== columnText(pair.to)),
    isReordered: isReordered(from, to, added, dropped),
    foreignKeysAdded: to.foreignKeys.filter((key) => !keysOf(from).includes(foreignKeyText(key))),
    foreignKeysDropped: from.foreignKeys.filter((key) => !keysOf(to).includes(foreignKeyText(key))),
    rest: restOf(from, to),
  };
}

/** Whether nothing differs; the order of columns counts only with `order`. */
export function isSameTable(difference: TableDifference, order: boolean): boolean {
  const { added, dropped, changed, isReordered: reordered, foreignKeysAdded, foreignKeysDropped, rest } = difference;
  const lists = [added, dropped, changed, foreignKeysAdded, foreignKeysDropped, rest];
  return lists.every(({ length }) => length === 0) && !(order && reordered);
}

/** A column without its name, as far as it matters. */
export function columnText({ type, notNull, defaultSql, generated, extras }: Column): string {
  const parts = [foldName(type) || 'no type'];
  if (notNull) parts.push('not null');
  if (defaultSql !== null) parts.push(`default ${defaultSql}`);
  if (generated !== 'no') parts.push(generated);
  if (extras !== '') parts.push(extras);
  return parts.join(' ');
}

/** A foreign key in words. */
export function foreignKeyText({ columns, parent, parentColumns, onUpdate, onDelete }: ForeignKey): string {
  const target = parentColumns ? `${foldName(parent)}(${parentColumns.join(', ')})` : foldName(parent);
  return `(${columns.join(', ')}) to ${target} on update ${onUpdate} on delete ${onDelete}`;
}

function isReordered(from: Table, to: Table, added: readonly Column[], dropped: readonly Column[]): boolean {
  const kept = from.columns.filter((column) => !dropped.includes(column));
  const expected = [...kept, ...added].map(({ name }) => foldName(name));
  return to.columns.some(({ name }, index) => foldName(name) !== expected[index]);
}

function restOf(from: Table, to: Table): readonly string[] {
  const rest: string[] = [];
  const differ = (what: string, a: string, b: string): void => {
    if (a !== b) rest.push(`${what} ${a || 'none'} instead of ${b || 'none'}`);
  };
  differ('primary key', from.primaryKey.join(', '), to.primaryKey.join(', '));
  differ('AUTOINCREMENT', String(from.isAutoIncrement), String(to.isAutoIncrement));
  differ('unique constraints', from.uniques.join('; '), to.uniques.join('; '));
  differ('checks', from.checks.join('; '), to.checks.join('; '));
  differ('options', from.options, to.options);
  differ('clauses', from.rest.join('; '), to.rest.join('; '));
  return rest;
}
