// Schema code that changes at random, as data: what histories.test.ts plays. Every change is one that people make; what
// rows could refuse (a NOT NULL without a default, a check that fails) is left to the cases.
import { sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  check,
  index,
  integer,
  real,
  type SQLiteColumnBuilderBase,
  type SQLiteTableWithColumns,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { Code } from './cases.js';

type Type = 'integer' | 'text' | 'real';

interface ColumnState {
  name: string;
  type: Type;
  notNull: boolean;
  hasDefault: boolean;
  parent: string | null;
  onDelete: 'cascade' | 'set null' | 'no action';
  /** Custom SQL indexes its text: dropping it is refused, and has a test of its own. */
  isIndexed?: boolean;
}

interface TableState {
  name: string;
  autoIncrement: boolean;
  columns: ColumnState[];
  indexes: { name: string; column: string; unique: boolean; partial: boolean }[];
  checks: { name: string; column: string }[];
}

/** Schema code, and how many names were given out. */
export interface CodeState {
  tables: TableState[];
  names: number;
}

/** One random change: what to do, and numbers to choose by. */
export interface Change {
  readonly kind: (typeof kinds)[number];
  readonly a: number;
  readonly b: number;
}

/** Every kind of change. */
export const kinds = [
  'add table',
  'drop table',
  'rename table',
  'add column',
  'add column',
  'drop column',
  'rename column',
  'retype',
  'not null',
  'default',
  'add key',
  'change key',
  'add index',
  'drop index',
  'add check',
  'drop check',
  'autoincrement',
  'reorder',
] as const;

/** The code that a history begins with. */
export function firstState(): CodeState {
  const column = (name: string, type: Type): ColumnState => ({
    name,
    type,
    notNull: false,
    hasDefault: false,
    parent: null,
    onDelete: 'no action',
  });
  return {
    names: 0,
    tables: [
      {
        name: 'parent',
        autoIncrement: true,
        columns: [{ ...column('label', 'text'), isIndexed: true }],
        indexes: [],
        checks: [],
      },
      {
        name: 'child',
        autoIncrement: false,
        columns: [
          { ...column('parent_id', 'integer'), parent: 'parent', onDelete: 'cascade' },
          column('size', 'integer'),
        ],
        indexes: [{ name: 'idx_size', column: 'size', unique: false, partial: false }],
        checks: [],
      },
    ],
  };
}

/** Applies `change` to a copy of `state` and adds to `renames` what it renamed, as the flags say it. */
export function applyChange(state: CodeState, { kind, a, b }: Change, renames: string[]): CodeState {
  const next = structuredClone(state);
  const fresh = (stem: string): string => {
    next.names += 1;
    return `${stem}_${next.names}`;
  };
  const table = next.tables[a % Math.max(1, next.tables.length)];
  const own = table?.columns.filter(({ parent }) => parent === null) ?? [];
  const column = own[b % Math.max(1, own.length)];
  if (kind === 'add table') {
    const columns: ColumnState[] = [
      { name: fresh('c'), type: pick(b), notNull: false, hasDefault: false, parent: null, onDelete: 'no action' },
    ];
    next.tables.push({ name: fresh('t'), autoIncrement: a % 2 === 0, columns, indexes: [], checks: [] });
    return next;
  }
  if (!table) return next;
  if (kind === 'drop table') dropTable(next, table);
  if (kind === 'rename table') renameTable(next, table, fresh('t'), renames);
  if (kind === 'add column') {
    const added = {
      name: fresh('c'),
      type: pick(b),
      notNull: b % 2 === 0,
      hasDefault: b % 2 === 0,
      parent: null,
      onDelete: 'no action',
    } as const;
    table.columns.splice(b % (table.columns.length + 1), 0, { ...added });
  }
  if (kind === 'add key') {
    const parent = next.tables[b % next.tables.length]?.name ?? table.name;
    table.columns.push({
      name: fresh('k'),
      type: 'integer',
      notNull: false,
      hasDefault: false,
      parent,
      onDelete: b % 2 === 0 ? 'cascade' : 'set null',
    });
  }
  if (kind === 'change key') {
    const key = table.columns.find(({ parent }) => parent !== null);
    if (key) key.onDelete = key.onDelete === 'cascade' ? 'set null' : 'cascade';
  }
  if (kind === 'add index' && table.columns[0])
    table.indexes.push({
      name: fresh('idx'),
      column: (column ?? table.columns[0]).name,
      unique: false,
      partial: b % 3 === 0,
    });
  if (kind === 'drop index') table.indexes.splice(b % Math.max(1, table.indexes.length), 1);
  if (kind === 'drop check') table.checks.splice(b % Math.max(1, table.checks.length), 1);
  if (kind === 'autoincrement') table.autoIncrement = !table.autoIncrement;
  if (kind === 'reorder') table.columns.reverse();
  if (!column) return next;
  if (kind === 'drop column' && table.columns.length > 1 && !column.isIndexed) dropColumn(table, column.name);
  if (kind === 'rename column') renameColumn(table, column, fresh('c'), renames);
  if (kind === 'retype') column.type = pick(b + 1);
  if (kind === 'not null') Object.assign(column, { notNull: !column.notNull, hasDefault: true });
  if (kind === 'default' && !column.notNull) column.hasDefault = !column.hasDefault;
  if (kind === 'add check') table.checks.push({ name: fresh('chk'), column: column.name });
  return next;
}

function pick(n: number): Type {
  return (['integer', 'text', 'real'] as const)[n % 3] ?? 'text';
}

function dropTable(state: CodeState, table: TableState): void {
  if (state.tables.length < 2) return;
  state.tables = state.tables.filter((each) => each !== table);
  for (const other of state.tables)
    for (const { name } of other.columns.filter(({ parent }) => parent === table.name)) dropColumn(other, name);
}

function dropColumn(table: TableState, name: string): void {
  table.columns = table.columns.filter((column) => column.name !== name);
  table.indexes = table.indexes.filter(({ column }) => column !== name);
  table.checks = table.checks.filter(({ column }) => column !== name);
}

function renameTable(state: CodeState, table: TableState, to: string, renames: string[]): void {
  if (!note(renames, table.name, to)) return;
  for (const other of state.tables)
    for (const column of other.columns) if (column.parent === table.name) column.parent = to;
  table.name = to;
}

function renameColumn(table: TableState, column: ColumnState, to: string, renames: string[]): void {
  if (!note(renames, `${table.name}.${column.name}`, to)) return;
  for (const each of [...table.indexes, ...table.checks]) if (each.column === column.name) each.column = to;
  column.name = to;
}

/** One migration renames a thing once. */
function note(renames: string[], from: string, to: string): boolean {
  const name = from.split('.').at(-1) ?? '';
  if (renames.some((each) => each.endsWith(`=${name}`) || each.startsWith(`${from}=`))) return false;
  renames.push(`${from}=${to}`);
  return true;
}

/** The drizzle tables of `state`. */
export function codeOf(state: CodeState): Code {
  const built = new Map<string, SQLiteTableWithColumns<never>>();
  for (const table of state.tables) built.set(table.name, buildTable(table, built));
  return Object.fromEntries(built);
}

function buildTable(table: TableState, built: ReadonlyMap<string, unknown>): SQLiteTableWithColumns<never> {
  const columns: Record<string, SQLiteColumnBuilderBase> = {
    id: integer('id').primaryKey(table.autoIncrement ? { autoIncrement: true } : {}),
  };
  for (const column of table.columns) columns[column.name] = buildColumn(column, built);
  return sqliteTable(table.name, columns, (t) => {
    const at = (name: string): AnySQLiteColumn =>
      (t as unknown as Record<string, AnySQLiteColumn>)[name] as AnySQLiteColumn;
    return [
      ...table.indexes.map(({ name, column, unique, partial }) => {
        const made = (unique ? uniqueIndex(name) : index(name)).on(at(column));
        return partial ? made.where(sql`${sql.identifier(column)} is not null`) : made;
      }),
      ...table.checks.map(({ name, column }) => check(name, sql`${at(column)} is null or ${at(column)} <> 'never'`)),
    ];
  }) as unknown as SQLiteTableWithColumns<never>;
}

function buildColumn(
  { name, type, notNull, hasDefault, parent, onDelete }: ColumnState,
  built: ReadonlyMap<string, unknown>,
) {
  if (parent !== null)
    return integer(name).references(() => (built.get(parent) as { id: AnySQLiteColumn }).id, { onDelete });
  const made =
    type === 'integer'
      ? hasDefault
        ? integer(name).default(7)
        : integer(name)
      : type === 'real'
        ? hasDefault
          ? real(name).default(0.5)
          : real(name)
        : hasDefault
          ? text(name).default(`it's`)
          : text(name);
  return notNull ? made.notNull() : made;
}
