// What got another name: taken from the statements that ran, turned around for the way back, and written as SQL.
// plan-change.ts plans everything else and needs no names but the last ones.

import type { Schema } from '../schema/schema.js';
import { ancestorOf, followTables, type TableShape } from '../sql/follow-tables.js';
import type { Statement } from '../sql/statements.js';
import { foldName, quoteName } from '../sql/words.js';
import { freeName, hasColumn, hasName } from './free-name.js';

/** A new name for something. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** Tables and columns with a new name. */
export interface Renames {
  readonly tables: readonly Rename[];
  /** `table` is the new name of the column's table. */
  readonly columns: readonly (Rename & { readonly table: string })[];
}

/** Nothing has a new name. */
export const noRenames: Renames = { tables: [], columns: [] };

/** Returns the renames that lead back. */
export function invertRenames({ tables, columns }: Renames): Renames {
  const nameBefore = (table: string): string => tables.find(({ to }) => to === table)?.from ?? table;
  return {
    tables: tables.map(({ from, to }) => ({ from: to, to: from })),
    columns: columns.map(({ table, from, to }) => ({ table: nameBefore(table), from: to, to: from })),
  };
}

/** Returns what `statements` rename of `tables` that were there before, rebuilt ones included. */
export function renamesIn(statements: readonly Statement[], tables: readonly TableShape[]): Renames {
  const { remaining, dropped } = followTables(statements, tables);
  const renamed: Rename[] = [];
  const columns: (Rename & { table: string })[] = [];
  for (const table of remaining) {
    const before = ancestorOf(table, dropped);
    if (!before?.origin) continue;
    if (before.origin.name !== table.name) renamed.push({ from: before.origin.name, to: table.name });
    for (const { name, original: own, copied } of table.columns.values()) {
      const original = table.origin ? own : copied.get(before);
      if (typeof original === 'string' && original !== name)
        columns.push({ table: table.name, from: original, to: name });
    }
  }
  return { tables: renamed, columns };
}

/** The renames that lead back from a schema. */
export interface RenamesBack {
  readonly statements: readonly string[];
  /** What stood where an old name has to return, by the name that it has now: `table` or `table.column`. */
  readonly aside: ReadonlyMap<string, string>;
}

/**
 * Returns how `renames` are undone in the schema `after` them. Where something new has taken a name that has to return, it is
 * put aside under another name: it was not there before, and planChange drops it.
 */
export function renamesBack(after: Schema, renames: Renames): RenamesBack {
  const { tables, columns } = invertRenames(renames);
  const aside = new Map<string, string>();
  // A rebuild calls its draft `__new_…`.
  const free = (name: string, isTaken: (name: string) => boolean): string => freeName(`__aside_${name}`, isTaken);
  const present = (name: string): string | undefined =>
    (after.tables.get(foldName(name)) ?? after.virtualTables.get(foldName(name)))?.name;
  const moved = taken(tables, present).map((name) => {
    const to = free(name, (each) => hasName(after, each));
    aside.set(to, name);
    return { from: name, to };
  });
  const movedColumns = [...new Set(columns.map(({ table }) => table))].flatMap((table) => {
    const now = tables.find(({ to }) => to === table)?.from ?? table;
    const names = after.tables.get(foldName(now))?.columns.map(({ name }) => name) ?? [];
    const has = (name: string): string | undefined => names.find((each) => foldName(each) === foldName(name));
    const ofTable = columns.filter((column) => column.table === table);
    return taken(ofTable, has).map((name) => {
      const to = free(name, (each) => has(each) !== undefined);
      aside.set(`${table}.${to}`, `${table}.${name}`);
      return { table, from: name, to };
    });
  });
  return {
    statements: [
      ...renameStatements({ tables: moved, columns: [] }, after),
      ...renameStatements({ tables, columns: [] }, after),
      ...renameStatements({ tables: [], columns: movedColumns }, after),
      ...renameStatements({ tables: [], columns }, after),
    ],
    aside,
  };
}

/** The new names of `renames` that are not free and do not become free by another of them. */
function taken(renames: readonly Rename[], present: (name: string) => string | undefined): readonly string[] {
  const leaving = new Set(renames.map(({ from }) => foldName(from)));
  return renames.flatMap(({ to }) => {
    const name = present(to);
    return name === undefined || leaving.has(foldName(name)) ? [] : [name];
  });
}

/** Returns the ALTER TABLE statements of `renames` in `schema`. Names that trade places go through a third one. */
export function renameStatements({ tables, columns }: Renames, schema: Schema): readonly string[] {
  const byTable = new Set(columns.map(({ table }) => table));
  return [
    ...inOrder(tables, (name) => hasName(schema, name)).map(
      ({ from, to }) => `ALTER TABLE ${quoteName(from)} RENAME TO ${quoteName(to)}`,
    ),
    ...[...byTable].flatMap((table) =>
      inOrder(
        columns.filter((column) => column.table === table),
        (name) => hasColumn(schema, name),
      ).map(({ from, to }) => `ALTER TABLE ${quoteName(table)} RENAME COLUMN ${quoteName(from)} TO ${quoteName(to)}`),
    ),
  ];
}

/** Orders `renames` such that no new name is taken when its turn comes. `isTaken`: something else has a name. */
function inOrder(renames: readonly Rename[], isTaken: (name: string) => boolean): readonly Rename[] {
  const ordered: Rename[] = [];
  let waiting = [...renames];
  while (waiting.length > 0) {
    const taken = new Set(waiting.map(({ from }) => foldName(from)));
    const free = waiting.filter(({ to }) => !taken.has(foldName(to)));
    if (free.length > 0) {
      ordered.push(...free);
      waiting = waiting.filter((rename) => !free.includes(rename));
      continue;
    }
    const [first, ...others] = waiting;
    if (!first) break;
    const aside = freeName(`__old_${first.from}`, isTaken);
    ordered.push({ from: first.from, to: aside });
    waiting = [...others, { from: aside, to: first.to }];
  }
  return ordered;
}
