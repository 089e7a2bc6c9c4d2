// Follows the tables of a database through the statements of a migration, in a scratch database that has only their
// schema, and says where the rows of each must be looked for afterwards. measure.ts looks.
import type { Statement } from '../sql/statements.js';
import { type Copying, copyingOf, spelledOut } from './copying.js';
import { effectsOf, readTriggers } from './effects.js';
import type { Sketch } from './sketch.js';
import { columnNamed, type LossColumn, type LossTable, readLossTables } from './table.js';

/** A table from before the migration, and where its rows may be after it. */
export interface Followed {
  readonly table: LossTable;
  /** What may have become of its rows; `rows` and `columns` are lost to it when nothing else holds them. */
  readonly heir: Heir | null;
  /** Columns that no column of the heir follows. */
  readonly gone: readonly LossColumn[];
  /** Other tables that rows of it were copied into, with the columns that hold them. */
  readonly copies: readonly Heir[];
}

/** A table that may hold the rows of another. */
export interface Heir {
  readonly table: LossTable;
  /** It is the same table, whatever it is called: its rows kept their rowids. */
  readonly isSame: boolean;
  /** Pairs of columns by name. */
  readonly columns: readonly (readonly [before: LossColumn, after: LossColumn])[];
  /** Those of `columns` whose values may be others. */
  readonly changed: readonly (readonly [before: LossColumn, after: LossColumn])[];
  /** Rows may be missing, or values be others. */
  readonly needsLook: boolean;
  /** Both tables can be compared as they are before this statement, with the heir under this name: no copy is needed. */
  readonly early: { readonly at: number; readonly name: string } | null;
}

/** A table while statements run. */
interface Live {
  readonly origin: LossTable | null;
  now: LossTable;
  /** Its columns now, in lower case, to those it had before. */
  columns: Map<string, LossColumn | null>;
  /** Its columns now to the names they came with, in lower case. */
  born: Map<string, string>;
  written: Set<string> | 'all' | null;
  /** The last statement that changed its rows or columns; -1 for none. */
  touched: number;
  /** The names it was given, in lower case, and by which statements. */
  readonly named: { readonly at: number; readonly name: string }[];
  /** The statement that dropped it, and what the tables beside it were called then. */
  gone: { readonly at: number; readonly names: ReadonlyMap<Live, string> } | null;
}

/** Runs the schema of `statements` in `sketch`, and follows every table that it has. */
export async function follow(
  sketch: Sketch,
  statements: readonly Statement[],
): Promise<{
  readonly followed: readonly Followed[];
  readonly after: ReadonlyMap<string, LossTable>;
}> {
  const before = await readLossTables(sketch.connection);
  const live = new Map<string, Live>();
  for (const [key, table] of before) live.set(key, liveOf(table, table, -1));
  const dropped: Live[] = [];
  const copyings: { readonly from: Live; readonly to: Live; readonly copying: Copying }[] = [];
  for (const [at, { sql, words }] of statements.entries()) {
    const verb = words[0]?.keyword ?? '';
    if (verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP') {
      // What fails here fails in the database, too, and says more there.
      await sketch.run([sql]).catch(() => undefined);
      const known = new Map([...live].map(([key, { now }]) => [key, now]));
      const names = new Map([...live].map(([, each]) => [each, each.now.name]));
      const left = move(live, await readLossTables(sketch.connection, known), at);
      for (const each of left) each.gone = { at, names };
      dropped.push(...left);
    }
    const copying = copyingOf(words);
    const to = copying && live.get(copying.target);
    for (const source of copying?.sources ?? []) {
      const from = live.get(source);
      if (!copying || !to || !from || from === to) continue;
      const columns = from.now.columns.map(({ name }) => name);
      copyings.push({ from, to, copying: spelledOut(copying, columns) });
    }
    if (verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP') continue;
    for (const { table, columns } of effectsOf(words, await readTriggers(sketch.connection), replacing(live))) {
      const hit = live.get(table);
      if (!hit) continue;
      write(hit, columns);
      hit.touched = at;
    }
  }
  const all = [...live.values(), ...dropped];
  const followed = [...before.values()].flatMap((table) => {
    const found = all.find(({ origin }) => origin === table);
    return found ? [fateOf(found, all, copyings)] : [];
  });
  return { followed, after: new Map([...live].map(([key, { now }]) => [key, now])) };
}

function liveOf(table: LossTable, origin: LossTable | null, at: number): Live {
  const columns = new Map(table.columns.map((column) => [column.name.toLowerCase(), origin ? column : null] as const));
  const born = new Map([...columns.keys()].map((name) => [name, name]));
  const named = [{ at, name: table.name.toLowerCase() }];
  return { origin, now: table, columns, born, written: null, touched: -1, named, gone: null };
}

/** Tables whose own constraints say ON CONFLICT REPLACE: a plain INSERT removes rows there. */
function replacing(live: ReadonlyMap<string, Live>): ReadonlySet<string> {
  return new Set([...live].filter(([, { now }]) => /\bconflict\s+replace\b/i.test(now.sql)).map(([key]) => key));
}

function write(live: Live, columns: ReadonlySet<string> | 'all'): void {
  if (columns === 'all' || live.written === 'all') live.written = 'all';
  else {
    const named = [...columns].map((column) => live.columns.get(column));
    // A rowid, or the key by another of its names: any value may move to another row.
    if (named.includes(undefined)) live.written = 'all';
    else live.written = new Set([...(live.written ?? []), ...named.flatMap((each) => (each ? [each.name] : []))]);
  }
}

/** Brings `live` to what the schema is `after` the statement `at`, and returns what is gone. */
function move(live: Map<string, Live>, after: ReadonlyMap<string, LossTable>, at: number): readonly Live[] {
  const left = new Map(live);
  live.clear();
  const unknown: [string, LossTable][] = [];
  for (const [key, table] of after) {
    const found = [...left].find(([name, { now }]) =>
      table.rootpage === 0 ? name === key && now.rootpage === 0 : now.rootpage === table.rootpage,
    );
    if (!found) {
      unknown.push([key, table]);
      continue;
    }
    left.delete(found[0]);
    live.set(key, advanced(found[1], table, at));
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
  const was = live.now.columns.map(({ name }) => name.toLowerCase());
  const is = table.columns.map(({ name }) => name.toLowerCase());
  const columns = new Map<string, LossColumn | null>();
  const born = new Map<string, string>();
  is.forEach((name, index) => {
    const old = was.length === is.length ? (was[index] ?? name) : name;
    columns.set(name, live.columns.get(old) ?? null);
    born.set(name, live.born.get(old) ?? name);
  });
  live.born = born;
  if (was.join() !== is.join()) live.touched = at;
  if (table.name !== live.now.name) live.named.push({ at, name: table.name.toLowerCase() });
  live.columns = columns;
  live.now = table;
  return live;
}

interface Copied {
  readonly from: Live;
  readonly to: Live;
  readonly copying: Copying;
}

function fateOf(found: Live, all: readonly Live[], copyings: readonly Copied[]): Followed {
  const { origin, now, columns, written } = found;
  const table = origin ?? now;
  /** Its columns by the names they had last. */
  let last = new Map([...columns].flatMap(([name, column]) => (column ? [[column.name, name] as const] : [])));
  const kept = new Set(last.keys());
  let successor: Live | undefined = found;
  while (successor?.gone) {
    const heir = heirOf(successor, all, copyings);
    if (heir) last = passedOn(table, last, successor, heir, copyings);
    successor = heir;
  }
  if (!successor) return { table, heir: null, gone: table.columns, copies: [] };
  const end = successor.now;
  const pairs = table.columns.flatMap((column): (readonly [LossColumn, LossColumn])[] => {
    const after = columnNamed(end, last.get(column.name) ?? column.name.toLowerCase());
    return after ? [[column, after]] : [];
  });
  const isSame = found.gone === null;
  const isReplaced = ({ name }: LossColumn): boolean => !isSame || !kept.has(name);
  const changed = pairs.filter(
    ([column]) => isReplaced(column) || written === 'all' || (written?.has(column.name) ?? false),
  );
  const gone = table.columns.filter((column) => !column.isGenerated && pairs.every(([each]) => each !== column));
  const needsLook = !isSame || written !== null || changed.length > 0;
  const heir: Heir = { table: end, isSame, columns: pairs, changed, needsLook, early: earlyOf(found, successor) };
  return { table, heir, gone, copies: copiesOf(found, successor, copyings) };
}

/** The table that took the place of one that is gone: by its name, by the name it had before, or by a copy of its rows. */
function heirOf(found: Live, all: readonly Live[], copyings: readonly Copied[]): Live | undefined {
  const at = found.gone?.at ?? 0;
  const called = (name: string): Live | undefined => {
    const given = all.filter((each) => each !== found && (each.gone === null || each.gone.at > at));
    // The first that is called so from then on; one may have taken the name before, when this one was renamed.
    return given
      .flatMap((each) => each.named.flatMap((one) => (one.name === name ? [{ each, at: one.at }] : [])))
      .toSorted((a, b) => a.at - b.at)
      .find(({ each, at: since }) => since >= at || each.now.name.toLowerCase() === name)?.each;
  };
  for (const { name } of found.named.toReversed()) {
    const heir = called(name);
    if (heir) return heir;
  }
  return copyings.find(({ from, to }) => from === found && (to.gone === null || to.gone.at > at))?.to;
}

/** The names that columns have last in the heir, from those they had last in the table that is gone. */
function passedOn(
  table: LossTable,
  last: ReadonlyMap<string, string>,
  found: Live,
  heir: Live,
  copyings: readonly Copied[],
): Map<string, string> {
  return new Map(
    table.columns.flatMap(({ name }) => {
      const current = last.get(name) ?? name.toLowerCase();
      const after = bornAs(heir, current) ?? handedOn(found, heir, current, copyings);
      return after ? [[name, after.name.toLowerCase()] as const] : [];
    }),
  );
}

/** The column of `heir` that copies fill from the column `name` of `found`: at once, or by way of a third table. */
function handedOn(found: Live, heir: Live, name: string, copyings: readonly Copied[]): LossColumn | undefined {
  const hint = (from: Live, to: Live, column: string): LossColumn | undefined => {
    const between = copyings.filter((copied) => copied.from === from && copied.to === to);
    return hinted(to, new Set(from.columns.keys()), column, between);
  };
  const direct = hint(found, heir, name);
  for (const { from, to } of direct ? [] : copyings) {
    const there = from === found && to !== heir ? hint(found, to, name) : undefined;
    const after = there && hint(to, heir, there.name.toLowerCase());
    if (after) return after;
  }
  return direct;
}

/** Other tables that rows were copied into. */
function copiesOf(found: Live, successor: Live, copyings: readonly Copied[]): readonly Heir[] {
  const { origin, now, columns } = found;
  const table = origin ?? now;
  const names = new Set([...columns.keys(), ...table.columns.map(({ name }) => name.toLowerCase())]);
  const mine = copyings.filter(({ from, to }) => from === found && to !== successor && to.gone === null);
  return mine.map(({ to, copying }): Heir => {
    const there = table.columns.flatMap((column): (readonly [LossColumn, LossColumn])[] => {
      const name = [...columns].find(([, each]) => each === column)?.[0] ?? column.name.toLowerCase();
      const after = hinted(to, names, name, [{ copying }]) ?? bornAs(to, name);
      return after ? [[column, after]] : [];
    });
    return { table: to.now, isSame: false, columns: there, changed: there, needsLook: true, early: null };
  });
}

/** The usual rebuild: the old table is as it was until it goes, and the new one changes no more after that. */
function earlyOf(found: Live, heir: Live): Heir['early'] {
  if (!found.gone || found.touched !== -1 || found.origin?.name !== found.now.name) return null;
  const name = found.gone.names.get(heir);
  return name === undefined || heir.touched > found.gone.at ? null : { at: found.gone.at, name };
}

/** The column that came with this name, whatever it is called now; else one that is called so. */
function bornAs({ now, born }: Live, name: string): LossColumn | undefined {
  const current = [...born].find(([, was]) => was === name)?.[0];
  return columnNamed(now, current ?? name);
}

/** The column of `target` that a copy fills from the column `name` alone. `names`: all that the source has. */
function hinted(
  target: Live,
  names: ReadonlySet<string>,
  name: string,
  hints: readonly { readonly copying: Copying }[],
): LossColumn | undefined {
  for (const { copying } of hints) {
    const into = copying.columns ?? [...target.born.values()];
    for (const [index, value] of copying.values.entries()) {
      const used = [...(value ?? [])].filter((each) => names.has(each));
      const column = into[index];
      if (used.length === 1 && used[0] === name && column !== undefined) return bornAs(target, column);
    }
  }
  return undefined;
}
