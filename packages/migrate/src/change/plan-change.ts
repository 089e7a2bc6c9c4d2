// Plans the statements that make one schema another: the ups that drizzle-kit gets wrong, and every generated down.
// Renames are done before (renames.ts): here a name that is gone is dropped, and a new one is made.
import { compareTables, isSameTable } from '../schema/compare-tables.js';
import { rowidAlias, type Schema, type SchemaObject, type Table } from '../schema/schema.js';
import { foldName, quoteName, wordsOf } from '../sql/words.js';
import { alterTable } from './alter-table.js';
import { hasName } from './free-name.js';
import { indexesAnother, readFullText } from './full-text.js';
import { missingParents } from './missing-parents.js';
import { type Rebuild, rebuildTable } from './rebuild.js';

/** What to change, and what it costs. */
export interface ChangePlan {
  readonly statements: readonly string[];
  /** What a person has to know: filled values, rebuilt tables. */
  readonly notes: readonly string[];
  /** `table` or `table.column` that goes with all it holds. */
  readonly losses: readonly string[];
}

/** Options of `planChange`. */
export interface ChangeOptions {
  /** Whether columns must stand in the order of the new schema; false spares rebuilds. */
  readonly columnOrder: boolean;
  /** As in `rebuildTable`. */
  readonly fillNulls: boolean;
}

/** Plans the change of `from` into `to`. Returns no statement when they are the same. */
export function planChange(from: Schema, to: Schema, options: ChangeOptions): ChangePlan {
  const dropped = [...from.tables.values()].filter((table) => !to.tables.has(keyOf(table)));
  const created = [...to.tables.values()].filter((table) => !from.tables.has(keyOf(table)));
  const changes = [...to.tables.values()].flatMap((table) => changeOf(from, to, table, options));
  const rebuilt = changes.filter(({ rebuild }) => rebuild !== null).map(({ table }) => keyOf(table));
  const disturbed = [
    ...dropped.map(keyOf),
    ...changes.filter(({ disturbs }) => disturbs).map(({ table }) => keyOf(table)),
    ...[...from.views.values()].filter((view) => !isKept(view, to.views)).map(keyOf),
    ...[...from.virtualTables.values()].filter((each) => !isKept(each, to.virtualTables)).map(keyOf),
  ];
  const aside = dependents(from, disturbed);
  const goes = (object: SchemaObject, kept: ReadonlyMap<string, SchemaObject>): boolean =>
    aside.has(object) || !isKept(object, kept);
  const comes = (object: SchemaObject, before: ReadonlyMap<string, SchemaObject>): boolean => {
    const present = before.get(keyOf(object));
    return !present || goes(present, new Map([[keyOf(object), object]]));
  };
  // One that goes with its table, and is not to come back with it, is dropped by name: else it would look forgotten.
  const indexGoes = (index: SchemaObject): boolean =>
    !dropped.some((each) => keyOf(each) === foldName(index.table)) &&
    (rebuilt.includes(foldName(index.table)) ? !to.indexes.has(keyOf(index)) : goes(index, to.indexes));
  const indexComes = (index: SchemaObject): boolean =>
    rebuilt.includes(foldName(index.table)) || comes(index, from.indexes);
  const parents = options.fillNulls ? missingParents(parentsFirst(created), to) : { statements: [], notes: [] };
  const statements = [
    ...[...from.triggers.values()].filter((each) => goes(each, to.triggers)).map(drop('TRIGGER')),
    ...[...from.views.values()].filter((each) => goes(each, to.views)).map(drop('VIEW')),
    ...[...from.virtualTables.values()].filter((each) => !isKept(each, to.virtualTables)).map(drop('TABLE')),
    ...[...from.indexes.values()].filter(indexGoes).map(drop('INDEX')),
    ...parentsFirst(created).map(({ sql }) => sql),
    ...changes.flatMap((change) => change.statements),
    ...parents.statements,
    ...parentsFirst(dropped).toReversed().map(drop('TABLE')),
    ...[...to.indexes.values()].filter(indexComes).map(({ sql }) => sql),
    ...[...to.virtualTables.values()].flatMap((each) => virtualTable(each, from, changes)),
    ...[...to.views.values()].filter((each) => comes(each, from.views)).map(({ sql }) => sql),
    ...[...to.triggers.values()].filter((each) => comes(each, from.triggers)).map(({ sql }) => sql),
  ];
  return {
    // SQLite ignores this inside a transaction; it is for whoever runs the file by hand, as in drizzle-kit's rebuilds.
    statements:
      rebuilt.length === 0 && !dropped.some((table) => isReferredTo(table, from))
        ? statements
        : ['PRAGMA foreign_keys=OFF', ...statements, 'PRAGMA foreign_keys=ON'],
    notes: [
      ...changes.flatMap(({ table, rebuild }) => rebuild?.notes.map((note) => withUnique(note, table, to)) ?? []),
      ...parents.notes,
    ],
    losses: [
      ...dropped.map(({ name }) => name),
      ...changes.flatMap(({ losses }) => losses),
      ...[...from.virtualTables.values()]
        .filter((each) => !isKept(each, to.virtualTables) && !indexesAnother(each))
        .map(({ name }) => name),
    ],
  };
}

/** A filled column that must be unique takes one row and no more. */
function withUnique({ text, column }: Rebuild['notes'][number], { name, uniques }: Table, { indexes }: Schema): string {
  if (column === null) return text;
  const isUnique =
    uniques.some((columns) => columns === column) ||
    [...indexes.values()].some(
      (index) => foldName(index.table) === foldName(name) && index.normal === `unique ( ${foldName(column)} )`,
    );
  if (!isUnique) return text;
  return `${text}; because it is unique, too, this fails from two rows on: add it without NOT NULL, fill it, and make it NOT NULL in a migration behind`;
}

interface TableChange {
  readonly table: Table;
  readonly statements: readonly string[];
  readonly rebuild: Rebuild | null;
  /** Whether views and triggers that name the table must step aside. */
  readonly disturbs: boolean;
  readonly losses: readonly string[];
}

function changeOf(from: Schema, to: Schema, table: Table, options: ChangeOptions): readonly TableChange[] {
  const before = from.tables.get(keyOf(table));
  if (!before) return [];
  const difference = compareTables(before, table);
  if (isSameTable(difference, options.columnOrder)) return [];
  // A column that is computed from now on loses what was written into it.
  const computed = difference.changed.flatMap(({ from: old, to: column }) =>
    old.generated === 'no' && column.generated !== 'no' ? [old] : [],
  );
  const losses = [...difference.dropped.filter(({ generated }) => generated === 'no'), ...computed].map(
    ({ name }) => `${table.name}.${name}`,
  );
  const alteration = alterTable(before, table, options.columnOrder);
  if (alteration) {
    const { statements, dropsColumns } = alteration;
    return [{ table, statements, rebuild: null, disturbs: dropsColumns, losses }];
  }
  const keepRowids = [...to.virtualTables.values()].some((each) => refersToRowids(each, table));
  const isTaken = (name: string): boolean => hasName(from, name) || hasName(to, name);
  const rebuild = rebuildTable(before, table, { fillNulls: options.fillNulls, keepRowids, isTaken });
  return [{ table, statements: rebuild.statements, rebuild, disturbs: true, losses }];
}

function refersToRowids(virtual: SchemaObject, table: Table): boolean {
  const { content, contentRowid } = readFullText(virtual);
  if (foldName(content ?? '') !== keyOf(table)) return false;
  return contentRowid === null || foldName(contentRowid) !== foldName(rowidAlias(table) ?? '');
}

/** A virtual table that is new, or whose text was copied with other values, is filled from the table that it indexes. */
function virtualTable(virtual: SchemaObject, from: Schema, changes: readonly TableChange[]): readonly string[] {
  const before = from.virtualTables.get(keyOf(virtual));
  const isNew = before?.normal !== virtual.normal;
  const { content } = readFullText(virtual);
  const change = changes.find(({ table }) => keyOf(table) === foldName(content ?? ''));
  const isStale = change?.rebuild?.changesValues ?? false;
  const name = quoteName(virtual.name);
  const fill =
    indexesAnother(virtual) && (isNew || isStale) ? [`INSERT INTO ${name} (${name}) VALUES ('rebuild')`] : [];
  return [...(isNew ? [virtual.sql] : []), ...fill];
}

/** The views and triggers that name one of `disturbed`, directly or through a view. */
function dependents(schema: Schema, disturbed: readonly string[]): ReadonlySet<SchemaObject> {
  const names = new Set(disturbed);
  const found = new Set<SchemaObject>();
  const objects = [...schema.views.values(), ...schema.triggers.values()];
  const mentioned = new Map(objects.map((each) => [each, wordsOf(each.sql).map(({ name }) => foldName(name))]));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [object, words] of mentioned) {
      if (found.has(object) || !words.some((word) => names.has(word))) continue;
      found.add(object);
      if (schema.views.get(keyOf(object)) === object) names.add(keyOf(object));
    }
  }
  return found;
}

/** Whether `object` is in `kept`, the same. */
function isKept(object: SchemaObject, kept: ReadonlyMap<string, SchemaObject>): boolean {
  const other = kept.get(keyOf(object));
  return other?.normal === object.normal && foldName(other.table) === foldName(object.table);
}

function isReferredTo(table: Table, { tables }: Schema): boolean {
  return [...tables.values()].some(({ foreignKeys }) =>
    foreignKeys.some(({ parent }) => foldName(parent) === keyOf(table)),
  );
}

/** Orders `tables` such that a table stands behind those it refers to, as far as circles allow. */
function parentsFirst(tables: readonly Table[]): readonly Table[] {
  const ordered: Table[] = [];
  const visit = (table: Table, path: readonly Table[]): void => {
    if (ordered.includes(table) || path.includes(table)) return;
    for (const { parent } of table.foreignKeys) {
      const next = tables.find((each) => keyOf(each) === foldName(parent));
      if (next) visit(next, [...path, table]);
    }
    ordered.push(table);
  };
  for (const table of tables) visit(table, []);
  return ordered;
}

function drop(what: string): (object: { readonly name: string }) => string {
  return ({ name }) => `DROP ${what} ${quoteName(name)}`;
}

function keyOf({ name }: { readonly name: string }): string {
  return foldName(name);
}
