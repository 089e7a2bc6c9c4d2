// Ranked full-text search. Up to a limit all hits are ranked by bm25 with field weights; beyond it only the newest ones
// and those that names bring in, so that a search costs the same in a library of ten thousand models and of a million.
// The SQL is in ranking.ts.
import type { Context } from '../context.js';
import { decodeCursor, encodeCursor, queryHash } from '../cursor.js';
import { refuseUnknownKeys, wholeNumber } from '../known-keys.js';
import type { FilterBinder } from '../models/bind-filter.js';
import type { Listing } from '../models/listing.js';
import { type CheckedFilter, checkFilter } from '../models/model-filter.js';
import { modelCellCount, toModel } from '../models/model-row.js';
import { createHighlighter } from './highlight.js';
import { type ParsedQuery, parseQuery } from './parse-query.js';
import { createRanking, rankedHits, type Tier } from './ranking.js';
import type { SearchOptions, SearchPage, SearchRepository } from './search-repository.js';

/** What a search does when it is not told otherwise. */
export const searchDefaults = Object.freeze({ limit: 20, highlight: false });

/** Returns `searchModels`. */
export function createSearchModels(
  context: Context,
  bindFilter: FilterBinder,
  listing: Listing,
): SearchRepository['searchModels'] {
  const ranking = createRanking(context);
  const highlight = createHighlighter(context);

  const browse = async (filter: CheckedFilter, parsed: ParsedQuery, request: PageRequest): Promise<SearchPage> => {
    const query = { filter, text: parsed };
    const page = await listing.page(query, undefined, request);
    const counted = await listing.count(query, rankedHits + 1);
    return {
      hits: page.items.map((model) => ({ model, score: null, highlight: null })),
      total: Math.min(counted, rankedHits),
      totalIsExact: counted <= rankedHits,
      next: page.next,
      ranking: 'exact',
    };
  };

  const rank = async (filter: CheckedFilter, parsed: ParsedQuery, request: PageRequest): Promise<SearchPage> => {
    const hash = () => queryHash({ filter, match: parsed.match });
    const [score = null, seq = null, totalBefore = null] =
      request.after === null ? [] : decodeCursor(request.after, hash(), ['number', 'number', 'number']);
    const bound = await bindFilter(filter, { probing: true });
    if (bound === null) return nothingFound;

    const { match, nameMatch, wholeName } = parsed;
    const after = score === null ? null : { score, seq };
    const ranked = (tier: Tier) =>
      ranking.page(bound, tier, { match, nameMatch, wholeName, after, limit: request.limit + 1 });
    let counted = Number(totalBefore ?? 0);
    let rows = await ranked(counted > rankedHits ? 'tiered' : 'all');
    if (totalBefore === null) {
      counted = Number(rows[0]?.[modelCellCount + 2] ?? 0);
      if (counted > rankedHits) rows = await ranked('tiered');
    }
    const totalIsExact = counted <= rankedHits;
    const page = rows.slice(0, request.limit).map((cells) => ({
      model: toModel(cells),
      seq: Number(cells[modelCellCount]),
      score: Number(cells[modelCellCount + 1]),
    }));
    const last = page.at(-1);
    const more = rows.length > request.limit && last !== undefined;
    const highlights = request.highlight && match !== null ? await highlight(match, page) : undefined;
    return {
      hits: page.map((hit) => ({ model: hit.model, score: hit.score, highlight: highlights?.get(hit.seq) ?? null })),
      total: Math.min(counted, rankedHits),
      totalIsExact,
      next: more ? encodeCursor(hash(), [last.score, last.seq, counted]) : null,
      ranking: totalIsExact ? 'exact' : 'bounded',
    };
  };

  return async (query, filters, options = {}) => {
    const request = checkOptions(options);
    const parsed = parseQuery(query);
    const filter = checkFilter(filters);
    if (parsed.kind === 'nothing') return nothingFound;
    return context.cachedPages.load(JSON.stringify([query, filter, request]), () =>
      parsed.match === null ? browse(filter, parsed, request) : rank(filter, parsed, request),
    );
  };
}

/** Options after their checks. */
interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
  readonly highlight: boolean;
}

const nothingFound: SearchPage = Object.freeze({
  hits: Object.freeze([]),
  total: 0,
  totalIsExact: true,
  next: null,
  ranking: 'exact',
});

function checkOptions(options: SearchOptions): PageRequest {
  refuseUnknownKeys('options', options, ['limit', 'after', 'highlight']);
  return {
    limit: wholeNumber('limit', options.limit ?? searchDefaults.limit, 1, 100),
    after: options.after ?? null,
    highlight: options.highlight ?? searchDefaults.highlight,
  };
}
