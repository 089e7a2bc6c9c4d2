// Filters as words of the full-text index: rows that a filter would refuse are then left out while lists of the index are
// crossed, instead of being read one by one. Each is implied by a condition that is checked on the row as well.

import { tags } from '@cc/schema';
import { modelCounts } from '@cc/schema/derived';
import { inArray, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { CheckedFilter } from '../models/model-filter.js';
import { statement } from '../statement.js';
import { isSurelyIndexed } from './extra-text.js';
import { tagExpression } from './match-expression.js';

/** Returns FTS5 expressions that every model of the filter matches: those few that leave out the most. */
export type Narrowing = (filter: CheckedFilter) => Promise<readonly string[]>;

/** A value that more than one model in so many has is cheaper to check on the row. */
const commonOneIn = 8;
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

/** Returns the narrowing of filters by format, license, author, tags and time. */
export function createNarrowing(context: Context): Narrowing {
  const { db } = context;
  const counted = statement(
    'search.searchModels',
    db
      .select({ kind: modelCounts.kind, value: modelCounts.value, models: modelCounts.models })
      .from(modelCounts)
      .where(inArray(modelCounts.kind, ['format', 'year', 'license']))
      .prepare(),
  );
  const carried = statement(
    'search.searchModels',
    db
      .select({ name: tags.name, models: tags.modelCount })
      .from(tags)
      .where(inArray(tags.key, sql`(select value from json_each(${sql.placeholder('keys')}))`))
      .prepare(),
  );

  return async (filter) => {
    const { formats, tagsAll, license, author, createdFrom, createdTo } = filter;
    const hasTimes = typeof createdFrom === 'number' && typeof createdTo === 'number';
    const hasTags = Array.isArray(tagsAll) && tagsAll.length > 0;
    const isNamed = (value: unknown): value is string => typeof value === 'string' && value !== '';
    if (!Array.isArray(formats) && !hasTags && !isNamed(license) && !isNamed(author) && !hasTimes) return [];
    const counts = await counted.all();
    const sum = (kind: string, among?: (value: string) => boolean): number =>
      counts.reduce((all, row) => all + (row.kind === kind && (among?.(row.value) ?? true) ? row.models : 0), 0);
    const total = sum('format');
    const choices: Choice[] = [];
    if (Array.isArray(formats)) {
      choices.push({
        expression: anyOf(formats.map((each: string) => `f${each}`)),
        models: sum('format', (each) => formats.includes(each)),
      });
    }
    if (hasTags) {
      for (const { name, models } of await carried.all({ keys: JSON.stringify(tagsAll) })) {
        if (isSurelyIndexed(name)) choices.push({ expression: tagExpression(name), models });
      }
    }
    if (isNamed(license))
      choices.push({ expression: anyOf([`l${hexOf(license)}`]), models: sum('license', (each) => each === license) });
    if (isNamed(author)) choices.push({ expression: anyOf([`a${hexOf(author)}`]), models: total / 100 });
    const times = hasTimes ? timesBetween(createdFrom, createdTo) : null;
    if (times !== null) {
      const models = sum('year', (each) => each >= times.firstYear && each <= times.lastYear) * times.share;
      choices.push({ expression: anyOf(times.tokens), models });
    }
    choices.sort((a, b) => a.models - b.models);
    const worth = choices.filter(({ models }) => models * commonOneIn < total);
    return worth.slice(0, (worth[0]?.models ?? 0) > fewModels ? 2 : 1).map(({ expression }) => expression);
  };
}

/** The words of `models.facets` begin with a character that nobody types. */
function anyOf(tokens: readonly string[]): string {
  return `(${tokens.map((token) => `"\ue000${token}"`).join(' OR ')})`;
}

/** The first 24 characters, as SQLite counts them, in hex as `facets` has them. */
function hexOf(text: string): string {
  return Buffer.from(Array.from(text).slice(0, 24).join('')).toString('hex');
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
    return { ...ends, share: 1, tokens: years.map((each) => `y${each}`) };
  }
  const months = Array.from({ length: monthCount }, (_, i) => start + i);
  const token = (month: number) => `m${year(Math.floor(month / 12))}${String((month % 12) + 1).padStart(2, '0')}`;
  return { ...ends, share: months.length / (12 * count), tokens: months.map(token) };
}

function year(value: number): string {
  return String(value).padStart(4, '0');
}
