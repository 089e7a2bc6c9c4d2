// Suggestions while somebody types: how the last word could go on, and only with words that are found together.
import { sql } from 'drizzle-orm';
import { refuseUnknownKeys, wholeNumber } from '../checks.js';
import type { Context } from '../context.js';
import type { SearchRepository, SearchSuggestion } from '../contract/search.js';
import { foldLetters } from '../text/extra-text.js';
import { quoted, wantedExpression } from '../text/match-expression.js';
import { type ParsedQuery, parseQuery } from '../text/parse-query.js';
import type { Word, Words } from './words.js';

/** What `getSearchSuggestions` does when it is not told otherwise. */
const defaultLimit = 10;
/** How many of the most used words are tried with the words before them. */
const triedWords = 24;

/** Returns `getSearchSuggestions`. */
export function createSuggestions(context: Context, words: Words): SearchRepository['getSearchSuggestions'] {
  const { db } = context;
  const foundTogether = db
    .select({ word: sql<string>`value ->> 0` })
    .from(sql`json_each(${sql.placeholder('matches')})`)
    .where(sql`exists (select 1 from models_fts where models_fts match value ->> 1)`)
    .limit(sql.placeholder('limit'))
    .prepare();

  /** The words of the copy, and those of the index when the copy is behind and has few. */
  const beginning = async (text: string, limit: number): Promise<{ found: readonly Word[]; isTrue: boolean }> => {
    // Asked first: the copy may become true between the two.
    const { changes, words: copiedAt } = await words.state();
    const isTrue = changes === copiedAt;
    const { top } = await words.beginning(text, limit);
    return { found: isTrue || top.length >= limit ? top : await words.beginningInIndex(text, limit), isTrue };
  };

  const suggest = async (parsed: ParsedQuery, limit: number): Promise<readonly SearchSuggestion[]> => {
    const last = parsed.wanted.at(-1);
    const typed = last?.words.at(-1);
    const place = last?.places.at(-1);
    if (last === undefined || typed === undefined || place === undefined || !last.prefix || last.column !== null)
      return [];
    const isAlone = parsed.wanted.length === 1 && last.words.length === 1 && parsed.unwanted.length === 0;
    const { found, isTrue } = await beginning(foldLetters(typed), isAlone ? limit : Math.max(limit, triedWords));
    const suggestion = ({ term, models }: Word): SearchSuggestion => ({
      text: parsed.text.slice(0, place) + term + parsed.text.slice(place + typed.length),
      word: term,
      models,
    });
    // A copy that is behind may have words that have gone.
    if ((isAlone && isTrue) || found.length === 0) return found.map(suggestion);
    const others = parsed.wanted.slice(0, -1);
    const matches = found.map(({ term }) => {
      const ended = quoted([...last.words.slice(0, -1), term].join(' '));
      const before = others.length === 0 ? '' : `${wantedExpression(others, parsed.unwanted)} AND `;
      return [term, `${before}${ended}`];
    });
    // In the order of `matches`, so that the most used words are tried first and the rest is left when there are enough.
    const rows = await foundTogether.all({ matches: JSON.stringify(matches), limit });
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
      () => suggest(parsed, limit),
    );
  };
}
