// The search repository, put together from the file of each task.
import type { ModelFormat } from '@cc/schema';
import type { Context } from '../context.js';
import { refuseUnknownKeys } from '../known-keys.js';
import type { FilterBinder } from '../models/bind-filter.js';
import type { Listing } from '../models/listing.js';
import { checkFilter, type ModelFilter } from '../models/model-filter.js';
import type { PageOptions } from '../models/model-repository.js';
import type { TagRepository } from '../tags/tag-repository.js';
import { createIndexCare } from './index-care.js';
import type { NewWords } from './new-words.js';
import { createSavedSearches } from './saved-searches.js';
import { createSearchModels } from './search-models.js';
import type { SearchRepository } from './search-repository.js';
import { createSuggestions } from './suggestions.js';
import { createTagSearch } from './tag-search.js';
import { createWordRefresh } from './word-refresh.js';
import { createWords } from './words.js';

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
