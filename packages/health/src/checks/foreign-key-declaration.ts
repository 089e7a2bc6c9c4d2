// What foreign keys are declared to refer to, and whether there is a key for them in the parent, as SQLite asks for it
// (https://sqlite.org/foreignkeys.html, 3 "Required and suggested database indexes").
import { type Ask, asBytes, decoded, literal, quoted } from '../questions.js';
import { foldName } from '../statistics/fold-name.js';

/** A foreign key as it was declared. */
export interface ForeignKey {
  readonly child: string;
  readonly parent: string;
  readonly from: readonly string[];
  /** The columns of the parent, those of its primary key where none are named; empty when there is no such table. */
  readonly to: readonly string[];
  /** Whether the columns of the parent were not named. */
  readonly isImplicit: boolean;
  readonly parentType: string | null;
}

/** Returns the foreign keys of each table that has some. */
export async function foreignKeysOf(ask: Ask): Promise<ReadonlyMap<string, ForeignKey[]>> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, f.id, ${asBytes('f."table"')}, ${asBytes('f."from"')}, ${asBytes('f."to"')},
        (SELECT p.type FROM pragma_table_list(f."table") p WHERE p.schema = 'main')
      FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) f
      WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f.id, f.seq`,
  );
  const keys = new Map<string, ForeignKey & { readonly from: string[]; readonly to: string[] }>();
  for (const [table, id, parent, from, to, parentType] of rows) {
    const child = decoded(table);
    const name = `${Number(id)} ${child}`;
    const key = keys.get(name) ?? {
      ...{ child, parent: decoded(parent), from: [], to: [], isImplicit: to === null },
      parentType: parentType === null ? null : String(parentType),
    };
    key.from.push(decoded(from));
    if (to !== null) key.to.push(decoded(to));
    keys.set(name, key);
  }
  const byTable = new Map<string, ForeignKey[]>();
  for (const key of keys.values()) {
    const to = key.parentType === null ? [] : key.isImplicit ? await primaryKeyOf(key.parent, ask) : key.to;
    byTable.set(key.child, [...(byTable.get(key.child) ?? []), { ...key, to }]);
  }
  return byTable;
}

/**
 * Whether the engine can look a parent up; `collation`: if its columns have the collation of their index, which cannot be
 * asked for. A parent that is not there breaks every row, and is no misfit.
 */
export async function fitOf(
  { parent, parentType, from, to, isImplicit }: ForeignKey,
  ask: Ask,
): Promise<'fits' | 'misfits' | 'collation'> {
  if (parentType === null) return 'fits';
  if (parentType !== 'table' || to.length !== from.length) return 'misfits';
  const rows = await ask(
    `SELECT ${asBytes('l.name')}, l.origin, ${asBytes('c.name')}, c.coll FROM pragma_index_list(${literal(parent)}) l
      JOIN pragma_index_xinfo(l.name) c WHERE l."unique" = 1 AND l.partial = 0 AND c.key = 1`,
  );
  const indexes = new Map<string, { readonly isPrimary: boolean; readonly columns: string[]; isBinary: boolean }>();
  for (const [index, origin, column, collation] of rows) {
    const known = indexes.get(decoded(index)) ?? { isPrimary: origin === 'pk', columns: [], isBinary: true };
    // An expression has no name.
    known.columns.push(column === null ? '' : decoded(column));
    known.isBinary &&= collation === 'BINARY';
    indexes.set(decoded(index), known);
  }
  const wanted = sorted(to);
  const hasPrimary = [...indexes.values()].some(({ isPrimary }) => isPrimary);
  // The key of the rows has no index.
  if (!hasPrimary && wanted === sorted(await primaryKeyOf(parent, ask))) return 'fits';
  const serving = [...indexes.values()].filter(
    ({ isPrimary, columns }) => (isPrimary || !isImplicit) && sorted(columns) === wanted,
  );
  if (serving.length === 0) return 'misfits';
  return serving.some(({ isBinary }) => isBinary) ? 'fits' : 'collation';
}

async function primaryKeyOf(table: string, ask: Ask): Promise<string[]> {
  const rows = await ask(
    `SELECT ${asBytes('name')} FROM pragma_table_info(${literal(table)}) WHERE pk > 0 ORDER BY pk`,
  );
  return rows.map(([name]) => decoded(name));
}

function sorted(columns: readonly string[]): string {
  return columns
    .map((column) => quoted(foldName(column)))
    .sort()
    .join();
}
