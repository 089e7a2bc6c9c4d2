// What a schema of a random history is, as data. Tables and columns have numbers that stay theirs whatever they are called
// or copied into: by those losses.ts knows what became of each value, without reading SQL.
import { quoted } from './stock.js';

/** Declared types, by affinity. */
export const types = ['integer', 'text', 'real'] as const;
export type Type = (typeof types)[number];

/** How a generated column is made of another one. */
export interface Formula {
  /** The column it reads. */
  readonly of: number;
  readonly kind: 'lower' | 'length' | 'tagged';
  readonly isStored: boolean;
}

export interface Column {
  readonly cid: number;
  name: string;
  type: Type;
  /** Keys stand first, and stay as they are. */
  key: 'integer' | 'auto' | 'text' | null;
  notNull: boolean;
  /** SQL literal. */
  defaultSql: string | null;
  formula: Formula | null;
  /** The column it refers to; of a table that has it under a key, a unique index, or (a mismatch) neither. */
  parent: { readonly tid: number; readonly cid: number } | null;
}

export interface Index {
  name: string;
  readonly cid: number;
  readonly kind: 'plain' | 'unique' | 'partial' | 'expression';
}

export interface Table {
  readonly tid: number;
  name: string;
  columns: Column[];
  indexes: Index[];
  /** Whether drizzle's schema code has it. */
  readonly isManaged: boolean;
  /** Has no rowids. */
  readonly isWithoutRowid: boolean;
  /** Whether only triggers write to it, and no step changes its shape. */
  readonly isLog: boolean;
}

/** A view over columns of one table, directly or through the views before it. */
export interface View {
  readonly name: string;
  readonly tid: number;
  readonly uses: readonly number[];
}

export interface Trigger {
  readonly name: string;
  readonly tid: number;
  readonly uses: readonly number[];
}

export interface Shape {
  tables: Table[];
  views: View[];
  triggers: Trigger[];
  /** Numbers and names that were given out. */
  count: number;
}

/** The next number. */
export function nextNumber(shape: Shape): number {
  shape.count += 1;
  return shape.count;
}

export function tableOf({ tables }: Shape, tid: number): Table | undefined {
  return tables.find((table) => table.tid === tid);
}

export function columnOf({ columns }: Table, cid: number): Column | undefined {
  return columns.find((column) => column.cid === cid);
}

export function keyOf({ columns }: Table): Column | undefined {
  return columns.find(({ key }) => key !== null);
}

/** Columns that hold values of their own, keys left out. */
export function plainColumns({ columns }: Table): readonly Column[] {
  return columns.filter(({ formula, key }) => formula === null && key === null);
}

/** Whether a view, a trigger, a formula or a key of another table names the column: SQLite refuses to drop it. */
export function isNamed(shape: Shape, cid: number): boolean {
  return (
    isShown(shape, cid) ||
    shape.tables.some(({ columns }) =>
      columns.some(({ formula, parent }) => formula?.of === cid || parent?.cid === cid),
    )
  );
}

/** Whether a view or a trigger names the column. */
export function isShown({ views, triggers }: Shape, cid: number): boolean {
  return [...views, ...triggers].some(({ uses }) => uses.includes(cid));
}

/** Whether a column of another table refers to the table. */
export function isParent({ tables }: Shape, tid: number): boolean {
  return tables.some((table) => table.tid !== tid && table.columns.some(({ parent }) => parent?.tid === tid));
}

/** Whether a column of another table refers to this column of the table. */
export function isReferredTo({ tables }: Shape, { tid }: Table, cid: number): boolean {
  return tables.some((table) => table.tid !== tid && table.columns.some(({ parent }) => parent?.cid === cid));
}

/** Affinities of SQLite do the rest: the expression as it is written behind AS. */
export function formulaSql({ columns }: Table, { of, kind }: Formula): string {
  const name = quoted(columns.find(({ cid }) => cid === of)?.name ?? '');
  return kind === 'lower' ? `lower(${name})` : kind === 'length' ? `length(${name})` : `${name} || '!'`;
}

export function columnSql(shape: Shape, table: Table, column: Column): string {
  const { name, type, key, notNull, defaultSql, formula, parent } = column;
  const parentTable = parent && tableOf(shape, parent.tid);
  const parentColumn = parentTable?.columns.find(({ cid }) => cid === parent?.cid);
  return [
    quoted(name),
    type,
    key === null ? '' : 'PRIMARY KEY',
    key === 'auto' ? 'AUTOINCREMENT' : '',
    notNull || key !== null ? 'NOT NULL' : '',
    defaultSql === null ? '' : `DEFAULT ${defaultSql}`,
    formula ? `GENERATED ALWAYS AS (${formulaSql(table, formula)}) ${formula.isStored ? 'STORED' : 'VIRTUAL'}` : '',
    parentTable && parentColumn
      ? `REFERENCES ${quoted(parentTable.name)} (${quoted(parentColumn.name)}) ON DELETE CASCADE`
      : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** CREATE TABLE, under another name if one is given. */
export function createSql(shape: Shape, table: Table, name = table.name): string {
  const options = table.isWithoutRowid ? ' WITHOUT ROWID' : '';
  return `CREATE TABLE ${quoted(name)} (${table.columns.map((column) => columnSql(shape, table, column)).join(', ')})${options}`;
}

export function indexSql(table: Table, { name, cid, kind }: Index): string {
  const column = quoted(table.columns.find((each) => each.cid === cid)?.name ?? '');
  const on = kind === 'expression' ? `lower(${column})` : column;
  const where = kind === 'partial' ? ` WHERE ${column} IS NOT NULL` : '';
  return `CREATE ${kind === 'unique' ? 'UNIQUE ' : ''}INDEX ${quoted(name)} ON ${quoted(table.name)} (${on})${where}`;
}
