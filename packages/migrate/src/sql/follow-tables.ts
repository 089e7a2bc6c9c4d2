// Follows tables through the statements of a migration, by name only: which go, which are copied, what is renamed.
// change/renames.ts asks it what was renamed, generate/steps-to-undo.ts what was made anew.

import { tablesBefore } from './data-statements.js';
import type { Statement } from './statements.js';
import { foldName, nameAt, type Word } from './words.js';

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
  /** Every name it has had, in lower case. */
  readonly names: Set<string>;
  /** By current name, in lower case. */
  readonly columns: Map<string, FollowedColumn>;
  /** Tables whose rows were inserted into this one. */
  readonly sources: Set<FollowedTable>;
  /** The table from before that went and whose name this one has taken, though nothing copied its rows; null without one. */
  inPlaceOf: FollowedTable | null;
}

/** A column while statements run. */
export interface FollowedColumn {
  readonly name: string;
  /** Its name before; null for columns the statements added. */
  readonly original: string | null;
  /** The columns of tables from before whose place copies gave it, by their names before. */
  readonly copied: ReadonlyMap<FollowedTable, string>;
}

/** Where the statements left the tables. */
export interface FollowedTables {
  readonly remaining: readonly FollowedTable[];
  readonly dropped: readonly FollowedTable[];
  /** Columns of tables from before that ALTER TABLE … DROP COLUMN took, under their original names. */
  readonly droppedColumns: readonly { readonly table: string; readonly column: string }[];
}

type State = Map<string, FollowedTable>;

const nothing: FollowedColumn['copied'] = new Map();

/** Follows `tables` through `statements`. */
export function followTables(statements: readonly Statement[], tables: readonly TableShape[]): FollowedTables {
  const state: State = new Map(tables.map((shape) => [foldName(shape.name), fromShape(shape)]));
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
    takePlaces(state, dropped);
  }
  return { remaining: [...state.values()], dropped, droppedColumns };
}

function fromShape(shape: TableShape): FollowedTable {
  const columns = new Map(
    shape.columns.map((column) => [foldName(column), { name: column, original: column, copied: nothing }] as const),
  );
  const names = new Set([foldName(shape.name)]);
  return { origin: shape, name: shape.name, names, columns, sources: new Set(), inPlaceOf: null };
}

/** Lets tables that were made anew without rows go on where the dropped one of their name ended: columns by their names. */
function takePlaces(state: State, dropped: readonly FollowedTable[]): void {
  for (const table of state.values()) {
    if (table.origin || table.inPlaceOf || table.sources.size > 0) continue;
    const before = dropped.findLast(({ origin, names }) => origin !== null && names.has(foldName(table.name)));
    if (!before) continue;
    table.inPlaceOf = before;
    for (const [key, column] of table.columns) {
      const original = before.columns.get(key)?.original ?? null;
      if (original !== null) table.columns.set(key, { ...column, copied: new Map([[before, original]]) });
    }
  }
}

/**
 * The table from before whose rows `table` holds, or would hold: itself, or the one that was dropped after it was copied, by
 * way of other tables too, and that has had a name in common with it; or the one it was made anew for. Null for a new table.
 */
export function ancestorOf(table: FollowedTable, dropped: readonly FollowedTable[]): FollowedTable | null {
  if (table.origin) return table;
  const shares = (other: FollowedTable): boolean => [...other.names].some((name) => table.names.has(name));
  const all = [table, ...sourcesOf(table)].flatMap((each) => (each.inPlaceOf ? [each, each.inPlaceOf] : [each]));
  const found = [...new Set(all)].filter((each) => each.origin !== null && dropped.includes(each) && shares(each));
  const [first, ...more] = found;
  return first && more.length === 0 ? first : null;
}

/** What tables from before are called behind `statements` that give them other names; all names in lower case. */
export function newNames(statements: readonly Statement[]): ReadonlyMap<string, string> {
  const tables = [...tablesBefore(statements)].map((name) => ({ name, columns: [] }));
  const { remaining, dropped } = followTables(statements, tables);
  return new Map(
    remaining.flatMap((table) => {
      const before = ancestorOf(table, dropped)?.origin?.name;
      const name = foldName(table.name);
      return before === undefined || before === name ? [] : [[before, name] as const];
    }),
  );
}

/** The tables whose rows came into `table`, at once or by way of others. */
export function sourcesOf(table: FollowedTable): ReadonlySet<FollowedTable> {
  const found = new Set(table.sources);
  for (const each of found) for (const source of each.sources) found.add(source);
  return found;
}

function create(state: State, words: readonly Word[]): void {
  const at = words[1]?.keyword === 'TABLE' ? 2 : words[2]?.keyword === 'TABLE' ? 3 : null;
  if (at === null) return;
  const { key, name, next } = nameAt(words, words[at]?.keyword === 'IF' ? at + 3 : at);
  if (state.has(key)) return;
  const isSelected = words[next]?.keyword === 'AS';
  const named = isSelected ? selectedNames(state, words.slice(next)) : columnNames(words, next);
  const columns = new Map(
    named.map((column) => [foldName(column), { name: column, original: null, copied: nothing }] as const),
  );
  const table: FollowedTable = {
    origin: null,
    name,
    names: new Set([key]),
    columns,
    sources: new Set(),
    inPlaceOf: null,
  };
  state.set(key, table);
  if (isSelected) copy(state, table, words, { names: named, from: next });
}

/** The names of the columns that a SELECT gives, where it names columns: those of `CREATE TABLE … AS SELECT`. */
function selectedNames(state: State, words: readonly Word[]): readonly string[] {
  return selected(state, words).flatMap((name) => (name === null ? [] : [name]));
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
  const { key, next } = nameAt(words, into + 1);
  const target = state.get(key);
  if (into === -1 || !target || target.origin) return;
  const end = words.findIndex(({ name }, index) => index > next && name === ')');
  const isListed = words[next]?.name === '(' && end !== -1;
  const names = isListed
    ? words.slice(next + 1, end).flatMap(({ kind, name }) => (kind === 'sign' ? [] : [name]))
    : [...target.columns.values()].map(({ name }) => name);
  copy(state, target, words, { names, from: isListed ? end + 1 : next });
}

/** Notes that `target` gets the rows of a SELECT: those of which tables, and in which columns those of which. */
function copy(
  state: State,
  target: FollowedTable,
  words: readonly Word[],
  { names, from }: { readonly names: readonly string[]; readonly from: number },
): void {
  words.forEach(({ keyword }, index) => {
    const source = keyword === 'FROM' ? state.get(nameAt(words, index + 1).key) : undefined;
    // A table that is filled from itself, too (INSERT … WHERE NOT EXISTS), holds no rows of another.
    if (source && source !== target) target.sources.add(source);
  });
  const select = words.slice(from);
  const source = state.get(firstSource(select));
  if (!source || source === target) return;
  const items = selected(state, select);
  for (const [key, column] of target.columns) {
    const item = foldName(items[names.findIndex((name) => foldName(name) === key)] ?? '');
    // What keeps its name is the same column, whatever fills it; another one is what it is copied from.
    const isFree = item !== undefined && !target.columns.has(item);
    const read = source.columns.get(key) ?? (isFree ? source.columns.get(item) : undefined);
    if (!read) continue;
    // Rows of other tables may come on top of those of the table whose place this one takes.
    const here = read.original === null ? read.copied : new Map([[source, read.original]]);
    target.columns.set(key, { ...column, copied: new Map([...column.copied, ...here]) });
  }
}

function firstSource(select: readonly Word[]): string {
  const at = select.findIndex(({ keyword }) => keyword === 'FROM');
  return at === -1 ? '' : nameAt(select, at + 1).key;
}

/** What stands between SELECT and FROM: names of columns, and null for any other expression. */
function selected(state: State, words: readonly Word[]): readonly (string | null)[] {
  const start = words.findIndex(({ keyword }) => keyword === 'SELECT') + 1;
  const items: Word[][] = [[]];
  let depth = 0;
  for (const word of words.slice(words[start]?.keyword === 'DISTINCT' ? start + 1 : start)) {
    const sign = word.kind === 'sign' ? word.name : '';
    if (depth === 0 && word.keyword === 'FROM') break;
    depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
    if (sign === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(word);
  }
  const all = [...(state.get(firstSource(words))?.columns.values() ?? [])].map(({ name }) => name);
  return items.flatMap((item): readonly (string | null)[] => {
    const last = item.at(-1);
    const isOne = item.length === 1 || (item.length === 3 && item[1]?.name === '.');
    if (!isOne || !last) return [null];
    if (last.kind === 'sign' && last.name === '*') return all;
    return last.kind === 'word' || last.kind === 'name' ? [last.name] : [null];
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
  const column = foldName(first);
  if (verb === 'RENAME' && words[next + 1]?.keyword === 'TO') {
    table.name = words[next + 2]?.name ?? '';
    table.names.add(foldName(table.name));
    state.delete(key);
    state.set(foldName(table.name), table);
  } else if (verb === 'RENAME') {
    renameColumn(table, column, second);
  } else if (verb === 'ADD') {
    table.columns.set(column, { name: first, original: null, copied: nothing });
  } else if (verb === 'DROP') {
    const original = table.columns.get(column)?.original;
    table.columns.delete(column);
    if (table.origin && original != null) droppedColumns.push({ table: table.origin.name, column: original });
  }
}

/** Renames in place: SELECT * and INSERT without a list go by the order. */
function renameColumn({ columns }: FollowedTable, from: string, to: string): void {
  const all = [...columns];
  columns.clear();
  for (const [key, column] of all)
    columns.set(key === from ? foldName(to) : key, key === from ? { ...column, name: to } : column);
}
