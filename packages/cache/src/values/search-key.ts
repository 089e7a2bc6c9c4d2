// The text that identifies a search: equal for equal searches, different for different ones.
import type { SearchFilters } from '../contract/cache.js';
import { canonical } from './canonical.js';

/** Returns the cache key of a search. @throws TypeError for filters that are not plain data */
export function searchKey(query: string, filters: SearchFilters = {}): string {
  if (typeof query !== 'string') throw new TypeError('The query of a search must be a text');
  // The leading digit is the version of this form; white space stays, because it may mean something to the search.
  return `1${JSON.stringify(query)}${canonical(filters, 'The filters of a search')}`;
}
