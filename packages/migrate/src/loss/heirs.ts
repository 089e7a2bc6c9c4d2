// Where the rows and values of a table may be once it is gone or its columns are: the table that took its place, and tables
// that statements copied rows into. Names and INSERT … SELECT are hints of where to look; measure.ts compares.
import { foldName } from '../sql/words.js';
import type { Copying } from './copying.js';
import type { Live } from './live.js';
import { columnNamed, type LossColumn, type LossTable } from './table.js';

/** Pairs of columns: before, and where its values are. */
export type Pairs = readonly (readonly [before: LossColumn, after: LossColumn])[];

/** A table, or the same one, that statements copied values into. */
export interface Holder {
  readonly table: LossTable;
  readonly columns: Pairs;
  /** Where rows of others stand in it: what brought those of this table. Null when any of its rows may be meant. */
  readonly arrivals: readonly Arrival[] | null;
}

/** A statement that put rows of one table into another that has rows from elsewhere as well. */
export interface Arrival {
  readonly at: number;
  /** The table that was filled, as it was then. */
  readonly table: LossTable;
  /** The statement made the table, too. */
  readonly isBirth: boolean;
}

/** Rows that a statement copied. From a table into itself: values of one column into another. */
export interface Copied {
  readonly from: Live;
  readonly to: Live;
  readonly copying: Copying;
  /** By an UPDATE, into rows that were there. */
  readonly isBrought: boolean;
  /** Null when the statement may also leave a row as it stands, or change one. */
  readonly arrival: Arrival | null;
}

/** What brought rows of `found` into `to`, when `to` holds rows of others as well: those may be equal by chance. */
export function arrivalsIn(found: Live, to: Live, copyings: readonly Copied[]): readonly Arrival[] | null {
  const into = copyings.filter((copied) => copied.to === to && copied.from !== to);
  const mine = into.filter(({ from }) => from === found);
  const arrivals = mine.flatMap(({ arrival }) => (arrival ? [arrival] : []));
  const isMixed = to.origin !== null || into.length > mine.length;
  return isMixed && arrivals.length > 0 && arrivals.length === mine.length ? arrivals : null;
}

/** The table that took the place of one that is gone: by its name, by the name it had before, or by a copy of its rows. */
export function heirOf(found: Live, all: readonly Live[], copyings: readonly Copied[]): Live | undefined {
  const at = found.gone?.at ?? 0;
  const called = (name: string): Live | undefined => {
    const given = all.filter((each) => each !== found && (each.gone === null || each.gone.at > at));
    // One may have taken the name before, when this one was renamed, and lose it later: who has it when this one goes comes first.
    const has = given.find((each) => each.named.findLast((one) => one.at <= at)?.name === name);
    if (has) return has;
    return given
      .flatMap((each) => each.named.flatMap((one) => (one.name === name ? [{ each, at: one.at }] : [])))
      .toSorted((a, b) => a.at - b.at)
      .find(({ each, at: since }) => since >= at || foldName(each.now.name) === name)?.each;
  };
  for (const { name } of found.named.toReversed()) {
    const heir = called(name);
    if (heir) return heir;
  }
  const taken = copyings.filter(
    ({ from, to }) => from === found && to !== found && (to.gone === null || to.gone.at > at),
  );
  return (taken.find(({ isBrought }) => !isBrought) ?? taken[0])?.to;
}

/** The names that columns have last in the heir, from those they had last in the table that is gone. */
export function passedOn(
  table: LossTable,
  last: ReadonlyMap<string, string>,
  found: Live,
  heir: Live,
  copyings: readonly Copied[],
): Map<string, string> {
  const next = new Map<string, string>();
  const currentOf = (name: string): string => last.get(name) ?? foldName(name);
  for (const { name } of table.columns) {
    const after = last.has(name) ? made(found, heir, currentOf(name), copyings) : undefined;
    if (after) next.set(name, foldName(after.name));
  }
  // What is called so may be the same, or one that was gone before and is there again; not where another got that name.
  const taken = new Set(next.values());
  for (const { name } of table.columns) {
    if (next.has(name)) continue;
    const current = currentOf(name);
    const after = made(found, heir, current, copyings) ?? columnNamed(heir.now, current);
    if (after && !taken.has(foldName(after.name))) next.set(name, foldName(after.name));
  }
  return next;
}

/** The column of `heir` that was made in the place of the column `name` of `found`, or that copies fill from it. */
function made(found: Live, heir: Live, name: string, copyings: readonly Copied[]): LossColumn | undefined {
  return madeAs(heir, name) ?? handedOn(found, heir, name, copyings);
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
    const after = there && hint(to, heir, foldName(there.name));
    if (after) return after;
  }
  return direct;
}

/** Whether the column `after` of `heir` gets what `before` holds, and nothing else: by no statement, or by a copy of it alone. */
export function passesOn(
  found: Live,
  heir: Live,
  before: LossColumn,
  after: LossColumn,
  copyings: readonly Copied[],
): boolean {
  const { written } = found;
  if (written === 'all' || written?.has(before.name)) return false;
  if (found === heir) return true;
  const [copied, ...more] = copyings.filter(({ to }) => to === heir);
  if (copied?.from !== found || copied.arrival === null || more.length > 0 || heir.written !== null) return false;
  const { columns, values } = copied.copying;
  const value = values[columns?.indexOf(foldName(after.name)) ?? -1];
  const name = [...found.columns].find(([, each]) => each === before)?.[0];
  return value?.size === 1 && name !== undefined && value.has(name);
}

/** Where else values of `found` were copied to, whose rows are in `successor` by the `pairs` now. */
export function holdersOf(found: Live, successor: Live, pairs: Pairs, copyings: readonly Copied[]): readonly Holder[] {
  const { origin, now, columns } = found;
  const table = origin ?? now;
  const names = new Set([...columns.keys(), ...table.columns.map(({ name }) => foldName(name))]);
  const nameOf = (column: LossColumn): string =>
    [...columns].find(([, each]) => each === column)?.[0] ?? foldName(column.name);
  const others = new Set(
    copyings.flatMap(({ from, to }) => (from === found && to !== found && to !== successor && !to.gone ? [to] : [])),
  );
  const holders = [...others].map((to): Holder => {
    const mine = copyings.filter((copied) => copied.from === found && copied.to === to);
    return {
      table: to.now,
      arrivals: arrivalsIn(found, to, copyings),
      columns: table.columns.flatMap((column) => {
        const after = hinted(to, names, nameOf(column), mine) ?? bornAs(to, nameOf(column));
        return after ? [[column, after] as const] : [];
      }),
    };
  });
  const within = copyings.filter(({ from, to }) => from === to && (from === found || from === successor));
  const moved = table.columns.flatMap((column): Pairs => {
    const there = hinted(found, names, nameOf(column), within) ?? hinted(successor, names, nameOf(column), within);
    const after = there && bornAs(successor, foldName(there.name));
    return after ? [[column, after]] : [];
  });
  const isKey = ({ name }: LossColumn): boolean => table.keys.some((key) => key.includes(name));
  if (moved.length > 0)
    holders.push({
      table: successor.now,
      arrivals: null,
      columns: [...pairs.filter(([column]) => isKey(column)), ...moved],
    });
  return holders;
}

/** The column that was made with this name, whatever it is called now. */
function madeAs({ now, born }: Live, name: string): LossColumn | undefined {
  const current = [...born].find(([, was]) => was === name)?.[0];
  return current === undefined ? undefined : columnNamed(now, current);
}

/** The column that was made with this name; else one that is called so. */
function bornAs(live: Live, name: string): LossColumn | undefined {
  return madeAs(live, name) ?? columnNamed(live.now, name);
}

/** The column of `target` that a copy fills from the column `name` alone. `names`: all that the source has. */
function hinted(
  target: Live,
  names: ReadonlySet<string>,
  name: string,
  hints: readonly { readonly copying: Copying }[],
): LossColumn | undefined {
  for (const { copying } of hints) {
    const into = copying.columns ?? [];
    for (const [index, value] of copying.values.entries()) {
      const used = [...(value ?? [])].filter((each) => names.has(each));
      const column = into[index];
      if (used.length === 1 && used[0] === name && column !== undefined) return bornAs(target, column);
    }
  }
  return undefined;
}
