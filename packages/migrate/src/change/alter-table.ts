// Gives a table another shape by ADD COLUMN and DROP COLUMN, where SQLite can: no copy of the table is made for an added
// column. plan-change.ts rebuilds the table where this cannot (https://sqlite.org/lang_altertable.html).
import { compareTables } from '../schema/compare-tables.js';
import type { Column, ForeignKey, Table } from '../schema/schema.js';
import { foldName, quoteName, wordsOf } from '../sql/words.js';

/** An alteration in place. */
export interface Alteration {
  readonly statements: readonly string[];
  readonly dropsColumns: boolean;
}

/** Returns how ALTER TABLE makes `from` the same as `to`; null when it cannot. `columnOrder`: whether the order counts. */
export function alterTable(from: Table, to: Table, columnOrder: boolean): Alteration | null {
  const difference = compareTables(from, to);
  const { added, dropped, changed, isReordered, foreignKeysAdded, foreignKeysDropped, rest } = difference;
  if (changed.length + foreignKeysDropped.length + rest.length > 0 || (columnOrder && isReordered)) return null;
  if (!added.every((column) => canAdd(column, to)) || !dropped.every((column) => canDrop(column, from))) return null;
  const inline = foreignKeysAdded.filter((key) =>
    added.some((column) => isAlone(key, column) && column.defaultSql === null),
  );
  if (inline.length < foreignKeysAdded.length) return null;
  const table = quoteName(to.name);
  return {
    statements: [
      ...added.map((column) => {
        const key = foreignKeysAdded.find((each) => isAlone(each, column));
        return `ALTER TABLE ${table} ADD ${definitionOf(column, key)}`;
      }),
      ...dropped.map(({ name }) => `ALTER TABLE ${table} DROP COLUMN ${quoteName(name)}`),
    ],
    dropsColumns: dropped.length > 0,
  };
}

function canAdd({ name, notNull, defaultSql, generated }: Column, table: Table): boolean {
  if (table.primaryKey.includes(name) || generated === 'stored') return false;
  if (generated === 'virtual') return !notNull;
  // SQLite 3.42 to 3.46 takes such a column for NULL in integrity_check, so that every backup looks damaged. A rebuild
  // stores the values.
  if (notNull && defaultSql !== null && /^[+-]?(\d*\.\d|\d+(\.\d*)?e)/i.test(defaultSql.trim())) return false;
  return (
    (defaultSql === null || isConstant(defaultSql)) &&
    (!notNull || (defaultSql !== null && defaultSql.toUpperCase() !== 'NULL'))
  );
}

/** The parentheses around an expression are not kept, so it is what is no literal. */
function isConstant(defaultSql: string): boolean {
  const words = wordsOf(defaultSql).filter(({ name }) => name !== '-' && name !== '+');
  const [only] = words;
  if (!only || words.length > 1) return false;
  return only.kind === 'text' || only.kind === 'number' || ['TRUE', 'FALSE', 'NULL'].includes(only.keyword);
}

function canDrop({ name }: Column, { primaryKey, foreignKeys, columns }: Table): boolean {
  const isUsed = columns.some((other) => other.name !== name && isMadeOf(other, name));
  return (
    !primaryKey.includes(name) &&
    !foreignKeys.some((key) => key.columns.includes(name)) &&
    !isUsed &&
    columns.length > 1
  );
}

/** Whether it is worked out from the column `name`, whatever that is called. */
function isMadeOf({ generated, definition }: Column, name: string): boolean {
  const words = generated === 'no' ? [] : wordsOf(definition);
  const expression = words.slice(words.findIndex(({ keyword }) => keyword === 'AS'));
  return expression.some((word) => foldName(word.name) === foldName(name));
}

function isAlone({ columns }: ForeignKey, { name }: Column): boolean {
  return columns.length === 1 && columns[0] === name;
}

/** The column as ADD COLUMN takes it: with its foreign key, which drizzle writes behind all columns. */
function definitionOf({ definition }: Column, key: ForeignKey | undefined): string {
  if (!key || wordsOf(definition).some(({ keyword }) => keyword === 'REFERENCES')) return definition;
  const columns = key.parentColumns ? `(${key.parentColumns.map(quoteName).join(', ')})` : '';
  return `${definition} REFERENCES ${quoteName(key.parent)}${columns} ON UPDATE ${key.onUpdate} ON DELETE ${key.onDelete}`;
}
