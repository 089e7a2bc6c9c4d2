// Suggestions while somebody types: how the last word could go on, and only with words that are found together, in models that
// the operators of the query ask for.
import { models } from '@cc/schema';
import { and, sql } from 'drizzle-orm';
import { refuseUnknownKeys, wholeNumber } from '../checks.js';
import { atOneMoment, type Context } from '../context.js';
import type { SearchRepository, SearchSuggestion } from '../contract/search.js';
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { narrowedFilter } from '../filter/query-filter.js';
import { byShape, type Statement } from '../statement.js';
import { excludedExpression, quoted, wantedExpression } from '../text/match-expression.js';
import { comparable } from '../text/match-text.js';
import { asksForSome, type ParsedQuery, parseQuery } from '../text/parse-query.js';
import type { Word, Words } from './words.js';

/** What `getSearchSuggestions` does when it is not told otherwise. */
const defaultLimit = 10;
/** How many of the most used words are tried with the words before them. */
const triedWords = 24;

/** What suggestions are made of. */
export interface SuggestionParts {
  readonly context: Context;
  readonly words: Words;
  readonly bindFilter: FilterBinder;
  /** Returns FTS5 expressions that every model of a filter matches. */
  readonly narrowing: (filter: CheckedFilter) => Promise<readonly string[]>;
}

/** Returns `getSearchSuggestions`. */
export function createSuggestions({
  context,
  words,
  bindFilter,
  narrowing,
}: SuggestionParts): SearchRepository['getSearchSuggestions'] {
  const { db } = context;
  const foundTogether = byShape<Statement<{ word: string }[], unknown, unknown>>();
  const prepareFound = ({ conditions }: BoundFilter) => {
    const hits = sql`select 1 from models_fts where models_fts match value ->> 1`;
    // CROSS JOIN keeps the index in front: its hits are looked at until one passes.
    const passing = sql`select 1 from models_fts cross join ${models}
      where ${and(sql`models_fts match value ->> 1`, sql`${models.seq} = models_fts.rowid`, ...conditions)}`;
    return db
      .select({ word: sql<string>`value ->> 0` })
      .from(sql`json_each(${sql.placeholder('matches')})`)
      .where(sql`exists (${conditions.length === 0 ? hits : passing})`)
      .limit(sql.placeholder('limit'))
      .prepare();
  };

  /** The words of the copy, and those of the index when the copy is behind and has few. */
  const beginning = async (text: string, limit: number): Promise<{ found: readonly Word[]; isTrue: boolean }> => {
    const [{ changes, words: copiedAt }, { top }] = await Promise.all([words.state(), words.beginning(text, limit)]);
    const isTrue = changes === copiedAt;
    return { found: isTrue || top.length >= limit ? top : await words.beginningInIndex(text, limit), isTrue };
  };

  const suggest = async (parsed: ParsedQuery, limit: number): Promise<readonly SearchSuggestion[]> => {
    const last = parsed.wanted.at(-1);
    const typed = last?.words.at(-1);
    const place = last?.places.at(-1);
    if (last === undefined || typed === undefined || place === undefined || !last.prefix || last.column !== null)
      return [];
    const { wanted, unwanted, filter } = parsed;
    const isAlone = wanted.length === 1 && last.words.length === 1 && unwanted.length === 0 && !asksForSome(filter);
    const { found, isTrue } = await beginning(comparable(typed), isAlone ? limit : Math.max(limit, triedWords));
    const suggestion = ({ term, models }: Word): SearchSuggestion => ({
      text: parsed.text.slice(0, place) + term + parsed.text.slice(place + typed.length),
      word: term,
      models,
    });
    // A copy that is behind may have words that have gone.
    if ((isAlone && isTrue) || found.length === 0) return found.map(suggestion);
    const asked = narrowedFilter({}, filter);
    const bound = await bindFilter(asked, { probing: true });
    if (bound === null) return [];
    const also = (await narrowing(asked)).map((each) => ` AND ${each}`).join('');
    const others = wanted.slice(0, -1);
    const before = others.length === 0 ? '' : `${wantedExpression(others, [])} AND `;
    const without = unwanted.length === 0 ? '' : ` NOT (${excludedExpression(unwanted)})`;
    const matches = found.map(({ term }) => {
      const ended = quoted([...last.words.slice(0, -1), term].join(' '));
      return [term, `(${before}${ended}${also})${without}`];
    });
    // In the order of `matches`, so that the most used words are tried first and the rest is left when there are enough.
    const query = foundTogether(bound.shape, () => prepareFound(bound));
    const rows = await query.all({ ...bound.values, matches: JSON.stringify(matches), limit });
    const together = new Set(rows.map(({ word }) => word));
    return found.filter(({ term }) => together.has(term)).map(suggestion);
  };

  return async (query, options = {}) => {
    refuseUnknownKeys('options', options, ['limit']);
    const limit = wholeNumber('limit', options.limit ?? defaultLimit, 1, 50);
    const parsed = parseQuery(query);
    return context.kept.result(
      'suggestions',
      () => [query, limit],
      () => atOneMoment(context, () => suggest(parsed, limit)),
    );
  };
}
