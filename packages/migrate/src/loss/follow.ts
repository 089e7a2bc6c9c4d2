// Follows the tables of a database through the statements of a migration, in a scratch database that has only their
// schema, and says where the rows of each must be looked for afterwards. measure.ts looks.
import type { Readable } from '../contract/connection.js';
import { assignmentsIn } from '../sql/assignments.js';
import type { Statement } from '../sql/statements.js';
import { foldName, nameAt, type Word, wordsOf } from '../sql/words.js';
import { writingOf } from '../sql/writing.js';
import { type Bringing, bringingsOf, type Copying, copyingOf, spelledOut, throughViews } from './copying.js';
import { effectsOf, readTriggers } from './effects.js';
import {
  type Arrival,
  arrivalsIn,
  type Copied,
  type Holder,
  heirOf,
  holdersOf,
  type Pairs,
  passedOn,
  passesOn,
} from './heirs.js';
import { type Live, liveOf, move, type Watch, write } from './live.js';
import { isOfSchema, type Sketch, sketchOne } from './sketch.js';
import { columnNamed, type LossColumn, type LossTable, readLossTables } from './table.js';

/** A table from before the migration, and where its rows may be after it. */
export interface Followed {
  readonly table: LossTable;
  /** What may have become of its rows; `rows` and `columns` are lost to it when nothing else holds them. */
  readonly heir: Heir | null;
  /** Columns that no column of the heir follows. */
  readonly gone: readonly LossColumn[];
  /** Where statements copied rows or values of it. */
  readonly holders: readonly Holder[];
  /** Statements copied rows of it into the heir, at once or by way of others. */
  readonly isCopied: boolean;
  /** Columns of the heir in which NULL stands where it stood before: nothing writes there, and copies bring it as it is. */
  readonly asTheyWere: ReadonlySet<LossColumn>;
}

/** A table that may hold the rows of another. */
export interface Heir {
  readonly table: LossTable;
  /** It is the same table, whatever it is called: its rows kept their rowids. */
  readonly isSame: boolean;
  /** It is another table with rows of its own: agreeing to lose the one that went says enough. */
  readonly isOther: boolean;
  /** As `Holder` has it. */
  readonly arrivals: readonly Arrival[] | null;
  /** Pairs of columns by name. */
  readonly columns: Pairs;
  /** Those of `columns` whose values may be others. */
  readonly changed: Pairs;
  /** Rows may be missing. */
  readonly mayMiss: boolean;
  /** Both tables can be compared as they are before this statement, with the heir under this name: no copy is needed. */
  readonly early: { readonly at: number; readonly name: string } | null;
  /** The statements that do all that is done to its rows, while triggers see it: no other rows need a copy. Null for all rows. */
  readonly watches: readonly Watch[] | null;
}

/** Runs the schema of `statements` in `sketch`, and follows every table that it has. `known`: its tables as they are. */
export async function follow(
  sketch: Sketch,
  statements: readonly Statement[],
  known?: ReadonlyMap<string, LossTable>,
): Promise<{
  readonly followed: readonly Followed[];
  readonly after: ReadonlyMap<string, LossTable>;
  /** Every statement of the schema ran. */
  readonly isWhole: boolean;
}> {
  const before = known ?? (await readLossTables(sketch.connection));
  const live = new Map<string, Live>();
  for (const [key, table] of before) live.set(key, liveOf(table, table, -1));
  const dropped: Live[] = [];
  const copyings: Copied[] = [];
  let isWhole = true;
  for (const [at, { sql, words }] of statements.entries()) {
    const changesSchema = isOfSchema(words);
    if (changesSchema) {
      isWhole = (await sketchOne(sketch, sql)) && isWhole;
      if (leavesTables(words)) continue;
      const known = new Map([...live].map(([key, { now }]) => [key, now]));
      const names = new Map([...live].map(([, each]) => [each, each.now.name]));
      const left = move(live, await readLossTables(sketch.connection, known, onlyTable(words)), at);
      for (const each of left) each.gone = { at, names };
      dropped.push(...left);
    }
    const copying = await readingTables(sketch.connection, copyingOf(words), live);
    copyings.push(...copiesOf(words, copying, live, at));
    const filled = changesSchema && live.get(copying?.target ?? '');
    if (filled) filled.isFilled = true;
    if (changesSchema) continue;
    for (const effect of effectsOf(words, await readTriggers(sketch.connection), replacing(live))) {
      const hit = live.get(effect.table) ?? shadowed(live, effect.table);
      if (hit) write(hit, effect, at);
    }
  }
  const all = [...live.values(), ...dropped];
  const followed = [...before.values()].flatMap((table) => {
    const found = all.find(({ origin }) => origin === table);
    return found ? [fateOf(found, all, copyings)] : [];
  });
  return { isWhole, followed, after: new Map([...live].map(([key, { now }]) => [key, now])) };
}

/** Whether a statement of the schema leaves all tables and what tells their rows apart: of most indexes, of triggers and views. */
function leavesTables(words: readonly Word[]): boolean {
  const [verb, what] = [words[0]?.keyword, words[1]?.keyword ?? ''];
  return (
    (verb === 'CREATE' && ['INDEX', 'TRIGGER', 'VIEW'].includes(what)) ||
    (verb === 'DROP' && ['TRIGGER', 'VIEW'].includes(what))
  );
}

/** The one table that a statement of the schema makes or drops, in lower case; null where it may change others. */
function onlyTable(words: readonly Word[]): string | null {
  const isPlain = ['CREATE', 'DROP'].includes(words[0]?.keyword ?? '') && words[1]?.keyword === 'TABLE';
  if (!isPlain) return null;
  const isIf = words[2]?.keyword === 'IF';
  return nameAt(words, isIf ? (words[3]?.keyword === 'NOT' ? 5 : 4) : 2).key;
}

/** Tables whose own constraints say ON CONFLICT REPLACE: a plain INSERT removes rows there. */
function replacing(live: ReadonlyMap<string, Live>): ReadonlySet<string> {
  const replaces = ({ now }: Live): boolean => {
    const words = /conflict/i.test(now.sql) ? wordsOf(now.sql) : [];
    return words.some(({ keyword }, index) => keyword === 'CONFLICT' && words[index + 1]?.keyword === 'REPLACE');
  };
  return new Set([...live].filter(([, each]) => replaces(each)).map(([key]) => key));
}

/** The virtual table that keeps its rows in the table `name`. */
function shadowed(live: ReadonlyMap<string, Live>, name: string): Live | undefined {
  return [...live].find(([key, { now }]) => now.rootpage === 0 && name.startsWith(`${key}_`))?.[1];
}

/** `copying` with the tables behind the views that it reads. */
async function readingTables(
  connection: Readable,
  copying: Copying | null,
  live: ReadonlyMap<string, Live>,
): Promise<Copying | null> {
  if (!copying || [...copying.sources].every((source) => live.has(source))) return copying;
  const { rows } = await connection.execute(
    `SELECT name, sql FROM sqlite_schema WHERE type = 'view' UNION ALL SELECT name, sql FROM sqlite_temp_schema WHERE type = 'view'`,
  );
  return throughViews(copying, new Map(rows.map(({ name, sql }) => [foldName(String(name)), String(sql)])));
}

/** What a statement copies: rows of other tables, or values of one column into another of the same table. `read`: as it says. */
function copiesOf(
  words: readonly Word[],
  read: Copying | null,
  live: ReadonlyMap<string, Live>,
  at: number,
): readonly Copied[] {
  const copying = read && { ...read, sources: new Set([...read.sources].filter((source) => live.has(source))) };
  const to = copying && live.get(copying.target);
  const copied: Copied[] = [];
  for (const source of copying?.sources ?? []) {
    const from = live.get(source);
    if (!copying || !to || !from || from === to) continue;
    const columns = (copying.columns ?? filledIn(to)).map((name) => to.born.get(name) ?? name);
    const spelled = spelledOut(
      copying,
      from.now.columns.map(({ name }) => name),
    );
    const arrival = addsOnly(words, to) ? { at, table: to.now, isBirth: words[0]?.keyword === 'CREATE' } : null;
    copied.push({ from, to, copying: { ...spelled, columns }, isBrought: false, arrival });
  }
  const writing = writingOf(words);
  const updated = writing?.verb === 'UPDATE' ? live.get(writing.table) : undefined;
  if (!writing || !updated) return copied;
  const set = words.findIndex(({ keyword }, index) => index > writing.at && keyword === 'SET');
  for (const { columns, names } of assignmentsIn(words, set)) {
    const [column] = columns;
    if (column === undefined || columns.length > 1 || names.has(column)) continue;
    const target = writing.table;
    const copying = { target, sources: new Set<string>(), columns, values: [names] };
    copied.push({ from: updated, to: updated, copying, isBrought: false, arrival: null });
  }
  for (const bringing of bringingsOf(words, writing.table, set)) copied.push(...broughtBy(bringing, updated, live));
  return copied;
}

/** Whether a copy into `to` puts a new row there for each of its own, or fails. */
function addsOnly(words: readonly Word[], { now }: Live): boolean {
  const isAnswered = words.some(
    ({ keyword }, index) => keyword === 'CONFLICT' || (keyword === 'OR' && words[index - 1]?.keyword === 'INSERT'),
  );
  return !isAnswered && words.every(({ keyword }) => keyword !== 'REPLACE') && !/conflict/i.test(now.sql);
}

/** What an UPDATE brings row by row: the keys are the same by its condition, and more than the key is looked at. */
function broughtBy(bringing: Bringing, to: Live, live: ReadonlyMap<string, Live>): readonly Copied[] {
  return [...bringing.sources].flatMap((source): readonly Copied[] => {
    const from = live.get(source);
    if (!from || from === to) return [];
    const names = new Set(from.now.columns.map(({ name }) => foldName(name)));
    const equal = bringing.equal
      .flatMap(([one, other]) => [[one, other] as const, [other, one] as const])
      .filter(([there, here]) => names.has(there) && columnNamed(to.now, here) !== undefined);
    const keys = [...from.now.keys, ...(from.now.loose ? [from.now.loose] : [])].map((key) => key.map(foldName));
    const key = keys.find((each) => each.every((name) => equal.some(([there]) => there === name)));
    const isValue = (name: string): boolean => names.has(name) && !key?.includes(name);
    if (!key || !bringing.values.some((value) => [...(value ?? [])].some(isValue))) return [];
    const columns = [...equal.map(([, here]) => here), ...(bringing.columns ?? [])];
    const values = [...equal.map(([there]) => new Set([there])), ...bringing.values];
    const copying = { ...bringing, columns: columns.map((name) => to.born.get(name) ?? name), values };
    return [{ from, to, copying, isBrought: true, arrival: null }];
  });
}

/** The columns that an INSERT without a list fills. */
function filledIn({ now }: Live): readonly string[] {
  return now.columns.flatMap(({ name, isGenerated }) => (isGenerated ? [] : [foldName(name)]));
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
  const nothing: Followed = {
    table,
    heir: null,
    gone: table.columns,
    holders: [],
    isCopied: false,
    asTheyWere: new Set(),
  };
  if (!successor) return nothing;
  const end = successor.now;
  const taken = new Set(last.values());
  const pairs = table.columns.flatMap((column): Pairs => {
    const own = foldName(column.name);
    // A column that is gone is not the one that another got its name from.
    const name = last.get(column.name) ?? (taken.has(own) ? undefined : own);
    const after = name === undefined ? undefined : columnNamed(end, name);
    return after ? [[column, after]] : [];
  });
  const holders = holdersOf(found, successor, pairs, copyings);
  // Made by the migration, and nothing put a row into it.
  if (successor.origin === null && !successor.isFilled && holders.length === 0) return nothing;
  const isSame = found.gone === null;
  const isReplaced = ([before, after]: Pairs[number]): boolean =>
    !isSame || !kept.has(before.name) || before.affinity !== after.affinity;
  const changed = pairs.filter(
    (pair) => isReplaced(pair) || written === 'all' || (written?.has(pair[0].name) ?? false),
  );
  const gone = table.columns.filter((column) => !column.isGenerated && pairs.every(([each]) => each !== column));
  const heir: Heir = {
    table: end,
    isSame,
    isOther: all.some(
      ({ origin, now: each, gone }) => origin !== null && each === end && gone === null && origin !== table,
    ),
    // Under the name of the table its rows are taken for those of the table, wherever they came from.
    arrivals: isSame || foldName(end.name) === foldName(table.name) ? null : arrivalsIn(found, successor, copyings),
    columns: pairs,
    changed,
    mayMiss: !isSame || found.mayMiss,
    early: earlyOf(found, successor),
    watches: found.isFilled || pairs.some(isReplaced) ? null : found.watches,
  };
  const kin = successor;
  const asTheyWere = pairs.filter(([before, after]) => passesOn(found, kin, before, after, copyings));
  return {
    ...{ table, heir, gone, holders, isCopied: isCopiedInto(found, successor, copyings) },
    asTheyWere: new Set(asTheyWere.map(([, after]) => after)),
  };
}

function isCopiedInto(found: Live, heir: Live, copyings: readonly Copied[]): boolean {
  const reached = new Set([found]);
  for (const each of reached) for (const { from, to } of copyings) if (from === each && to !== each) reached.add(to);
  return found !== heir && reached.has(heir);
}

/** The usual rebuild: the old table is as it was until it goes, and the new one changes no more after that. */
function earlyOf(found: Live, heir: Live): Heir['early'] {
  // Rows that came with the migration are nobody's loss: by then they stand among those from before.
  if (!found.gone || found.touched !== -1 || found.isFilled || found.origin?.name !== found.now.name) return null;
  const name = found.gone.names.get(heir);
  return name === undefined || heir.touched > found.gone.at ? null : { at: found.gone.at, name };
}
