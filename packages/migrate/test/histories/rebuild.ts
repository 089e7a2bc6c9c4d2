// A table given another shape by hand, in the three ways that people write it: a new one that takes the name, the old one
// put aside, and a copy without any keys that comes back.
import { type Column, columnOf, createSql, indexSql, isParent, type Shape, type Table } from './shape.js';
import { quoted, type StockDatabase } from './stock.js';

/** How a rebuild copies. */
export interface Copying {
  readonly style: 'new' | 'aside' | 'backup';
  /** Condition over the old table. */
  readonly where?: string;
  /** Expressions over the old table by number of column, in place of the column itself. */
  readonly values?: ReadonlyMap<number, string>;
  /** Leaves the key to be given out again. */
  readonly leavesKey?: boolean;
  /** Copies equal rows once. */
  readonly isDistinct?: boolean;
  /** Copies nothing at all. */
  readonly isEmpty?: boolean;
  /** Forgets the triggers of the table, as a DROP TABLE does. */
  readonly forgetsTriggers?: boolean;
}

/** Writes the rebuild of the table as `next`, and puts that into `shape`. Views and triggers are read from `bare`. */
export function rebuildSql(shape: Shape, next: Table, bare: StockDatabase, copying: Copying): readonly string[] {
  const table = shape.tables.find(({ tid }) => tid === next.tid) ?? next;
  // Put aside, it would take the keys of its children along.
  const style = copying.style === 'aside' && isParent(shape, table.tid) ? 'new' : copying.style;
  const views = shape.views.filter(({ tid }) => tid === table.tid);
  const triggers = copying.forgetsTriggers ? [] : shape.triggers.filter(({ tid }) => tid === table.tid);
  const textOf = ({ name }: { readonly name: string }): string =>
    bare.read(`SELECT sql FROM sqlite_schema WHERE name = '${name}'`)[0]?.[0] ?? '';
  const viewTexts = views.map(textOf);
  const triggerTexts = triggers.map(textOf);
  if (copying.forgetsTriggers) shape.triggers = shape.triggers.filter(({ tid }) => tid !== table.tid);
  shape.tables = shape.tables.map((each) => (each === table ? next : each));
  const create = (name: string): string => createSql(shape, { ...next, name }, name);
  const moved = {
    new: (): readonly string[] => {
      const draft = `${next.name}_draft`;
      return [
        create(draft),
        ...copySql(table, next, draft, table.name, copying),
        drop(table.name),
        rename(draft, next),
      ];
    },
    aside: (): readonly string[] => {
      const old = `${table.name}_before`;
      return [
        rename(table.name, { name: old }),
        create(next.name),
        ...copySql(table, next, next.name, old, copying),
        drop(old),
      ];
    },
    backup: (): readonly string[] => {
      const copy = `${table.name}_backup`;
      return [
        `CREATE TABLE ${quoted(copy)} AS SELECT * FROM ${quoted(table.name)}`,
        drop(table.name),
        create(next.name),
        ...copySql(table, next, next.name, copy, copying),
        drop(copy),
      ];
    },
  };
  return [
    ...views.toReversed().map(({ name }) => `DROP VIEW ${quoted(name)}`),
    ...moved[style](),
    ...next.indexes.map((index) => indexSql(next, index)),
    ...viewTexts,
    ...triggerTexts,
  ];
}

function copySql(from: Table, to: Table, into: string, source: string, copying: Copying): readonly string[] {
  const { values = new Map<number, string>(), leavesKey = false, isEmpty = false, isDistinct = false, where } = copying;
  if (isEmpty) return [];
  const copied = to.columns.flatMap((column) => {
    if (column.formula !== null || (leavesKey && column.key !== null)) return [];
    const value = values.get(column.cid) ?? valueOf(from, column);
    return value === null ? [] : [{ name: quoted(column.name), value }];
  });
  if (copied.length === 0) return [];
  const names = copied.map(({ name }) => name).join(', ');
  const selected = copied.map(({ value }) => value).join(', ');
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  const distinct = isDistinct ? 'DISTINCT ' : '';
  // SELECT * where it gives the same.
  const isWhole =
    to.columns.length === from.columns.length && to.columns.every(({ cid }, index) => from.columns[index]?.cid === cid);
  const hasAll =
    isWhole &&
    values.size === 0 &&
    copied.length === to.columns.length &&
    from.columns.every(({ formula }) => formula === null);
  if (hasAll && to.tid % 2 === 0)
    return [`INSERT INTO ${quoted(into)} SELECT ${distinct}* FROM ${quoted(source)}${condition}`];
  return [`INSERT INTO ${quoted(into)} (${names}) SELECT ${distinct}${selected} FROM ${quoted(source)}${condition}`];
}

/** Null: the default of the new column. */
function valueOf(from: Table, column: Column): string | null {
  const before = columnOf(from, column.cid);
  if (before) return quoted(before.name);
  return column.notNull && column.defaultSql === null ? (column.type === 'text' ? `''` : '0') : null;
}

function drop(name: string): string {
  return `DROP TABLE ${quoted(name)}`;
}

function rename(from: string, { name }: { readonly name: string }): string {
  return `ALTER TABLE ${quoted(from)} RENAME TO ${quoted(name)}`;
}
