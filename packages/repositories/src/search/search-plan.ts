// From a parsed query and a filter to what the database is asked: the FTS5 expressions and the conditions on the row.
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { narrowedFilter } from '../filter/query-filter.js';
import { wordParts } from '../text/extra-text.js';
import { type Endings, nameExpression, someExpression, wantedExpression } from '../text/match-expression.js';
import { comparable } from '../text/match-text.js';
import type { ParsedQuery } from '../text/parse-query.js';
import type { Words } from '../words/words.js';
import type { Narrowing } from './narrowing.js';

/** What one search asks for. */
export interface SearchPlan {
  readonly parsed: ParsedQuery;
  readonly bound: BoundFilter;
  /** The expression of all hits. */
  readonly match: string;
  /** The expression of hits with the words in their name; null when that cannot be. */
  readonly nameMatch: string | null;
  /** How many of the wanted terms a hit may lack; 0 = none. */
  readonly missing: number;
  /** Of an unfinished word that so many words begin with, only the most used ones are looked for. */
  readonly shortened: boolean;
}

/** Returns the plan of a query that wants words; null when no model can pass the filter. */
export type Planner = (parsed: ParsedQuery, filter: CheckedFilter, missing: number) => Promise<SearchPlan | null>;

/** Up to so many models FTS5 joins the lists of all words that begin alike; beyond, that costs more than the search. */
const joinedModels = 10_000;
const mostUsedWords = 8;
/** The most used words are enough when they make up this part of all. */
const enough = 0.95;

/** Returns what plans searches. */
export function createPlanner(
  bindFilter: FilterBinder,
  narrowingOf: Narrowing,
  words: Words,
  isLarge: () => Promise<boolean>,
): Planner {
  /** The words that an unfinished last word stands for, where FTS5 should not look for all of them itself. */
  const endingsOf = async ({ wanted }: ParsedQuery) => {
    const endings = new Map<string, readonly string[]>();
    let shortened = false;
    const last = wanted.at(-1);
    if (last === undefined || !last.prefix || last.column !== null) return { endings, shortened };
    const typed = last.words.at(-1) ?? '';
    for (const beginning of new Set([typed, wordParts(typed).at(-1) ?? typed])) {
      const { top, models, words: all } = await words.beginning(comparable(beginning), mostUsedWords);
      if (models <= joinedModels) continue;
      let covered = 0;
      const used = top.filter((word) => {
        const wanted = covered < enough * models;
        covered += word.models;
        return wanted;
      });
      endings.set(
        beginning,
        used.map(({ term }) => term),
      );
      if (all > used.length) shortened = true;
    }
    return { endings, shortened };
  };

  return async (parsed, filter, missing) => {
    const narrowed = narrowedFilter(filter, parsed.filter);
    const [bound, large] = await Promise.all([bindFilter(narrowed, { probing: true }), isLarge()]);
    if (bound === null) return null;
    const [found, narrowing] = large
      ? await Promise.all([missing === 0 ? endingsOf(parsed) : null, narrowingOf(narrowed)])
      : [null, []];
    const endings: Endings = (beginning) => found?.endings.get(beginning) ?? null;
    const { wanted, unwanted } = parsed;
    const all = missing === 0 ? wantedExpression(wanted, unwanted, endings) : someExpression(wanted, unwanted, missing);
    const alsoHas = narrowing.map((each) => ` AND ${each}`).join('');
    const name = missing === 0 ? nameExpression(wanted, unwanted, endings) : null;
    return {
      parsed,
      bound,
      match: alsoHas === '' ? all : `(${all})${alsoHas}`,
      nameMatch: name === null ? null : alsoHas === '' ? name : `(${name})${alsoHas}`,
      missing,
      shortened: found?.shortened ?? false,
    };
  };
}
