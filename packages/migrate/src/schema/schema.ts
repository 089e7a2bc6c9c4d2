// A database's schema as data: what read-schema.ts reads, compare-schemas.ts compares and change/ plans between.
// Maps are keyed by name in lower case, as SQLite compares names.
import { foldName, wordsOf } from '../sql/words.js';

/** Everything in a database that a migration can make. */
export interface Schema {
  readonly tables: ReadonlyMap<string, Table>;
  /** Full-text and other virtual tables, without the shadow tables behind them. */
  readonly virtualTables: ReadonlyMap<string, SchemaObject>;
  readonly indexes: ReadonlyMap<string, SchemaObject>;
  readonly views: ReadonlyMap<string, SchemaObject>;
  readonly triggers: ReadonlyMap<string, SchemaObject>;
}

/** Anything with a CREATE statement. */
export interface SchemaObject {
  readonly name: string;
  /** The table that an index or a trigger belongs to; its own name for everything else. */
  readonly table: string;
  /** Text of its CREATE statement, without a semicolon. */
  readonly sql: string;
  /** What makes two of them the same. */
  readonly normal: string;
}

/** An ordinary table. */
export interface Table {
  readonly name: string;
  readonly sql: string;
  /** In order. */
  readonly columns: readonly Column[];
  /** Column names in the order of the key. */
  readonly primaryKey: readonly string[];
  readonly isAutoIncrement: boolean;
  readonly foreignKeys: readonly ForeignKey[];
  /** Columns of each UNIQUE constraint (not of unique indexes), as `a, b`. */
  readonly uniques: readonly string[];
  /** In normal form. */
  readonly checks: readonly string[];
  readonly rest: readonly string[];
  /** `strict`, `without rowid`. */
  readonly options: string;
}

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** As declared. */
  readonly type: string;
  readonly notNull: boolean;
  /** SQL text; null without one. */
  readonly defaultSql: string | null;
  readonly generated: 'no' | 'virtual' | 'stored';
  /** COLLATE and the expression of a generated column, in normal form. */
  readonly extras: string;
  /** The SQL of its definition inside CREATE TABLE. */
  readonly definition: string;
}

/** A foreign key of a table. */
export interface ForeignKey {
  readonly columns: readonly string[];
  readonly parent: string;
  /** Null: the parent's primary key. */
  readonly parentColumns: readonly string[] | null;
  readonly onUpdate: string;
  readonly onDelete: string;
}

/** An object as sets of them have it: its kind and its name. */
export function objectKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${foldName(name)}`;
}

/** The tables of `schema` by name and columns; virtual ones by their name alone, which is all that statements give another. */
export function shapesOf({
  tables,
  virtualTables,
}: Schema): readonly { readonly name: string; readonly columns: readonly string[] }[] {
  return [
    ...[...tables.values()].map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
    ...[...virtualTables.values()].map(({ name }) => ({ name, columns: [] })),
  ];
}

/**
 * Whether `name` is that of a virtual table, or begins like one of them, as the tables do in which it keeps what it holds: a table
 * of such a name that is no ordinary one is none of the schema code, whatever that says.
 */
export function isOfVirtual({ tables, virtualTables }: Schema, name: string): boolean {
  const key = foldName(name);
  return (
    !tables.has(key) && [...virtualTables.keys()].some((virtual) => key === virtual || key.startsWith(`${virtual}_`))
  );
}

/** The rowid alias of `table`: its one INTEGER PRIMARY KEY column, unless it is `PRIMARY KEY DESC`. */
export function rowidAlias({ primaryKey, columns, options }: Table): string | null {
  const [only] = primaryKey;
  if (primaryKey.length !== 1 || only === undefined || options.includes('without rowid')) return null;
  const column = columns.find(({ name }) => name === only);
  return column?.type.toUpperCase() === 'INTEGER' && !isDescending(column) ? only : null;
}

function isDescending({ definition }: Column): boolean {
  const words = wordsOf(definition);
  return words.some(({ keyword }, index) => keyword === 'KEY' && words[index + 1]?.keyword === 'DESC');
}
