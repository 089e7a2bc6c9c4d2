// The indexes that may help a statement, the likeliest first. Only candidates: proof.ts tries each on a copy.
import { foldName } from '../statistics/fold-name.js';
import { type IndexPart, quoteColumn, type Wishes } from './statement-words.js';

/** An index that may help. */
export interface Candidate {
  readonly table: string;
  readonly name: string;
  readonly sql: string;
}

/** An index that is there: its parts as they stand in CREATE INDEX, in lower case. */
export interface KnownIndex {
  readonly table: string;
  readonly parts: readonly string[];
}

/** Most that are tried for one statement. */
const mostCandidates = 16;

/** Returns up to 16 indexes that are not there yet. `names` are taken. */
export function candidatesFor(
  wishes: readonly Wishes[],
  known: readonly KnownIndex[],
  names: ReadonlySet<string>,
): readonly Candidate[] {
  const perTable = wishes.map((wish) =>
    distinct(combinations(wish))
      .filter((parts) => !isKnown(wish.table, parts, known))
      .map((parts) => candidate(wish.table, parts, names)),
  );
  // In turn, so that a table with many does not take all places.
  const most = Math.max(0, ...perTable.map(({ length }) => length));
  const inTurn = Array.from({ length: most }, (_, index) => perTable.flatMap((list) => list.slice(index, index + 1)));
  return inTurn.flat().slice(0, mostCandidates);
}

/** Equal columns come first in an index: after them, one range or an order narrows further. */
function combinations({ equal, ranges, orders, groups }: Wishes): readonly (readonly IndexPart[])[] {
  return [
    [...equal, ...orders],
    [...equal, ...orders, ...ranges],
    ...ranges.map((range) => [...equal, range]),
    // Grouped by a sort, but without looking up a row.
    ...ranges.map((range) => [...equal, range, ...groups]),
    [...equal, ...groups],
    [...equal, ...groups, ...ranges],
    equal,
    ...equal.map((one) => [one, ...orders]),
    ...equal.map((one) => [one]),
    ...ranges.map((range) => [range]),
    orders,
  ];
}

function distinct(lists: readonly (readonly IndexPart[])[]): readonly (readonly IndexPart[])[] {
  const seen = new Map<string, readonly IndexPart[]>();
  for (const list of lists) {
    const parts = list.filter((part, at) => list.findIndex((other) => bare(other) === bare(part)) === at);
    const key = parts.map(({ sql }) => sql).join();
    if (parts.length > 0 && !seen.has(key)) seen.set(key, parts);
  }
  return [...seen.values()];
}

function bare({ sql }: IndexPart): string {
  return sql.replace(/ DESC$/, '');
}

/** An index that begins with the same parts, backwards too, is as good. */
function isKnown(table: string, parts: readonly IndexPart[], known: readonly KnownIndex[]): boolean {
  const wanted = parts.map(({ sql }) => foldName(sql));
  const backwards = wanted.map((sql) => (sql.endsWith(' desc') ? sql.slice(0, -5) : `${sql} desc`));
  const covers = (there: readonly string[], asked: readonly string[]): boolean =>
    asked.every((sql, at) => there[at] === sql);
  return known.some(
    (index) => index.table === table && (covers(index.parts, wanted) || covers(index.parts, backwards)),
  );
}

function candidate(table: string, parts: readonly IndexPart[], names: ReadonlySet<string>): Candidate {
  const words = foldName([table, ...parts.map(({ word }) => word)].join('_'));
  const stem = `idx_${words.replaceAll(/[^a-z0-9_]+/g, '_').slice(0, 50)}`;
  let name = stem;
  for (let number = 2; names.has(name); number += 1) name = `${stem}_${number}`;
  const list = parts.map(({ sql }) => sql).join(', ');
  return { table, name, sql: `CREATE INDEX ${quoteColumn(name)} ON ${quoteColumn(table)} (${list})` };
}
