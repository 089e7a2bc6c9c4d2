// The search repository, put together from the file of each task. searchModels: the query is parsed (../text) and
// planned (search-plan.ts, narrowing.ts), the newest matches are read (candidates.ts), scored and paged (scoring.ts,
// ranked-page.ts), then read whole and highlighted. Without words browse.ts lists what passes; when nothing matches,
// near and fewer words are tried. tag-search.ts: by tags; saved-searches.ts: under a name.
import type { ModelFormat } from '@cc/schema';
import { checkObject, refuseUnknownKeys } from '../checks.js';
import type { ModelFilter } from '../contract/filter.js';
import type { PageOptions } from '../contract/page.js';
import type { SearchRepository } from '../contract/search.js';
import { checkFilter } from '../filter/model-filter.js';
import { methodsOnFirstCall, onFirstCall } from '../first-call.js';
import { createIndexCare } from '../upkeep/index-care.js';
import type { NewWords } from '../words/new-words.js';
import { createSuggestions } from '../words/suggestions.js';
import { createWordRefresh } from '../words/word-refresh.js';
import { createWords } from '../words/words.js';
import { createCandidates } from './candidates.js';
import { createNarrowing } from './narrowing.js';
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
  const words = methodsOnFirstCall(wordReads, () => createWords(context));
  const refresh = methodsOnFirstCall({ run: true, rebuild: true }, () => createWordRefresh(context, words, newWords));
  const parts = { ...shared, words, candidates: createCandidates(context) };
  const searchModels = onFirstCall(() => createSearchModels(parts));
  const saved = { saveSearch: true, getSavedSearches: true, deleteSavedSearch: true, runSavedSearch: true } as const;
  const care = { reindex: true, verifyIndex: true } as const;
  const newest = (filter: ModelFilter, { limit, after }: PageOptions) =>
    listing.page({ filter: checkFilter(filter) }, undefined, { limit, after });

  return {
    searchModels,
    getSearchSuggestions: onFirstCall(() => createSuggestions({ ...parts, narrowing: createNarrowing(context) })),
    searchByTags: onFirstCall(() => createTagSearch(parts)),
    async searchByDateRange(range, options = {}) {
      refuseUnknownKeys('range', checkObject('range', range), ['from', 'to']);
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ createdFrom: range.from, createdTo: range.to }, options);
    },
    async searchByFileType(formats, options = {}) {
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ formats: asList(formats) }, options);
    },
    ...methodsOnFirstCall(saved, () => createSavedSearches(context, searchModels)),
    refreshWords: () => refresh.run(),
    ...methodsOnFirstCall(care, () => createIndexCare(context, words, refresh)),
  };
}

const wordReads = {
  state: true,
  beginning: true,
  beginningInIndex: true,
  near: true,
  startingWith: true,
  ofLastWrites: true,
} as const;

function asList(formats: ModelFormat | readonly ModelFormat[]): readonly ModelFormat[] {
  if (typeof formats === 'string') return [formats];
  // An undefined condition of a filter does not narrow: here it is a forgotten argument.
  if (!Array.isArray(formats)) throw new TypeError('formats must be a format or a list of formats');
  return formats;
}
