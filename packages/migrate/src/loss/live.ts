// A table while the statements of a migration run in a sketch: what it is called, where its columns came from, and what was
// done to its rows. follow.ts leads it through, and asks in the end what became of each.
import { foldName } from '../sql/words.js';
import type { Effect, Way } from './effects.js';
import type { LossColumn, LossTable } from './table.js';

/** A table while statements run. */
export interface Live {
  readonly origin: LossTable | null;
  now: LossTable;
  /** Its columns now, in lower case, to those it had before. */
  columns: Map<string, LossColumn | null>;
  /** Its columns now to the names they were made with, in lower case; those that were added later are left out. */
  born: Map<string, string>;
  written: Set<string> | 'all' | null;
  /** Rows came. */
  isFilled: boolean;
  /** Rows may be missing. */
  mayMiss: boolean;
  /** The statements that changed its rows, while they can be watched; null when one cannot. */
  watches: Watch[] | null;
  /** The last statement that changed its rows or columns; -1 for none. */
  touched: number;
  /** The names it was given, in lower case, and by which statements. */
  readonly named: { readonly at: number; readonly name: string }[];
  /** The statement that dropped it, and what the tables beside it were called then. */
  gone: { readonly at: number; readonly names: ReadonlyMap<Live, string> } | null;
}

/** A statement that changes rows of a table in ways that a trigger sees. */
export interface Watch {
  readonly at: number;
  /** The table then. */
  readonly table: LossTable;
  readonly ways: ReadonlySet<Way>;
  /** It touches no row twice. */
  readonly isOnce: boolean;
  /** The names of its columns from before, then. */
  readonly names: ReadonlyMap<LossColumn, string>;
}

/** A table as it begins: with what it had `origin`ally, or made by a statement. */
export function liveOf(table: LossTable, origin: LossTable | null, at: number): Live {
  const columns = new Map(table.columns.map((column) => [foldName(column.name), origin ? column : null] as const));
  const born = new Map([...columns.keys()].map((name) => [name, name]));
  const named = [{ at, name: foldName(table.name) }];
  const untouched = { written: null, isFilled: false, mayMiss: false, watches: [], touched: -1, gone: null };
  return { origin, now: table, columns, born, named, ...untouched };
}

/** Notes what the statement `at` may do to the rows of `live`. */
export function write(live: Live, { columns, ways }: Effect, at: number): void {
  const { now } = live;
  // A row that came with the migration is not to be taken for one from before.
  if (ways.has('insert')) live.isFilled = true;
  if (ways.size === 1 && live.isFilled && ways.has('insert')) return;
  live.touched = at;
  const named = columns === 'all' ? [] : [...columns].map((column) => live.columns.get(column));
  const isKey = (name: string): boolean => columns !== 'all' && columns.has(foldName(name));
  // A key, or the rowid by a name of its own: any value may move to another row.
  const moves = named.includes(undefined) || [now.loose ?? [], ...now.keys].some((key) => key.some(isKey));
  if (columns === 'all' || moves || live.written === 'all') live.written = 'all';
  else live.written = new Set([...(live.written ?? []), ...named.flatMap((each) => (each ? [each.name] : []))]);
  if (moves || ways.has('delete') || ways.has('replace')) live.mayMiss = true;
  if (ways.has('replace') || moves || now.rootpage === 0) live.watches = null;
  const names = new Map([...live.columns].flatMap(([name, column]) => (column ? [[column, name] as const] : [])));
  live.watches?.push({ at, table: now, ways, isOnce: columns !== 'all', names });
}

/** Brings `live` to what the schema is `after` the statement `at`, and returns what is gone. */
export function move(live: Map<string, Live>, after: ReadonlyMap<string, LossTable>, at: number): readonly Live[] {
  const left = new Map(live);
  const byPage = new Map([...live].map((named) => [named[1].now.rootpage, named] as const));
  live.clear();
  const unknown: [string, LossTable][] = [];
  for (const [key, table] of after) {
    const [name = key, found] = table.rootpage === 0 ? [key, left.get(key)] : (byPage.get(table.rootpage) ?? []);
    if (found === undefined || (table.rootpage === 0 && found.now.rootpage !== 0)) {
      unknown.push([key, table]);
      continue;
    }
    left.delete(name);
    live.set(key, found.now === table ? found : advanced(found, table, at));
  }
  for (const [key, table] of unknown) {
    // A virtual table has no page to be known by: the one that is gone has got this name.
    const renamed = table.rootpage === 0 ? [...left].find(([, { now }]) => now.rootpage === 0) : undefined;
    if (renamed) left.delete(renamed[0]);
    live.set(key, renamed ? advanced(renamed[1], table, at) : liveOf(table, null, at));
  }
  return [...left.values()];
}

/** `live` after ALTER TABLE. */
function advanced(live: Live, table: LossTable, at: number): Live {
  const was = live.now.columns.map(({ name }) => foldName(name));
  const is = table.columns.map(({ name }) => foldName(name));
  const columns = new Map<string, LossColumn | null>();
  const born = new Map<string, string>();
  is.forEach((name, index) => {
    const old = was.length === is.length ? (was[index] ?? name) : name;
    columns.set(name, live.columns.get(old) ?? null);
    const first = live.born.get(old);
    if (first !== undefined) born.set(name, first);
  });
  live.born = born;
  if (was.join() !== is.join()) live.touched = at;
  if (table.name !== live.now.name) live.named.push({ at, name: foldName(table.name) });
  live.columns = columns;
  live.now = table;
  return live;
}
