// Filters as words of the full-text index: rows that a filter would refuse are then left out while lists of the index are
// crossed, instead of being read one by one. Each is implied by a condition that is checked on the row as well.
import { tags } from '@cc/schema';
import { facetOfText, octaveOf, sizeOctaves, facetTokens as token, triangleOctaves } from '@cc/schema/derived';
import { inArray, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { filterKeyNames, filterKeys } from '../filter/filter-keys.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { countsNow } from '../rows/model-counts.js';
import { isSurelyIndexed } from '../text/extra-text.js';
import { anyToken, tagExpression } from '../text/match-expression.js';

/** Returns FTS5 expressions that every model of the filter matches: those few that leave out the most. */
export type Narrowing = (filter: CheckedFilter) => Promise<readonly string[]>;

/** A value that more than one model in so many has is cheaper to check on the row. */
const commonOneIn = 4;
/** A second expression costs more than it saves once the first leaves so few models. */
const fewModels = 50_000;
/** A word of the index more costs more than a model more that is checked on the row. */
const maxMonths = 3;
const maxYears = 12;

interface Choice {
  readonly expression: string;
  /** About how many models match it. */
  readonly models: number;
}

/** The counters of one kind; a value may be there twice, and its numbers add up. */
type Counts = readonly { readonly value: string; readonly models: number }[];

/** Returns the narrowing of filters by format, license, author, tags, time, size, triangles, rating and marks. */
export function createNarrowing(context: Context): Narrowing {
  const { db } = context;
  const counted = db
    .select({ kind: sql<string>`kind`, value: sql<string>`value`, models: sql<number>`models` })
    .from(sql`(${countsNow})`)
    .prepare();
  const carried = db
    .select({ name: tags.name, models: tags.modelCount })
    .from(tags)
    .where(inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`))
    .prepare();

  return async (filter) => {
    const { tagsAll } = filter;
    const hasTags = Array.isArray(tagsAll) && tagsAll.length > 0;
    const hasTokens = filterKeyNames.some((key) => filter[key] !== undefined && filterKeys[key].tokens !== undefined);
    if (!hasTags && !hasTokens) return [];
    const [rows, tagRows] = await Promise.all([
      counted.all(),
      hasTags ? carried.all({ keys: JSON.stringify(tagsAll) }) : [],
    ]);
    const counts = (kind: string): Counts => rows.filter((row) => row.kind === kind);
    const total = sum(counts('format'));
    const choices = [...choicesOfValues(filter, counts, total), ...choicesOfTokens(filter, counts('token'))];
    for (const { name, models } of tagRows) {
      if (isSurelyIndexed(name)) choices.push({ expression: tagExpression(name), models });
    }
    choices.sort((a, b) => a.models - b.models);
    const worth = choices.filter(({ models }) => models * commonOneIn < total);
    const [first, second] = worth;
    if (first === undefined) return [];
    const isBoth = second !== undefined && (first.models > fewModels || !second.expression.includes(' OR '));
    return [first, ...(isBoth ? [second] : [])].map(({ expression }) => expression);
  };
}

function choicesOfValues(filter: CheckedFilter, counts: (kind: string) => Counts, total: number): Choice[] {
  const { formats, license, author, createdFrom, createdTo } = filter;
  const choices: Choice[] = [];
  if (Array.isArray(formats)) {
    const models = sum(counts('format'), (each) => formats.includes(each));
    choices.push({ expression: anyToken(formats.map((each: string) => token.format.letter + each)), models });
  }
  if (isNamed(license)) {
    const models = sum(counts('license'), (each) => each === license);
    choices.push({ expression: anyToken([token.license.letter + facetOfText(license)]), models });
  }
  if (isNamed(author))
    choices.push({ expression: anyToken([token.author.letter + facetOfText(author)]), models: total / 100 });
  const times =
    typeof createdFrom === 'number' && typeof createdTo === 'number' ? timesBetween(createdFrom, createdTo) : null;
  if (times !== null) {
    const models = sum(counts('year'), (each) => each >= times.firstYear && each <= times.lastYear) * times.share;
    choices.push({ expression: anyToken(times.tokens), models });
  }
  return choices;
}

/** Choices of the tokens that stand for a range or a mark; those that no model has are left out. */
function choicesOfTokens(filter: CheckedFilter, counts: Counts): Choice[] {
  const choices: Choice[] = [];
  const among = (isWanted: (each: string) => boolean): void => {
    const wanted = counts.filter(({ value, models }) => models > 0 && isWanted(value));
    // A token that no model has: nothing is found, and at once.
    const tokens = wanted.length === 0 ? ['none'] : [...new Set(wanted.map(({ value }) => value))];
    choices.push({ expression: anyToken(tokens), models: sum(wanted) });
  };
  const range = (letter: string, min: unknown, max: unknown, place: (value: number) => number): void => {
    if (typeof min !== 'number' && typeof max !== 'number') return;
    const from = typeof min === 'number' ? place(min) : 0;
    const to = typeof max === 'number' ? place(max) : Number.POSITIVE_INFINITY;
    among((each) => each.startsWith(letter) && Number(each.slice(1)) >= from && Number(each.slice(1)) <= to);
  };
  range(token.size.letter, filter.minFileSize, filter.maxFileSize, (bytes) => octaveOf(bytes, sizeOctaves));
  range(token.triangles.letter, filter.minTriangles, filter.maxTriangles, (triangles) =>
    octaveOf(triangles, triangleOctaves),
  );
  range(token.rating.letter, filter.minRating, filter.maxRating, (rating) => rating);
  const { favorite, statuses, parseStatuses } = filter;
  if (filter.printed === true || filter.printedFrom !== undefined || filter.printedTo !== undefined) {
    among((each) => each === token.printed.letter);
  }
  if (favorite === true) among((each) => each === token.favorite.letter);
  if (Array.isArray(statuses) && !statuses.includes('active')) {
    among((each) => each.startsWith(token.status.letter) && statuses.includes(each.slice(1)));
  }
  if (Array.isArray(parseStatuses) && parseStatuses.join() === 'unparsed')
    among((each) => each === token.unparsed.letter);
  return choices;
}

function isNamed(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function sum(counts: Counts, among: (value: string) => boolean = () => true): number {
  return counts.reduce((all, { value, models }) => all + (among(value) ? models : 0), 0);
}

interface Times {
  readonly tokens: readonly string[];
  readonly firstYear: string;
  readonly lastYear: string;
  /** Which part of these years the tokens stand for. */
  readonly share: number;
}

/** Months or years of a half-open range of times; null when it is empty or too long. */
function timesBetween(from: number, to: number): Times | null {
  // Before 1970 SQLite divides towards zero, so an edge of a month would be off by a second.
  if (from >= to || from < 0 || to > Date.UTC(9999, 0)) return null;
  const [first, last] = [new Date(from), new Date(to - 1)];
  const count = last.getUTCFullYear() - first.getUTCFullYear() + 1;
  if (count > maxYears) return null;
  const years = Array.from({ length: count }, (_, i) => year(first.getUTCFullYear() + i));
  const ends = { firstYear: years[0] ?? '', lastYear: years.at(-1) ?? '' };
  const start = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const monthCount = last.getUTCFullYear() * 12 + last.getUTCMonth() - start + 1;
  if (monthCount > maxMonths) {
    return { ...ends, share: 1, tokens: years.map((each) => token.year.letter + each) };
  }
  const months = Array.from({ length: monthCount }, (_, i) => start + i);
  const tokens = months.map(
    (month) => token.month.letter + year(Math.floor(month / 12)) + String((month % 12) + 1).padStart(2, '0'),
  );
  return { ...ends, share: months.length / (12 * count), tokens };
}

function year(value: number): string {
  return String(value).padStart(4, '0');
}
