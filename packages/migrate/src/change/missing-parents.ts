// The way back of a dropped parent: its rows are gone, and those of its children still name them. Rows with nothing but the
// key and empty values take their place, as empty values take the place of a dropped column that may not be NULL.
import type { ForeignKey, Schema, Table } from '../schema/schema.js';
import { foldName, quoteName } from '../sql/words.js';
import { placeholder } from './rebuild.js';

/** Statements, and what a person has to know of them. */
export interface MissingParents {
  readonly statements: readonly string[];
  readonly notes: readonly string[];
}

/** Fills each of `created` (parents first) with the rows that the tables of `to` which were there before refer to. */
export function missingParents(created: readonly Table[], { tables }: Schema): MissingParents {
  const statements: string[] = [];
  const notes: string[] = [];
  // Children first: a row that is made here may need a parent that is made here, too.
  for (const parent of created.toReversed()) {
    for (const child of tables.values()) {
      // A table that refers to itself has no rows yet.
      if (child === parent) continue;
      for (const key of child.foreignKeys) {
        const statement = foldName(key.parent) === foldName(parent.name) ? fill(parent, child, key) : null;
        if (statement === null) continue;
        statements.push(statement);
        const note = `Rows of ${parent.name} that ${child.name} refers to come back with their key alone`;
        if (!notes.includes(note)) notes.push(note);
      }
    }
  }
  return { statements, notes };
}

function fill(parent: Table, child: Table, key: ForeignKey): string | null {
  const targets = key.parentColumns ?? parent.primaryKey;
  const columns = targets.map((target) => parent.columns.find(({ name }) => foldName(name) === foldName(target)));
  if (columns.length !== key.columns.length || columns.some((column) => column?.generated !== 'no')) return null;
  const names = new Set(targets.map((name) => foldName(name)));
  const others = parent.columns.filter(
    ({ name, notNull, defaultSql, generated }) =>
      notNull && defaultSql === null && generated === 'no' && !names.has(foldName(name)),
  );
  // The rowid alias numbers itself.
  const needed = others.filter(
    ({ name, type }) => !(parent.primaryKey.join() === name && type.toUpperCase() === 'INTEGER'),
  );
  const list = [...targets, ...needed.map(({ name }) => name)].map(quoteName).join(', ');
  const values = [...key.columns.map((name) => `c.${quoteName(name)}`), ...needed.map(placeholder)].join(', ');
  const isThere = targets.map((target, index) => `p.${quoteName(target)} = c.${quoteName(key.columns[index] ?? '')}`);
  const isSet = key.columns.map((name) => `c.${quoteName(name)} IS NOT NULL`);
  return `INSERT INTO ${quoteName(parent.name)} (${list}) SELECT DISTINCT ${values} FROM ${quoteName(child.name)} c WHERE ${isSet.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${quoteName(parent.name)} p WHERE ${isThere.join(' AND ')})`;
}
