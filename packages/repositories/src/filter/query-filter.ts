// What the operators `tag:` and `format:` of a query ask for, on top of the filter that is given with it.
import { modelFormats } from '@cc/schema';
import { asksForSome, type QueryFilter } from '../text/parse-query.js';
import type { CheckedFilter } from './model-filter.js';

/** Returns the filter with what the operators of the query ask for on top. */
export function narrowedFilter(filter: CheckedFilter, asked: QueryFilter): CheckedFilter {
  const { tagsAll, tagsNone, formats } = asked;
  if (!asksForSome(asked)) return filter;
  const both = (given: unknown, more: readonly string[]): readonly string[] =>
    [...new Set([...(Array.isArray(given) ? given.map(String) : []), ...more])].sort();
  const given = filter.formats;
  return {
    ...filter,
    ...(tagsAll.length > 0 && { tagsAll: both(filter.tagsAll, tagsAll) }),
    ...(tagsNone.length > 0 && { tagsNone: both(filter.tagsNone, tagsNone) }),
    ...(formats !== null && {
      formats: modelFormats
        .filter((format) => formats.includes(format) && (!Array.isArray(given) || given.includes(format)))
        .sort(),
    }),
  };
}
