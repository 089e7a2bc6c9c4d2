// Searches without words: what passes the filters, newest first, with its number and facets.
import { models, tags } from '@cc/schema';
import { and, asc, desc, gt, gte, lt, or, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import type { SearchFacets, SearchPage } from '../contract/search.js';
import type { BoundFilter, FilterBinder } from '../filter/bind-filter.js';
import type { CheckedFilter } from '../filter/model-filter.js';
import { narrowedFilter } from '../filter/query-filter.js';
import type { Listing } from '../listing/listing.js';
import { valueCountsNow } from '../rows/model-counts.js';
import { byShape, type Statement } from '../statement.js';
import type { ParsedQuery } from '../text/parse-query.js';
import { countedTimes, type FacetSource, facetsOf, facetsShown, yearsOf } from './facets.js';
import type { PageRequest } from './page-request.js';
import { countedHits } from './ranked-page.js';

/** Returns a page of the models that pass a filter and the operators and exclusions of a query. */
export type Browse = (filter: CheckedFilter, parsed: ParsedQuery, request: PageRequest) => Promise<SearchPage>;

/** Returns `browse`. */
export function createBrowse({ db }: Context, bindFilter: FilterBinder, listing: Listing): Browse {
  const newest = byShape<Statement<FacetSource[], unknown, unknown>>();
  const prepareNewest = (bound: BoundFilter) =>
    db
      .select({
        tagsText: models.tagsText,
        format: models.format,
        license: models.license,
        createdAt: sql<number>`${models.createdAt}`,
      })
      .from(models)
      .where(and(...bound.conditions))
      .orderBy(desc(models.createdAt), desc(models.seq))
      .limit(countedHits + 1)
      .prepare();
  const counted = db
    .select({ kind: sql<string>`kind`, value: sql<string>`value`, models: sql<number>`sum(models)` })
    .from(sql`(${valueCountsNow})`)
    .groupBy(sql`1`, sql`2`)
    .having(sql`sum(models) > 0`)
    .orderBy(sql`3 desc`, sql`2`)
    .prepare();
  const withoutYear = db
    .select({ createdAt: sql<number>`${models.createdAt}` })
    .from(models)
    .where(
      or(
        lt(models.createdAt, sql.raw(String(countedTimes.from))),
        gte(models.createdAt, sql.raw(String(countedTimes.to))),
      ),
    )
    .prepare();
  const mostUsed = db
    .select({ value: tags.name, models: tags.modelCount })
    .from(tags)
    .where(gt(tags.modelCount, 0))
    .orderBy(desc(tags.modelCount), asc(tags.key))
    .limit(facetsShown)
    .prepare();

  /** Of the whole library: counters. */
  const allFacets = async (): Promise<SearchFacets> => {
    const [counts, tagCounts] = await Promise.all([counted.all(), mostUsed.all()]);
    const of = (kind: string) =>
      counts.filter((row) => row.kind === kind).map(({ value, models: n }) => ({ value, models: n }));
    const formats = of('format');
    const all = formats.reduce((sum, { models: n }) => sum + n, 0);
    const years = of('year');
    const withYear = years.reduce((sum, { models: n }) => sum + n, 0);
    // Hardly ever: an index has them.
    const others = withYear === all ? [] : await withoutYear.all();
    return {
      formats,
      tags: tagCounts,
      years: yearsOf(
        years,
        others.map(({ createdAt }) => createdAt),
      ),
      licenses: of('license').slice(0, facetsShown),
      models: all,
      exact: true,
    };
  };
  const facets = async (filter: CheckedFilter, exclude: string | null): Promise<SearchFacets> => {
    if (Object.keys(filter).length === 0 && exclude === null) return allFacets();
    const bound = await bindFilter(filter, { exclude });
    if (bound === null) return facetsOf([], true);
    const found = await newest(bound.shape, () => prepareNewest(bound)).all(bound.values);
    return facetsOf(found.slice(0, countedHits), found.length <= countedHits);
  };

  return async (filter, parsed, request) => {
    const narrowed = narrowedFilter(filter, parsed.filter);
    const query = { filter: narrowed, text: parsed };
    const [page, total, shown] = await Promise.all([
      listing.readPage(query, undefined, request),
      listing.count(query, countedHits + 1),
      request.facets && request.after === null ? facets(narrowed, parsed.exclude) : null,
    ]);
    return {
      hits: page.items.map((model) => ({ model, score: null, highlight: null })),
      total: Math.min(total, countedHits),
      totalIsExact: total <= countedHits,
      next: page.next,
      ranking: 'exact',
      corrected: null,
      matching: 'all',
      facets: shown,
    };
  };
}
