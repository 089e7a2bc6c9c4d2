// The search repository, put together from the file of each task. searchModels: the query is parsed (../text) and
// planned (search-plan.ts, narrowing.ts), the newest matches are read (candidates.ts), scored and paged (scoring.ts,
// ranked-page.ts), then read whole and highlighted. Without words browse.ts lists what passes; when nothing matches,
// near and fewer words are tried. tag-search.ts: by tags; saved-searches.ts: under a name.
import type { ModelFormat } from '@cc/schema';
import { refuseUnknownKeys } from '../checks.js';
import type { ModelFilter } from '../contract/filter.js';
import type { PageOptions } from '../contract/page.js';
import type { SearchRepository } from '../contract/search.js';
import { checkFilter } from '../filter/model-filter.js';
import { createIndexCare } from '../upkeep/index-care.js';
import type { NewWords } from '../words/new-words.js';
import { createSuggestions } from '../words/suggestions.js';
import { createWordRefresh } from '../words/word-refresh.js';
import { createWords } from '../words/words.js';
import { createCandidates } from './candidates.js';
import { createSavedSearches } from './saved-searches.js';
import { createSearchModels, type SearchParts } from './search-models.js';
import { createTagSearch } from './tag-search.js';

/** What the search repository shares with the others. */
export interface SharedParts extends Pick<SearchParts, 'context' | 'bindFilter' | 'listing'> {
  readonly newWords: NewWords;
}

/** Returns the search repository over the shared context. */
export function createSearchRepository({ newWords, ...shared }: SharedParts): Omit<SearchRepository, 'tag' | 'untag'> {
  const { context, listing } = shared;
  const words = createWords(context);
  const refresh = createWordRefresh(context, words, newWords);
  const parts = { ...shared, words, candidates: createCandidates(context) };
  const searchModels = createSearchModels(parts);
  const newest = (filter: ModelFilter, { limit, after }: PageOptions) =>
    listing.page({ filter: checkFilter(filter) }, undefined, { limit, after });

  return {
    searchModels,
    getSearchSuggestions: createSuggestions(context, words),
    searchByTags: createTagSearch(parts),
    async searchByDateRange(range, options = {}) {
      refuseUnknownKeys('range', range, ['from', 'to']);
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ createdFrom: range.from, createdTo: range.to }, options);
    },
    async searchByFileType(formats, options = {}) {
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ formats: asList(formats) }, options);
    },
    ...createSavedSearches(context, searchModels),
    refreshWords: () => refresh.run(),
    ...createIndexCare(context, words, refresh),
  };
}

function asList(formats: ModelFormat | readonly ModelFormat[]): readonly ModelFormat[] {
  return typeof formats === 'string' ? [formats] : formats;
}
