// Follows tables through the statements of a migration, by name only: which go, which are copied, what is renamed.
// run/removals.ts asks it what is lost, change/renames.ts what was renamed.
import type { Statement } from './statements.js';
import type { Word } from './words.js';

/** A table as the migration would find it. Names keep their case. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A table while statements run. */
export interface FollowedTable {
  /** Null for a table that the statements created. */
  readonly origin: TableShape | null;
  /** Its name now. */
  name: string;
  /** Current column name, in lower case, to the original one; null for columns the statements added. */
  readonly columns: Map<string, { readonly name: string; readonly original: string | null }>;
  /** Tables whose rows were inserted into this one. */
  readonly sources: Set<FollowedTable>;
}

/** Where the statements left the tables. */
export interface FollowedTables {
  readonly remaining: readonly FollowedTable[];
  readonly dropped: readonly FollowedTable[];
  /** Columns of tables from before that ALTER TABLE … DROP COLUMN took, under their original names. */
  readonly droppedColumns: readonly { readonly table: string; readonly column: string }[];
}

type State = Map<string, FollowedTable>;

/** Follows `tables` through `statements`. */
export function followTables(statements: readonly Statement[], tables: readonly TableShape[]): FollowedTables {
  const state: State = new Map(tables.map((shape) => [shape.name.toLowerCase(), fromShape(shape)]));
  const dropped: FollowedTable[] = [];
  const droppedColumns: { table: string; column: string }[] = [];
  for (const { words } of statements) {
    const verb = words[0]?.keyword;
    if (verb === 'CREATE') create(state, words);
    else if (verb === 'INSERT' || verb === 'REPLACE') insert(state, words);
    else if (verb === 'ALTER') alter(state, words, droppedColumns);
    else if (verb === 'DROP' && words[1]?.keyword === 'TABLE') {
      const { key } = nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2);
      const table = state.get(key);
      if (table) dropped.push(table);
      state.delete(key);
    }
  }
  return { remaining: [...state.values()], dropped, droppedColumns };
}

function fromShape(shape: TableShape): FollowedTable {
  const columns = new Map(shape.columns.map((column) => [column.toLowerCase(), { name: column, original: column }]));
  return { origin: shape, name: shape.name, columns, sources: new Set() };
}

/** The name at `index`, without the schema before a dot, and the index after it. */
function nameAt(
  words: readonly Word[],
  index: number,
): { readonly key: string; readonly name: string; readonly next: number } {
  const at = words[index + 1]?.name === '.' ? index + 2 : index;
  const name = words[at]?.name ?? '';
  return { key: name.toLowerCase(), name, next: at + 1 };
}

function create(state: State, words: readonly Word[]): void {
  const at = words[1]?.keyword === 'TABLE' ? 2 : words[2]?.keyword === 'TABLE' ? 3 : null;
  if (at === null) return;
  const { key, name, next } = nameAt(words, words[at]?.keyword === 'IF' ? at + 3 : at);
  if (state.has(key)) return;
  const columns = new Map(
    columnNames(words, next).map((column) => [column.toLowerCase(), { name: column, original: null }]),
  );
  state.set(key, { origin: null, name, columns, sources: new Set() });
}

const constraints = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN']);

/** First word of each item in the outer parentheses of CREATE TABLE, constraints left out. */
function columnNames(words: readonly Word[], from: number): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (let i = from; i < words.length; i += 1) {
    const word = words[i];
    const sign = word?.kind === 'sign' ? word.name : '';
    const startsItem = (sign === '(' && depth === 0) || (sign === ',' && depth === 1);
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    const item = words[i + 1];
    if (startsItem && item && !constraints.has(item.keyword)) names.push(item.name);
  }
  return names;
}

function insert(state: State, words: readonly Word[]): void {
  const into = words.findIndex(({ keyword }) => keyword === 'INTO');
  const target = state.get(nameAt(words, into + 1).key);
  if (into === -1 || !target || target.origin) return;
  words.forEach(({ keyword }, index) => {
    const source = keyword === 'FROM' ? state.get(nameAt(words, index + 1).key) : undefined;
    // A table that is filled from itself, too (INSERT … WHERE NOT EXISTS), holds no rows of another.
    if (source && source !== target) target.sources.add(source);
  });
}

function alter(state: State, words: readonly Word[], droppedColumns: { table: string; column: string }[]): void {
  const { key, next } = nameAt(words, 2);
  const table = state.get(key);
  if (!table) return;
  const verb = words[next]?.keyword;
  const isColumn = words[next + 1]?.keyword === 'COLUMN';
  const first = words[isColumn ? next + 2 : next + 1]?.name ?? '';
  const second = words[isColumn ? next + 4 : next + 3]?.name ?? '';
  const column = first.toLowerCase();
  if (verb === 'RENAME' && words[next + 1]?.keyword === 'TO') {
    table.name = words[next + 2]?.name ?? '';
    state.delete(key);
    state.set(table.name.toLowerCase(), table);
  } else if (verb === 'RENAME') {
    const original = table.columns.get(column)?.original ?? null;
    table.columns.delete(column);
    table.columns.set(second.toLowerCase(), { name: second, original });
  } else if (verb === 'ADD') {
    table.columns.set(column, { name: first, original: null });
  } else if (verb === 'DROP') {
    const original = table.columns.get(column)?.original;
    table.columns.delete(column);
    if (table.origin && original != null) droppedColumns.push({ table: table.origin.name, column: original });
  }
}
