// Follows tables through the statements of a migration, by name only: which ones go, and which were copied first.
// data-loss.ts asks the database what those hold.
import type { Statement, Word } from '../sql/statements.js';

/** A table as the migration would find it. Names keep their case; maps are keyed in lower case. */
export interface TableShape {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What statements take from tables that were there before. */
export interface Removal {
  readonly table: string;
  /** Null = the whole table. */
  readonly column: string | null;
}

/** A table while statements run. `origin` is null for one that they created. */
interface Table {
  readonly origin: TableShape | null;
  /** Current name to the original one; null for columns the statements added. */
  readonly columns: Map<string, string | null>;
  /** Tables whose rows were inserted into this one. */
  readonly sources: Set<Table>;
}

/**
 * Returns what `statements` remove from `tables`.
 *
 * A dropped table that was copied into a new one (`INSERT INTO new … SELECT … FROM old`) loses the columns that the new
 * one does not have under the same name; one that was not copied is lost as a whole.
 */
export function removals(statements: readonly Statement[], tables: readonly TableShape[]): readonly Removal[] {
  const state = new Map(tables.map((shape) => [shape.name.toLowerCase(), fromShape(shape)]));
  const dropped: Table[] = [];
  const removed: Removal[] = [];
  for (const { words } of statements) {
    const verb = words[0]?.keyword;
    if (verb === 'CREATE') create(state, words);
    else if (verb === 'INSERT' || verb === 'REPLACE') insert(state, words);
    else if (verb === 'ALTER') alter(state, words, removed);
    else if (verb === 'DROP' && words[1]?.keyword === 'TABLE') {
      const name = nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2).key;
      const table = state.get(name);
      if (table) dropped.push(table);
      state.delete(name);
    }
  }
  return [...removed, ...dropped.flatMap((table) => lostWith(table, [...state.values()]))];
}

function fromShape(shape: TableShape): Table {
  const columns = new Map(shape.columns.map((column) => [column.toLowerCase(), column]));
  return { origin: shape, columns, sources: new Set() };
}

function lostWith(dropped: Table, remaining: readonly Table[]): Removal[] {
  const { origin } = dropped;
  if (!origin) return [];
  const heir = remaining.find((table) => table.sources.has(dropped));
  if (!heir) return [{ table: origin.name, column: null }];
  return [...dropped.columns].flatMap(([current, original]) =>
    original === null || heir.columns.has(current) ? [] : [{ table: origin.name, column: original }],
  );
}

/** The name at `index`, without the schema before a dot, and the index after it. */
function nameAt(words: readonly Word[], index: number): { readonly key: string; readonly next: number } {
  const at = words[index + 1]?.name === '.' ? index + 2 : index;
  return { key: (words[at]?.name ?? '').toLowerCase(), next: at + 1 };
}

function create(state: Map<string, Table>, words: readonly Word[]): void {
  const at = words[1]?.keyword === 'TABLE' ? 2 : words[2]?.keyword === 'TABLE' ? 3 : null;
  if (at === null) return;
  const { key, next } = nameAt(words, words[at]?.keyword === 'IF' ? at + 3 : at);
  if (state.has(key)) return;
  const columns = new Map(columnNames(words, next).map((name) => [name.toLowerCase(), null]));
  state.set(key, { origin: null, columns, sources: new Set() });
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

function insert(state: Map<string, Table>, words: readonly Word[]): void {
  const into = words.findIndex(({ keyword }) => keyword === 'INTO');
  const target = state.get(nameAt(words, into + 1).key);
  if (into === -1 || !target || target.origin) return;
  words.forEach(({ keyword }, index) => {
    const source = keyword === 'FROM' ? state.get(nameAt(words, index + 1).key) : undefined;
    if (source) target.sources.add(source);
  });
}

function alter(state: Map<string, Table>, words: readonly Word[], removed: Removal[]): void {
  const { key, next } = nameAt(words, 2);
  const table = state.get(key);
  if (!table) return;
  const verb = words[next]?.keyword;
  const isColumn = words[next + 1]?.keyword === 'COLUMN';
  const first = (words[isColumn ? next + 2 : next + 1]?.name ?? '').toLowerCase();
  const second = (words[isColumn ? next + 4 : next + 3]?.name ?? '').toLowerCase();
  if (verb === 'RENAME' && words[next + 1]?.keyword === 'TO') {
    state.delete(key);
    state.set((words[next + 2]?.name ?? '').toLowerCase(), table);
  } else if (verb === 'RENAME') {
    table.columns.set(second, table.columns.get(first) ?? null);
    table.columns.delete(first);
  } else if (verb === 'ADD') {
    table.columns.set(first, null);
  } else if (verb === 'DROP') {
    const original = table.columns.get(first);
    table.columns.delete(first);
    if (table.origin && original != null) removed.push({ table: table.origin.name, column: original });
  }
}
