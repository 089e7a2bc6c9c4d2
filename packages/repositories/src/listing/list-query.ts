// What a listing or a count is about, and its conditions as SQL.

import type { BoundFilter, FilterBinder, FurtherConditions } from '../filter/bind-filter.js';
import type { Condition } from '../filter/metadata-criteria.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { narrowedFilter } from '../filter/query-filter.js';
import type { ParsedQuery } from '../text/parse-query.js';

/** What a listing shows: everything that narrows it, checked. */
export interface ListQuery {
  readonly filter: CheckedFilter;
  readonly text?: ParsedQuery | undefined;
  readonly metadata?: readonly Condition[] | undefined;
}

/** Returns the conditions of `query` for a use of them; null when no model can match. */
export async function bindQuery(
  bindFilter: FilterBinder,
  { filter, text, metadata }: ListQuery,
  use: NonNullable<FurtherConditions['use']>,
): Promise<BoundFilter | null> {
  if (text?.kind === 'nothing') return null;
  return bindFilter(text === undefined ? filter : narrowedFilter(filter, text.filter), {
    match: text?.match ?? null,
    exclude: text?.exclude ?? null,
    ...(metadata && { metadata }),
    use,
  });
}
