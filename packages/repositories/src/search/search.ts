// The search repository, put together from the file of each task.
import type { ModelFormat } from '@cc/schema';
import { refuseUnknownKeys } from '../checks.js';
import type { Context } from '../context.js';
import type { ModelFilter } from '../contract/filter.js';
import type { PageOptions } from '../contract/page.js';
import type { SearchRepository } from '../contract/search.js';
import type { TagRepository } from '../contract/tags.js';
import type { FilterBinder } from '../filter/bind-filter.js';
import { checkFilter } from '../filter/model-filter.js';
import type { Listing } from '../listing/listing.js';
import { createIndexCare } from '../upkeep/index-care.js';
import type { NewWords } from '../words/new-words.js';
import { createSuggestions } from '../words/suggestions.js';
import { createWordRefresh } from '../words/word-refresh.js';
import { createWords } from '../words/words.js';
import { createSavedSearches } from './saved-searches.js';
import { createSearchModels } from './search-models.js';
import { createTagSearch } from './tag-search.js';

/** Returns the search repository over the shared context. */
export function createSearchRepository(
  context: Context,
  tags: TagRepository,
  listing: Listing,
  bindFilter: FilterBinder,
  newWords: NewWords,
): SearchRepository {
  const words = createWords(context);
  const refresh = createWordRefresh(context, words, newWords);
  const searchModels = createSearchModels(context, bindFilter, listing, words);
  const newest = (filter: ModelFilter, { limit, after }: PageOptions) =>
    listing.page({ filter: checkFilter(filter) }, undefined, { limit, after });

  return {
    searchModels,
    getSearchSuggestions: createSuggestions(context, words),
    searchByTags: createTagSearch(context, bindFilter, listing),
    async searchByDateRange(range, options = {}) {
      refuseUnknownKeys('range', range, ['from', 'to']);
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ createdFrom: range.from, createdTo: range.to }, options);
    },
    async searchByFileType(formats, options = {}) {
      refuseUnknownKeys('options', options, ['limit', 'after']);
      return newest({ formats: asList(formats) }, options);
    },
    ...tags,
    ...createSavedSearches(context, searchModels),
    refreshWords: () => refresh.run(),
    ...createIndexCare(context, words, refresh),
  };
}

function asList(formats: ModelFormat | readonly ModelFormat[]): readonly ModelFormat[] {
  return typeof formats === 'string' ? [formats] : formats;
}
