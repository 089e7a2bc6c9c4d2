// Everything that is known of a key of a filter, one entry for each: what a caller may give for it, the condition on the
// row, and how it comes back from a saved search. model-filter.ts checks by it, column-conditions.ts, tag-conditions.ts and
// collection-conditions.ts ask by it; the compiler wants an entry for each key of `ModelFilter`.
import { types } from 'node:util';
import { modelFormats, modelStatuses, models, parseStatuses } from '@cc/schema';
import { type FacetToken, facetTokens } from '@cc/schema/derived';
import { parseTagName, tagKey } from '@cc/schema/validation';
import type { Column, SQL } from 'drizzle-orm';
import { isCollectionId, isStorable } from '../checks.js';
import type { ModelFilter } from '../contract/filter.js';
import { longestSide, toleranceMm, volume } from './dimensions.js';

/** A value of a checked filter. */
export type FilterValue = number | string | boolean | readonly string[] | readonly number[];

/** Returns a value in its checked form: null when it does not narrow, undefined when it is none. */
type Check = (value: unknown) => FilterValue | null | undefined;

/** How a key is asked. */
export type FilterCondition =
  /** The column has one of the values. `common` is what nearly all models have, and what its partial index leaves out. */
  | { readonly kind: 'among'; readonly column: Column; readonly common: string | null }
  /** The column has the value; `token` leads to those that begin with it, as there is no index. */
  | { readonly kind: 'equal'; readonly column: Column; readonly token: FacetToken }
  /** The column is 1 or 0; few models have 1, and a partial index has those. */
  | { readonly kind: 'flag'; readonly column: Column }
  /** The column is not null, or it is; its partial index has those that are not. */
  | { readonly kind: 'known'; readonly column: Column }
  /** Bounds of one column make one condition. */
  | { readonly kind: 'bound'; readonly column: Column; readonly comparison: '>=' | '<=' | '<' }
  /** The same for what is computed of several columns, and has no index. */
  | { readonly kind: 'measure'; readonly of: SQL; readonly comparison: '>=' | '<='; readonly tolerance: number }
  /** The sides fit into those of the value, which are in descending order. */
  | { readonly kind: 'fits' }
  /** Tags and collections are looked up first. */
  | { readonly kind: 'tags' | 'collections' };

/** One key of a filter. */
export interface FilterKey {
  readonly check: Check;
  /** What it must be, as the end of a sentence. */
  readonly expected: string;
  readonly condition: FilterCondition;
  /** Turns the JSON of a saved search into what a caller gives. Default: as it is. */
  readonly stored?: ((json: unknown) => unknown) | undefined;
  /** The words of the full-text index by which search/narrowing.ts leaves models out, if there are any. */
  readonly tokens?: keyof typeof facetTokens | undefined;
}

const number = {
  check: (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined),
  expected: 'a finite number',
};

const boolean = {
  check: (value: unknown) => (typeof value === 'boolean' ? value : undefined),
  expected: 'a boolean',
};

const text = {
  check: (value: unknown) => (typeof value === 'string' && isStorable(value) ? value : undefined),
  expected: 'a text without NUL characters and lone surrogates',
};

const time = {
  check: (value: unknown) => (types.isDate(value) && !Number.isNaN(value.getTime()) ? value.getTime() : undefined),
  expected: 'a valid Date',
  stored: (json: unknown) => (typeof json === 'string' ? new Date(json) : json),
};

/** An empty list matches nothing. */
const listOf = (what: string, allowed: readonly string[]) => ({
  check: (value: unknown) =>
    Array.isArray(value) && Array.from(value).every((item) => typeof item === 'string' && allowed.includes(item))
      ? [...new Set<string>(value)].sort()
      : undefined,
  expected: `a list of ${what} (${allowed.join(', ')})`,
});

const tagNames = (value: unknown) =>
  Array.isArray(value) ? [...new Set(Array.from(value, (name) => tagKey(parseTagName(name))))].sort() : undefined;
const anyOfTags = { check: tagNames, expected: 'a list of tag names', condition: { kind: 'tags' } } as const;
/** An empty list asks for nothing. */
const eachOfTags = {
  ...anyOfTags,
  check: (value: unknown) => {
    const keys = tagNames(value);
    return keys?.length === 0 ? null : keys;
  },
} as const;

/** A point has no box, and nothing fits in. */
const box = {
  check: (value: unknown) =>
    Array.isArray(value) && value.length === 3 && Array.from(value).every((side) => Number.isFinite(side) && side > 0)
      ? value.map(Number).sort((a, b) => b - a)
      : undefined,
  expected: 'a list of three finite numbers above 0',
  condition: { kind: 'fits' },
} as const;

const anyOfCollections = {
  check: (value: unknown) =>
    Array.isArray(value) && Array.from(value).every(isCollectionId) ? [...new Set<string>(value)].sort() : undefined,
  expected: 'a list of ids of collections',
  condition: { kind: 'collections' },
} as const;

const among = (column: Column, common: string | null = null): FilterCondition => ({ kind: 'among', column, common });
const equal = (column: Column, token: FacetToken): FilterCondition => ({ kind: 'equal', column, token });
const flag = (column: Column): FilterCondition => ({ kind: 'flag', column });
const known = (column: Column): FilterCondition => ({ kind: 'known', column });
const from = (column: Column): FilterCondition => ({ kind: 'bound', column, comparison: '>=' });
const upTo = (column: Column): FilterCondition => ({ kind: 'bound', column, comparison: '<=' });
const atLeast = (of: SQL, tolerance = 0): FilterCondition => ({ kind: 'measure', of, comparison: '>=', tolerance });
const atMost = (of: SQL, tolerance = 0): FilterCondition => ({ kind: 'measure', of, comparison: '<=', tolerance });
const before = (column: Column): FilterCondition => ({ kind: 'bound', column, comparison: '<' });

/** The keys of a filter, in the order in which a row is asked. */
export const filterKeys: Readonly<Record<keyof ModelFilter, FilterKey>> = {
  formats: { ...listOf('formats', modelFormats), condition: among(models.format), tokens: 'format' },
  statuses: { ...listOf('statuses', modelStatuses), condition: among(models.status, 'active'), tokens: 'status' },
  parseStatuses: {
    ...listOf('parse statuses', parseStatuses),
    condition: among(models.parseStatus, 'parsed'),
    tokens: 'unparsed',
  },
  author: { ...text, condition: equal(models.author, facetTokens.author), tokens: 'author' },
  license: { ...text, condition: equal(models.license, facetTokens.license), tokens: 'license' },
  favorite: { ...boolean, condition: flag(models.favorite), tokens: 'favorite' },
  printed: { ...boolean, condition: known(models.printedAt), tokens: 'printed' },
  printedFrom: { ...time, condition: from(models.printedAt), tokens: 'printed' },
  printedTo: { ...time, condition: before(models.printedAt), tokens: 'printed' },
  createdFrom: { ...time, condition: from(models.createdAt), tokens: 'month' },
  createdTo: { ...time, condition: before(models.createdAt), tokens: 'month' },
  minTriangles: { ...number, condition: from(models.triangles), tokens: 'triangles' },
  maxTriangles: { ...number, condition: upTo(models.triangles), tokens: 'triangles' },
  minFileSize: { ...number, condition: from(models.fileSize), tokens: 'size' },
  maxFileSize: { ...number, condition: upTo(models.fileSize), tokens: 'size' },
  minRating: { ...number, condition: from(models.rating), tokens: 'rating' },
  maxRating: { ...number, condition: upTo(models.rating), tokens: 'rating' },
  fitsMm: box,
  minSizeMm: { ...number, condition: atLeast(longestSide, toleranceMm) },
  maxSizeMm: { ...number, condition: atMost(longestSide, toleranceMm) },
  minVolumeMm3: { ...number, condition: atLeast(volume) },
  maxVolumeMm3: { ...number, condition: atMost(volume) },
  collectionsAny: anyOfCollections,
  tagsAll: eachOfTags,
  tagsAny: anyOfTags,
  tagsNone: eachOfTags,
};

/** The names of the keys. */
export const filterKeyNames = Object.keys(filterKeys) as readonly (keyof ModelFilter)[];
