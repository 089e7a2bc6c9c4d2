// Migrations as people write them by hand: renames in a circle, names used again, copies between tables, backfills,
// rebuilds with a WHERE. Each adds its SQL and says in the shape what became of tables and columns.
import { backfillRows, conditionOf, copyOut, updateFrom } from './copies.js';
import { type Copying, rebuildSql } from './rebuild.js';
import {
  addGenerated,
  type Draw,
  dropColumn,
  freeColumnName,
  freeIndexName,
  freeTableName,
  newColumn,
  newTable,
  openTables,
  pick,
  reshape,
} from './reshape.js';
import {
  type Column,
  columnOf,
  columnSql,
  createSql,
  indexSql,
  isNamed,
  isParent,
  isReferredTo,
  isShown,
  keyOf,
  nextNumber,
  plainColumns,
  type Shape,
  type Table,
  tableOf,
} from './shape.js';
import { quoted, type StockDatabase } from './stock.js';
import { insertSql } from './values.js';

/** Kinds of hand-written steps. */
export const handKinds = [
  'add column',
  'add quoted default',
  'add generated',
  'drop column',
  'rename column',
  'reuse column',
  'swap columns',
  'rename table',
  'reuse table',
  'swap tables',
  'rebuild',
  'rebuild',
  'rebuild',
  'rebuild with WHERE',
  'rebuild renaming',
  'rebuild exchanging',
  'rebuild without key',
  'rebuild empty',
  'copy out',
  'copy and rebuild',
  'copy and drop',
  'split',
  'backfill rows',
  'replace rows',
  'backfill column',
  'update from',
  'update values',
  'delete rows',
  'create table',
  'drop table',
  'add view',
  'drop view',
  'add trigger',
  'add index',
  'drop index',
] as const;

export type HandKind = (typeof handKinds)[number];

/** Kinds whose way back the schemas tell: nothing that was there before has other rows. */
export const reversibleKinds: ReadonlySet<HandKind> = new Set([
  ...(['add column', 'add quoted default', 'add generated', 'drop column', 'rename column', 'reuse column'] as const),
  ...([
    'swap columns',
    'rename table',
    'reuse table',
    'swap tables',
    'rebuild',
    'copy out',
    'backfill column',
  ] as const),
  ...(['create table', 'drop table', 'add view', 'drop view', 'add trigger', 'add index', 'drop index'] as const),
]);

/** Where a step is written: the shape so far, which it changes, and a stock database that has run all before. */
export interface Desk {
  readonly shape: Shape;
  readonly bare: StockDatabase;
}

/** Writes one step, in the hand of one of many people. Empty where it does not fit. */
export function writeByHand(desk: Desk, draw: Draw<HandKind>): readonly string[] {
  return writePlainly(desk, draw).map((sql) => inHand(sql, draw.c));
}

/** Other quotes, no quotes, small letters: what reads SQL must not care. */
function inHand(sql: string, draw: number): string {
  const name = (text: string): string => {
    const bare = text.slice(1, -1);
    const styles = [
      text,
      text,
      `\`${bare}\``,
      `[${bare}]`,
      /^(?!group$|order$|manual$)[a-z_\d]+$/i.test(bare) ? bare : text,
    ];
    return bare === 'manual' ? text : (styles[draw % styles.length] ?? text);
  };
  return sql
    .split(/("[^"]*"|'[^']*')/)
    .map((part) =>
      part.startsWith('"') ? name(part) : draw % 3 === 0 && !part.startsWith("'") ? part.toLowerCase() : part,
    )
    .join('');
}

function writePlainly(desk: Desk, draw: Draw<HandKind>): readonly string[] {
  const { shape } = desk;
  const { kind, a, b } = draw;
  const open = openTables(shape, false);
  const table = pick(open, a);
  if (kind === 'create table' || !table) {
    const made = newTable(shape, freeTableName(shape, a), b);
    shape.tables.push(made);
    return [createSql(shape, made)];
  }
  if (kind === 'drop table') {
    if (open.length < 3 || isParent(shape, table.tid)) return [];
    return dropTable(desk, table);
  }
  const other = pick(
    open.filter((each) => each !== table),
    b,
  );
  switch (kind) {
    case 'rename table':
      return [renameTable(table, freeTableName(shape, b))];
    case 'reuse table':
      return reuseTable(shape, table, draw);
    case 'swap tables':
      return other ? swapNames(table, other) : [];
    case 'copy out':
      return copyOut(shape, table, other, draw);
    case 'copy and drop':
      return isParent(shape, table.tid) ? [] : [...copyOut(shape, table, other, draw), ...dropTable(desk, table)];
    case 'backfill rows':
      return other ? backfillRows(shape, table, other, draw) : [];
    case 'update from':
      return other ? updateFrom(table, other, draw) : [];
    case 'delete rows':
      return [`DELETE FROM ${quoted(table.name)} WHERE ${conditionOf(table, other, draw.c).replace(' LIMIT 2', '')}`];
    case 'replace rows':
      return insertSql(shape, table, draw.c, 2).map((sql) => sql.replace('OR IGNORE', 'OR REPLACE'));
    case 'add view':
      return addView(shape, table);
    case 'drop view': {
      const view = shape.views.at(-1);
      shape.views = shape.views.slice(0, -1);
      return view ? [`DROP VIEW ${quoted(view.name)}`] : [];
    }
    case 'add trigger':
      return addTrigger(shape, table, draw);
    default:
      return kind.startsWith('rebuild') || kind === 'copy and rebuild' || kind === 'split'
        ? rebuild(desk, table, other, draw)
        : alter(shape, table, draw);
  }
}

function alter(shape: Shape, table: Table, { kind, b, c }: Draw<HandKind>): readonly string[] {
  const on = `ALTER TABLE ${quoted(table.name)}`;
  const plain = plainColumns(table);
  const column = pick(plain, b);
  const add = (added: Column | null): readonly string[] => {
    if (!added) return [];
    table.columns.push(added);
    return [`${on} ADD COLUMN ${columnSql(shape, table, added)}`];
  };
  switch (kind) {
    case 'add column':
      return add(newColumn(shape, freeColumnName(table, b), c));
    case 'add quoted default': {
      const added = { ...newColumn(shape, freeColumnName(table, b), 1), defaultSql: '"manual"' };
      // The model knows it as the text that SQLite takes it for.
      const sql = add(added);
      added.defaultSql = `'manual'`;
      return sql;
    }
    case 'add generated':
      return add(addGenerated(shape, table, b, false));
    case 'backfill column': {
      const [source] = plain;
      const added = newColumn(shape, freeColumnName(table, b), 0);
      if (!source) return [];
      const set = `UPDATE ${quoted(table.name)} SET ${quoted(added.name)} = lower(${quoted(source.name)})`;
      return [...add({ ...added, notNull: false }), c % 2 === 0 ? set : `${set} WHERE ${quoted(added.name)} IS NULL`];
    }
    case 'add index':
      if (!column) return [];
      table.indexes.push({
        name: freeIndexName(shape, c),
        cid: column.cid,
        kind: (['plain', 'partial', 'expression', 'unique'] as const)[c % 4] ?? 'plain',
      });
      return table.indexes.slice(-1).map((index) => indexSql(table, index));
    case 'drop index': {
      const index = pick(
        table.indexes.filter((each) => each.kind !== 'unique' || !isNamed(shape, each.cid)),
        b,
      );
      table.indexes = table.indexes.filter((each) => each !== index);
      return index ? [`DROP INDEX ${quoted(index.name)}`] : [];
    }
    default:
  }
  if (!column) return [];
  const name = quoted(column.name);
  switch (kind) {
    case 'drop column': {
      const isFree = !isNamed(shape, column.cid) && column.parent === null && table.columns.length > 2;
      if (!isFree) return [];
      const indexes = table.indexes.filter(({ cid }) => cid === column.cid);
      dropColumn(table, column);
      return [...indexes.map((index) => `DROP INDEX ${quoted(index.name)}`), `${on} DROP COLUMN ${name}`];
    }
    case 'rename column':
      column.name = freeColumnName(table, c);
      return [`${on} RENAME COLUMN ${name} TO ${quoted(column.name)}`];
    case 'reuse column': {
      const before = column.name;
      column.name = freeColumnName(table, c);
      return [`${on} RENAME COLUMN ${name} TO ${quoted(column.name)}`, ...add(newColumn(shape, before, c))];
    }
    case 'swap columns': {
      const second = pick(
        plain.filter((each) => each !== column),
        c,
      );
      if (!second) return [];
      [column.name, second.name] = [second.name, column.name];
      const to = [quoted(column.name), quoted(second.name)] as const;
      return [
        `${on} RENAME COLUMN ${name} TO aside`,
        `${on} RENAME COLUMN ${to[0]} TO ${name}`,
        `${on} RENAME COLUMN aside TO ${to[0]}`,
      ];
    }
    case 'update values': {
      const values = [`upper(${name})`, `${name} || ''`, 'NULL', name, `coalesce(${name}, 1)`];
      return [`UPDATE ${quoted(table.name)} SET ${name} = ${pick(values, c) ?? name}`];
    }
    default:
      return [];
  }
}

function renameTable(table: Table, name: string): string {
  const before = table.name;
  table.name = name;
  return `ALTER TABLE ${quoted(before)} RENAME TO ${quoted(name)}`;
}

function reuseTable(shape: Shape, table: Table, { b }: Draw): readonly string[] {
  const { name } = table;
  const renamed = renameTable(table, freeTableName(shape, b));
  const made = newTable(shape, name, b);
  shape.tables.push(made);
  return [renamed, createSql(shape, made)];
}

function swapNames(table: Table, other: Table): readonly string[] {
  const [first, second] = [table.name, other.name];
  return [renameTable(table, 'aside'), renameTable(other, first), renameTable(table, second)];
}

function dropTable({ shape, bare }: Desk, table: Table): readonly string[] {
  const views = shape.views.filter(({ tid }) => tid === table.tid);
  shape.views = shape.views.filter((view) => !views.includes(view));
  shape.triggers = shape.triggers.filter(({ tid }) => tid !== table.tid);
  shape.tables = shape.tables.filter((each) => each !== table);
  const present = bare.read(`SELECT name FROM sqlite_schema WHERE type = 'view'`).flat();
  const gone = views.filter(({ name }) => present.includes(name)).toReversed();
  return [...gone.map(({ name }) => `DROP VIEW ${quoted(name)}`), `DROP TABLE ${quoted(table.name)}`];
}

/** The first view of a table shows columns of it; the next ones show the view before. */
function addView(shape: Shape, table: Table): readonly string[] {
  const under = shape.views.findLast(({ tid }) => tid === table.tid);
  const name = `view_${nextNumber(shape)}`;
  if (under) {
    shape.views.push({ name, tid: table.tid, uses: [] });
    return [`CREATE VIEW ${quoted(name)} AS SELECT * FROM ${quoted(under.name)}`];
  }
  const shown = table.columns.slice(0, 2);
  shape.views.push({ name, tid: table.tid, uses: shown.map(({ cid }) => cid) });
  const columns = shown.map((column, index) => `${quoted(column.name)} AS v${index}`).join(', ');
  return [`CREATE VIEW ${quoted(name)} AS SELECT ${columns} FROM ${quoted(table.name)}`];
}

function addTrigger(shape: Shape, table: Table, { b }: Draw): readonly string[] {
  const log = shape.tables.find(({ isLog }) => isLog);
  const column = pick(plainColumns(table), b);
  if (!log || !column) return [];
  const name = `trigger_${nextNumber(shape)}`;
  shape.triggers.push({ name, tid: table.tid, uses: [column.cid] });
  const event = ['AFTER INSERT ON', `AFTER UPDATE OF ${quoted(column.name)} ON`, 'AFTER DELETE ON'][b % 3] ?? '';
  const row = b % 3 === 0 ? 'new' : 'old';
  return [
    `CREATE TRIGGER ${quoted(name)} ${event} ${quoted(table.name)} BEGIN INSERT INTO ${quoted(log.name)} VALUES (${row}.${quoted(column.name)}); END`,
  ];
}

function rebuild(
  { shape, bare }: Desk,
  table: Table,
  other: Table | undefined,
  draw: Draw<HandKind>,
): readonly string[] {
  const { kind, b, c } = draw;
  const style = (['new', 'new', 'aside', 'backup'] as const)[b % 4] ?? 'new';
  const plain = plainColumns(table).filter(({ parent }) => parent === null);
  const before = kind === 'copy and rebuild' || kind === 'split' ? copyOut(shape, table, other, draw) : [];
  // A copy to work on: the table as it was is still to be read.
  const aside: Shape = structuredClone(shape);
  const next = tableOf(aside, table.tid) ?? table;
  let copying: Copying = { style, forgetsTriggers: c % 7 === 0 };
  const change = (kinds: readonly string[]): void => {
    const only: Shape = { ...aside, tables: [next, ...aside.tables.filter((each) => each !== next)] };
    reshape(only, { kind: pick(kinds, c) ?? '', a: 0, b, c }, false);
    shape.count = only.count;
  };
  if (kind === 'rebuild') change(shapeChanges);
  if (kind === 'split') change(['drop column']);
  if (kind === 'copy and rebuild') change(['drop column', 'reorder', 'retype']);
  // Views and triggers are made again as they were: they would name a column that is gone.
  if (kind === 'rebuild renaming' && !table.columns.some(({ cid }) => isShown(shape, cid))) {
    change(['rename column']);
    // Unlike ALTER TABLE, a rebuild leaves the keys of other tables with the old name.
    for (const column of next.columns) {
      const { name } = columnOf(table, column.cid) ?? column;
      if (isReferredTo(shape, table, column.cid)) column.name = name;
    }
  }
  if (kind === 'rebuild with WHERE')
    copying = { ...copying, ...(c % 5 === 0 ? { isDistinct: true } : { where: conditionOf(table, other, c) }) };
  if (kind === 'rebuild without key') copying = { ...copying, leavesKey: keyOf(table)?.key !== 'text' };
  if (kind === 'rebuild empty') copying = { ...copying, isEmpty: true };
  const [first, second] = plain;
  if (kind === 'rebuild exchanging' && first && second) {
    const values = [[first.cid, quoted(second.name)] as const, [second.cid, quoted(first.name)] as const];
    copying = { ...copying, values: new Map(values) };
  }
  // NULLs where there may be none now, filled half of the time; casts, half of the time.
  const filled = plain.flatMap((column): readonly (readonly [number, string])[] => {
    const now = columnOf(next, column.cid);
    if (!now || now.formula !== null || kind === 'rebuild exchanging' || b % 2 === 0) return [];
    const name = quoted(column.name);
    if (now.notNull && !column.notNull) return [[column.cid, `coalesce(${name}, ${now.defaultSql ?? `''`})`]];
    return now.type === column.type ? [] : [[column.cid, `CAST(${name} AS ${now.type})`]];
  });
  if (filled.length > 0) copying = { ...copying, values: new Map(filled) };
  return [...before, ...rebuildSql(shape, next, bare, copying)];
}

const shapeChanges = [
  'add column',
  'drop column',
  'reorder',
  'retype',
  'not null',
  'default',
  'add generated',
  'to generated',
  'to generated',
  'to plain',
  'other formula',
  'autoincrement',
  'none',
];
