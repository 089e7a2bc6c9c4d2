// Filters as words of the full-text index: rows that a filter would refuse are then left out while lists of the index are
// crossed, instead of being read one by one. Each is implied by a condition that is checked on the row as well.

import { tags } from '@cc/schema';
import { modelCounts } from '@cc/schema/derived';
import { eq, inArray, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { CheckedFilter } from '../models/model-filter.js';
import { statement } from '../statement.js';
import { wordsOf } from './extra-text.js';
import { quoted } from './match-expression.js';

/** Returns FTS5 expressions that every model of the filter matches. */
export type Narrowing = (filter: CheckedFilter) => Promise<readonly string[]>;

/** A value that more than one model in so many has is cheaper to check on the row. */
const commonOneIn = 8;
const maxMonths = 24;
const maxYears = 12;
const monthMs = 28 * 86_400_000;

/** Returns the narrowing of filters by format, license, author, tags and time. */
export function createNarrowing(context: Context): Narrowing {
  const { db } = context;
  const formats = statement(
    'search.searchModels',
    db
      .select({ value: modelCounts.value, models: modelCounts.models })
      .from(modelCounts)
      .where(eq(modelCounts.kind, 'format'))
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
    const words: string[] = [];
    const { formats: wantedFormats, tagsAll, license, author, createdFrom, createdTo } = filter;
    const needsCounts = Array.isArray(wantedFormats) || Array.isArray(tagsAll);
    const counts = needsCounts ? await formats.all() : [];
    const total = counts.reduce((sum, { models }) => sum + models, 0);
    const isRare = (models: number): boolean => models * commonOneIn < total;
    if (Array.isArray(wantedFormats)) {
      const found = counts.filter(({ value }) => wantedFormats.includes(value));
      if (isRare(found.reduce((sum, { models }) => sum + models, 0))) {
        words.push(anyOf(wantedFormats.map((format: string) => `f${format}`)));
      }
    }
    if (Array.isArray(tagsAll)) {
      for (const { name, models } of await carried.all({ keys: JSON.stringify(tagsAll) })) {
        if (isRare(models) && wordsOf(name).length > 0) words.push(`{tags_text} : ${quoted(name)}`);
      }
    }
    if (typeof license === 'string' && license !== '') words.push(anyOf([`l${hexOf(license)}`]));
    if (typeof author === 'string' && author !== '') words.push(anyOf([`a${hexOf(author)}`]));
    if (typeof createdFrom === 'number' && typeof createdTo === 'number')
      words.push(...timesBetween(createdFrom, createdTo));
    return words;
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

/** Months or years of a half-open range of times; none when it is empty or too long. */
function timesBetween(from: number, to: number): readonly string[] {
  const [first, last] = [new Date(from), new Date(to - 1)];
  // Before 1970 SQLite divides towards zero, so an edge of a month would be off by a second.
  if (from >= to || from < 0 || to > Date.UTC(9999, 0)) return [];
  const years = last.getUTCFullYear() - first.getUTCFullYear() + 1;
  if (to - from <= maxMonths * monthMs) {
    const start = first.getUTCFullYear() * 12 + first.getUTCMonth();
    const count = last.getUTCFullYear() * 12 + last.getUTCMonth() - start + 1;
    const months = Array.from({ length: count }, (_, i) => start + i);
    return [
      anyOf(months.map((month) => `m${year(Math.floor(month / 12))}${String((month % 12) + 1).padStart(2, '0')}`)),
    ];
  }
  if (years > maxYears) return [];
  return [anyOf(Array.from({ length: years }, (_, i) => `y${year(first.getUTCFullYear() + i)}`))];
}

function year(value: number): string {
  return String(value).padStart(4, '0');
}
