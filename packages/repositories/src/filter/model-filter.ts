// The filter object, checked and brought into one form; filter-keys.ts has what is known of each key. From here it goes to
// bind-filter.ts: the conditions on columns, tags and metadata as SQL, and in front the one that leaves the fewest models.
// query-filter.ts adds what the operators of a query ask for.
import { refuseUnknownKeys } from '../checks.js';
import type { ModelFilter } from '../contract/filter.js';
import { type FilterValue, filterKeyNames, filterKeys } from './filter-keys.js';

/** A filter after its checks: keys present only where they narrow, tags as keys, times as epoch milliseconds. */
export type CheckedFilter = Readonly<Partial<Record<keyof ModelFilter, FilterValue>>>;

/** Returns `filter` in its checked form. @throws TypeError that names the wrong or unknown condition */
export function checkFilter(filter: ModelFilter | undefined): CheckedFilter {
  if (filter === undefined) return noFilter;
  refuseUnknownKeys('filter', filter, filterKeyNames);
  const checked: Partial<Record<keyof ModelFilter, FilterValue>> = {};
  for (const key of filterKeyNames) {
    const value = filter[key];
    if (value === undefined) continue;
    const { check, expected } = filterKeys[key];
    const result = check(value);
    if (result === undefined) throw new TypeError(`filter.${key} must be ${expected}`);
    if (result !== null) checked[key] = result;
  }
  return checked;
}

/** Returns the filter that was saved as JSON; its conditions are checked when it is used. */
export function storedFilter(json: object): ModelFilter {
  const filter: Record<string, unknown> = { ...json };
  for (const key of filterKeyNames) {
    const { stored } = filterKeys[key];
    if (stored !== undefined && key in filter) filter[key] = stored(filter[key]);
  }
  return filter;
}

const noFilter: CheckedFilter = Object.freeze({});
