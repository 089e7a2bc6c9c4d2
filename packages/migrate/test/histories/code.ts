// The drizzle schema code of a shape, and the answers to what drizzle would ask about two of them.
import { type SQL, sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  index,
  integer,
  real,
  type SQLiteColumnBuilderBase,
  type SQLiteTableWithColumns,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { Code } from '../generate/cases.js';
import { type Column, columnOf, formulaSql, type Shape, type Table, tableOf } from './shape.js';

/** The drizzle tables of a shape. */
export function codeOf(shape: Shape): Code {
  const built = new Map<number, SQLiteTableWithColumns<never>>();
  for (const table of shape.tables.filter(({ isManaged }) => isManaged)) built.set(table.tid, buildTable(table, built));
  return Object.fromEntries([...built].map(([tid, table]) => [`t${tid}`, table]));
}

function buildTable(table: Table, built: ReadonlyMap<number, unknown>): SQLiteTableWithColumns<never> {
  const columns: Record<string, SQLiteColumnBuilderBase> = {};
  for (const column of table.columns) columns[`c${column.cid}`] = buildColumn(table, column, built);
  return sqliteTable(table.name, columns, (t) =>
    table.indexes.map(({ name, cid, kind }) => {
      const column = (t as unknown as Record<string, AnySQLiteColumn>)[`c${cid}`] as AnySQLiteColumn;
      const made = (kind === 'unique' ? uniqueIndex(name) : index(name)).on(
        kind === 'expression' ? sql`lower(${column})` : column,
      );
      return kind === 'partial' ? made.where(sql`${column} is not null`) : made;
    }),
  ) as unknown as SQLiteTableWithColumns<never>;
}

function buildColumn(table: Table, column: Column, built: ReadonlyMap<number, unknown>): SQLiteColumnBuilderBase {
  const { name, type, key, notNull, defaultSql, formula, parent } = column;
  if (key === 'text') return text(name).primaryKey();
  if (key !== null) return integer(name).primaryKey({ autoIncrement: key === 'auto' });
  if (parent !== null) {
    const refer = (): AnySQLiteColumn =>
      (built.get(parent.tid) as Record<string, AnySQLiteColumn>)[`c${parent.cid}`] as AnySQLiteColumn;
    return (type === 'integer' ? integer(name) : text(name)).references(refer, { onDelete: 'cascade' });
  }
  const plain = type === 'integer' ? integer(name) : type === 'real' ? real(name) : text(name);
  const preset: SQL | null = defaultSql === null ? null : sql.raw(defaultSql);
  const withDefault = preset === null ? plain : plain.default(preset);
  const whole = notNull ? withDefault.notNull() : withDefault;
  if (formula === null) return whole;
  return whole.generatedAlwaysAs(sql.raw(formulaSql(table, formula)), {
    mode: formula.isStored ? 'stored' : 'virtual',
  });
}

/** What was renamed and what dropped between two shapes, as the flags say it. */
export function answersOf(before: Shape, after: Shape): { readonly renames: string[]; readonly drops: string[] } {
  const answers = { renames: new Array<string>(), drops: new Array<string>() };
  for (const table of before.tables.filter(({ isManaged }) => isManaged)) {
    const next = tableOf(after, table.tid);
    if (!next) answers.drops.push(table.name);
    else if (next.name !== table.name) answers.renames.push(`${table.name}=${next.name}`);
    if (!next) continue;
    for (const column of table.columns) {
      const now = columnOf(next, column.cid);
      if (!now) answers.drops.push(`${table.name}.${column.name}`);
      else if (now.name !== column.name) answers.renames.push(`${table.name}.${column.name}=${now.name}`);
    }
  }
  return answers;
}
