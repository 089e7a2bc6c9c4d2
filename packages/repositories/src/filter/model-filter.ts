// What narrows a listing, a count or a search: the filter object, checked and brought into one form.
// bind-filter.ts turns that form into SQL.
import { modelFormats, modelStatuses, parseStatuses } from '@cc/schema';
import { parseTagName, tagKey } from '@cc/schema/validation';
import { isStorable, refuseUnknownKeys } from '../checks.js';
import type { ModelFilter } from '../contract/filter.js';

/** A filter after its checks: keys present only where they narrow, tags as keys, times as epoch milliseconds. */
export type CheckedFilter = Readonly<Record<string, FilterValue>>;

/** A value of a checked filter. */
export type FilterValue = number | string | boolean | readonly string[];

/** Returns `filter` in its checked form. @throws TypeError that names the wrong or unknown condition */
export function checkFilter(filter: ModelFilter | undefined): CheckedFilter {
  if (filter === undefined) return noFilter;
  refuseUnknownKeys('filter', filter, filterKeys);
  const checked: Record<string, FilterValue> = {};
  for (const key of filterKeys) {
    const value = filter[key];
    if (value === undefined) continue;
    const result = checks[key](value);
    if (result === undefined) throw new TypeError(`filter.${key} must be ${expected[key]}`);
    // An empty list of tags asks for nothing, so it does not narrow; any other empty list matches nothing.
    if (Array.isArray(result) && result.length === 0 && (key === 'tagsAll' || key === 'tagsNone')) continue;
    checked[key] = result;
  }
  return checked;
}

const noFilter: CheckedFilter = Object.freeze({});

type Check = (value: unknown) => FilterValue | undefined;

const oneOf =
  (allowed: readonly string[]): Check =>
  (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && allowed.includes(item))
      ? [...new Set<string>(value)].sort()
      : undefined;

const tagNames: Check = (value) =>
  Array.isArray(value) ? [...new Set(value.map((name) => tagKey(parseTagName(name))))].sort() : undefined;

const time: Check = (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : undefined);

const number: Check = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

const boolean: Check = (value) => (typeof value === 'boolean' ? value : undefined);

const text: Check = (value) => (typeof value === 'string' && isStorable(value) ? value : undefined);

const checks: Readonly<Record<keyof ModelFilter, Check>> = {
  formats: oneOf(modelFormats),
  statuses: oneOf(modelStatuses),
  parseStatuses: oneOf(parseStatuses),
  tagsAll: tagNames,
  tagsAny: tagNames,
  tagsNone: tagNames,
  createdFrom: time,
  createdTo: time,
  minTriangles: number,
  maxTriangles: number,
  minFileSize: number,
  maxFileSize: number,
  minRating: number,
  maxRating: number,
  favorite: boolean,
  author: text,
  license: text,
};

const filterKeys = Object.keys(checks) as readonly (keyof ModelFilter)[];

const expected: Readonly<Record<keyof ModelFilter, string>> = {
  formats: `a list of formats (${modelFormats.join(', ')})`,
  statuses: `a list of statuses (${modelStatuses.join(', ')})`,
  parseStatuses: `a list of parse statuses (${parseStatuses.join(', ')})`,
  tagsAll: 'a list of tag names',
  tagsAny: 'a list of tag names',
  tagsNone: 'a list of tag names',
  createdFrom: 'a valid Date',
  createdTo: 'a valid Date',
  minTriangles: 'a finite number',
  maxTriangles: 'a finite number',
  minFileSize: 'a finite number',
  maxFileSize: 'a finite number',
  minRating: 'a finite number',
  maxRating: 'a finite number',
  favorite: 'a boolean',
  author: 'a text without NUL characters and lone surrogates',
  license: 'a text without NUL characters and lone surrogates',
};
