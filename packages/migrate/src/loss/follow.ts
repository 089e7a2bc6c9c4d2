// Follows the tables of a database through the statements of a migration, in a scratch database that has only their
// schema, and says where the rows of each must be looked for afterwards. measure.ts looks.
import type { Readable } from '../run/ledger.js';
import type { Statement } from '../sql/statements.js';
import { type Copying, copyingOf } from './copying.js';
import { effectsOf, type Trigger } from './effects.js';
import { type LossColumn, type LossTable, readLossTables } from './table.js';

/** A scratch database. */
export interface Sketch {
  readonly connection: Readable;
  run(statements: readonly string[]): Promise<void>;
}

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
  written: Set<string> | 'all' | null;
  /** The last statement that changed its rows or columns; -1 for none. */
  touched: number;
}

/** A table that is gone. */
interface Dropped extends Live {
  readonly at: number;
  /** What the tables that were there beside it were called. */
  readonly names: ReadonlyMap<Live, string>;
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
  for (const [key, table] of before) live.set(key, liveOf(table, table));
  const dropped: Dropped[] = [];
  const copyings: { readonly from: Live; readonly to: Live; readonly copying: Copying }[] = [];
  for (const [at, { sql, words }] of statements.entries()) {
    const verb = words[0]?.keyword ?? '';
    if (verb === 'CREATE' || verb === 'ALTER' || verb === 'DROP') {
      // What fails here fails in the database, too, and says more there.
      await sketch.run([sql]).catch(() => undefined);
      const known = new Map([...live].map(([key, { now }]) => [key, now]));
      const names = new Map([...live].map(([, each]) => [each, each.now.name]));
      const left = move(live, await readLossTables(sketch.connection, known), at);
      dropped.push(...left.map((each) => ({ ...each, at, names })));
      continue;
    }
    const copying = copyingOf(words);
    const to = copying && live.get(copying.target);
    for (const source of copying?.sources ?? []) {
      const from = live.get(source);
      if (copying && to && from && from !== to) copyings.push({ from, to, copying });
    }
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
    return found ? [fateOf(found, live, dropped, copyings)] : [];
  });
  return { followed, after: new Map([...live].map(([key, { now }]) => [key, now])) };
}

function liveOf(table: LossTable, origin: LossTable | null): Live {
  const columns = new Map(table.columns.map((column) => [column.name.toLowerCase(), origin ? column : null] as const));
  return { origin, now: table, columns, written: null, touched: -1 };
}

async function readTriggers(connection: Readable): Promise<readonly Trigger[]> {
  const { rows } = await connection.execute(`SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'`);
  return rows.map((row) => ({ table: String(row['tbl_name']).toLowerCase(), sql: String(row['sql']) }));
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
    live.set(key, renamed ? advanced(renamed[1], table, at) : liveOf(table, null));
  }
  return [...left.values()];
}

/** `live` after ALTER TABLE. */
function advanced(live: Live, table: LossTable, at: number): Live {
  const was = live.now.columns.map(({ name }) => name.toLowerCase());
  const is = table.columns.map(({ name }) => name.toLowerCase());
  const columns = new Map<string, LossColumn | null>();
  is.forEach((name, index) => {
    const old = was.length === is.length ? (was[index] ?? name) : name;
    columns.set(name, live.columns.get(old) ?? null);
  });
  if (was.join() !== is.join()) live.touched = at;
  live.columns = columns;
  live.now = table;
  return live;
}

function fateOf(
  found: Live | Dropped,
  live: ReadonlyMap<string, Live>,
  dropped: readonly Live[],
  copyings: readonly { readonly from: Live; readonly to: Live; readonly copying: Copying }[],
): Followed {
  const { origin, now, columns, written } = found;
  const table = origin ?? now;
  const self = [...live.values()].find((each) => each.origin === origin);
  const isDropped = self === undefined;
  /** Its columns by the names they had last. */
  const last = new Map([...columns].flatMap(([name, column]) => (column ? [[column.name, name] as const] : [])));
  const mine = copyings.filter(({ from, to }) => from.origin === origin && !dropped.includes(to));
  const successor = self ?? live.get(now.name.toLowerCase()) ?? live.get(table.name.toLowerCase()) ?? mine[0]?.to;
  if (!successor) return { table, heir: null, gone: table.columns, copies: [] };
  const hints = mine.filter(({ to }) => to === successor);
  const pairs = table.columns.flatMap((column): (readonly [LossColumn, LossColumn])[] => {
    const name = last.get(column.name) ?? column.name.toLowerCase();
    const after = find(successor.now, name) ?? hinted(successor.now, table, name, hints);
    return after ? [[column, after]] : [];
  });
  const isReplaced = (column: LossColumn): boolean => isDropped || !last.has(column.name);
  const changed = pairs.filter(
    ([column]) => isReplaced(column) || written === 'all' || (written?.has(column.name) ?? false),
  );
  const gone = table.columns.filter((column) => !column.isGenerated && pairs.every(([each]) => each !== column));
  const needsLook = isDropped || written !== null || changed.length > 0;
  const heir: Heir = {
    table: successor.now,
    isSame: !isDropped,
    columns: pairs,
    changed,
    needsLook,
    early: earlyOf(found, successor),
  };
  const copies = mine
    .filter(({ to }) => to !== successor)
    .map(({ to, copying }): Heir => {
      const there = table.columns.flatMap((column): (readonly [LossColumn, LossColumn])[] => {
        const name = last.get(column.name) ?? column.name.toLowerCase();
        const after = hinted(to.now, table, name, [{ copying }]) ?? find(to.now, name);
        return after ? [[column, after]] : [];
      });
      return { table: to.now, isSame: false, columns: there, changed: there, needsLook: true, early: null };
    });
  return { table, heir, gone, copies };
}

/** The usual rebuild: the old table is as it was until it goes, and the new one changes no more after that. */
function earlyOf(found: Live | Dropped, heir: Live): Heir['early'] {
  if (!('at' in found) || found.touched !== -1 || found.origin?.name !== found.now.name) return null;
  const name = found.names.get(heir);
  return name === undefined || heir.touched > found.at ? null : { at: found.at, name };
}

function find({ columns }: LossTable, name: string): LossColumn | undefined {
  return columns.find((column) => column.name.toLowerCase() === name);
}

/** The column of `target` that a copy fills from the column `name` alone. */
function hinted(
  target: LossTable,
  source: LossTable,
  name: string,
  hints: readonly { readonly copying: Copying }[],
): LossColumn | undefined {
  const names = new Set(source.columns.map((column) => column.name.toLowerCase()));
  for (const { copying } of hints) {
    const into = copying.columns ?? target.columns.filter(({ isGenerated }) => !isGenerated).map((each) => each.name);
    for (const [index, value] of copying.values.entries()) {
      const used = [...(value ?? [])].filter((each) => names.has(each));
      const column = into[index];
      if (used.length === 1 && used[0] === name && column !== undefined) return find(target, column.toLowerCase());
    }
  }
  return undefined;
}

/** Fills an empty sketch with the schema of a database. */
export async function sketchSchema(connection: Readable, sketch: Sketch): Promise<void> {
  const { rows } = await connection.execute(`SELECT s.type, s.name, s.sql FROM sqlite_schema s
LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND s.type = 'table'
WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND s.name NOT LIKE 'libsql\\_%' ESCAPE '\\'
AND coalesce(l.type, '') <> 'shadow' ORDER BY s.type <> 'table', s.rowid`);
  const statements = rows.map((row) => String(row['sql']));
  try {
    await sketch.run(statements);
  } catch {
    // A module that this library does not have, or a view that never worked: all else can still be followed.
    for (const each of statements) await sketch.run([each]).catch(() => undefined);
  }
}
