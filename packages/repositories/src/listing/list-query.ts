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

/** The query's filter with what the operators of its text ask for. */
export function filterOf({ filter, text }: ListQuery): CheckedFilter {
  return text === undefined ? filter : narrowedFilter(filter, text.filter);
}

/** Whether tags or collections are looked up first: then the statement that reads the models must not see later ones. */
export function isLookedUp(query: ListQuery): boolean {
  const filter = filterOf(query);
  return (['tagsAll', 'tagsAny', 'tagsNone', 'collectionsAny'] as const).some((key) => filter[key] !== undefined);
}

/** Returns the conditions of `query` for a use of them; null when no model can match. */
export async function bindQuery(
  bindFilter: FilterBinder,
  query: ListQuery,
  use: NonNullable<FurtherConditions['use']>,
): Promise<BoundFilter | null> {
  const { text, metadata } = query;
  if (text?.kind === 'nothing') return null;
  return bindFilter(filterOf(query), {
    match: text?.match ?? null,
    exclude: text?.exclude ?? null,
    ...(metadata && { metadata }),
    use,
  });
}
