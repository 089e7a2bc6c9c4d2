// The options of one page of a search, checked, and the page that has nothing to show.
import { checkFlag, refuseUnknownKeys, wholeNumber } from '../checks.js';
import type { SearchOptions, SearchPage } from '../contract/search.js';
import { checkAfter } from '../cursor.js';
import { facetsOf } from './facets.js';

/** What a search does when it is not told otherwise. */
export const searchDefaults = Object.freeze({ limit: 20, highlight: false, facets: false });

/** Options after their checks. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
  readonly highlight: boolean;
  readonly facets: boolean;
}

/** Returns the page without hits. */
export function nothingFound({ facets, after }: PageRequest): SearchPage {
  return {
    hits: [],
    total: 0,
    totalIsExact: true,
    next: null,
    ranking: 'exact',
    corrected: null,
    matching: 'all',
    facets: facets && after === null ? facetsOf([], true) : null,
  };
}

/** Returns the options with their defaults. @throws TypeError that names the wrong or unknown one */
export function checkOptions(options: SearchOptions): PageRequest {
  refuseUnknownKeys('options', options, ['limit', 'after', 'highlight', 'facets']);
  const { highlight = searchDefaults.highlight, facets = searchDefaults.facets } = options;
  return {
    limit: wholeNumber('limit', options.limit ?? searchDefaults.limit, 1, 100),
    after: checkAfter(options.after),
    highlight: checkFlag('highlight', highlight),
    facets: checkFlag('facets', facets),
  };
}
