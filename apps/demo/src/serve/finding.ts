// Finding: pages of models by words, filters and order, suggestions, saved searches, and the library as a whole.
// Words without an order of their own are ranked (`searchModels`); everything else is listed (`search`).
import type { MetadataCriteria, MetadataCriterion, ModelFilter, ModelSort, SearchPage } from '@cc/repositories';
import type { Library } from '../library.js';
import { parseCondition } from '../meta-condition.js';
import { type CountQuery, filterQuery, type ModelsPage, type ModelsQuery, type SavedSearch } from './contract.js';
import { cardsOf, cardsOfHits } from './model-card.js';
import { asked, notFound, Refused, topic } from './problem.js';
import { countModels, deleteSearch, listModels, listSearches, saveSearch, suggest, summary } from './routes.js';
import type { Serving } from './serving.js';

/** The routes of finding. */
export function findingRoutes({ library, folders }: Serving) {
  const { transactions } = library;
  const { models, tags, search } = library.repositories;
  return topic()
    .openapi(summary, async (c) =>
      c.json(
        {
          models: await models.count(),
          unparsed: await models.count({ parseStatuses: ['unparsed'] }),
          missing: await models.count({ statuses: ['missing'] }),
          favorites: await models.count({ favorite: true }),
          tags: [...(await tags.listTags({ limit: 100 }))],
          status: library.health.getCurrentHealthStatus().status,
          uploads: folders.uploads !== null,
        },
        200,
      ),
    )
    .openapi(listModels, async (c) => c.json(await pageOf(library, c.req.valid('query')), 200))
    .openapi(countModels, async (c) => {
      const { q = '', meta, metadata, ...filter } = c.req.valid('query');
      const criteria = { ...filter, text: wordsOf(q), metadata: criteriaOf({ meta, metadata }) };
      const count = () => models.count(criteria);
      // By conditions that no index serves each model is read: the server answers others meanwhile.
      const beside = () => transactions.offload(count, { timeoutMs: Infinity, signal: c.req.raw.signal });
      return c.json({ models: await asked(transactions.capabilities.offload ? beside : count) }, 200);
    })
    .openapi(suggest, async (c) =>
      c.json({ items: [...(await search.getSearchSuggestions(c.req.valid('query').q))] }, 200),
    )
    .openapi(listSearches, async (c) =>
      c.json({ items: (await search.getSavedSearches()).map((saved) => savedSearchOf(saved)) }, 200),
    )
    .openapi(saveSearch, async (c) => {
      const { name } = c.req.valid('param');
      const { q, filter } = parseAddress(c.req.valid('json').query);
      return c.json(savedSearchOf(await asked(() => search.saveSearch(name, q, filter))), 200);
    })
    .openapi(deleteSearch, async (c) => {
      if (!(await asked(() => search.deleteSavedSearch(c.req.valid('param').name)))) throw notFound('The saved search');
      return c.body(null, 204);
    });
}

/** A page of models. */
async function pageOf(library: Library, query: ModelsQuery): Promise<ModelsPage> {
  const { q = '', meta, metadata: json, sort = 'relevance', direction, after, limit = 50, facets, ...filter } = query;
  const metadata = criteriaOf({ meta, metadata: json });
  if (metadata === undefined && sort === 'relevance') {
    if (direction !== undefined) throw new Refused(400, 'INVALID', 'The best hit is always first: give a `sort` too.');
    return await ranked(library, { q, filter, after, limit, facets });
  }
  return await listed(library, {
    ...{ q, filter, after, limit, facets, metadata },
    sort: sort === 'relevance' ? undefined : { by: sort, direction },
  });
}

interface Asked {
  readonly q: string;
  readonly filter: ModelFilter;
  readonly after: string | undefined;
  readonly limit: number;
  readonly facets: boolean | undefined;
}

async function ranked(library: Library, { q, filter, after, limit, facets }: Asked): Promise<ModelsPage> {
  const { search } = library.repositories;
  const found = await asked(() => search.searchModels(q, filter, { limit, after, facets, highlight: true }));
  return {
    items: await cardsOfHits(library, found.hits),
    next: found.next,
    total: after === undefined ? await totalOf(library, { q, filter }, found) : null,
    facets: facetsOf(found),
    corrected: found.corrected,
    matching: found.matching,
  };
}

/** Searches count up to 500; the whole library is counted already. */
async function totalOf(
  { repositories: { models } }: Library,
  { q, filter }: Pick<Asked, 'q' | 'filter'>,
  found: SearchPage,
): Promise<NonNullable<ModelsPage['total']>> {
  const isAll = q.trim() === '' && Object.keys(filter).length === 0;
  return isAll ? { models: await models.count(), exact: true } : { models: found.total, exact: found.totalIsExact };
}

interface Listed extends Asked {
  readonly sort: ModelSort | undefined;
  readonly metadata: MetadataCriteria | undefined;
}

async function listed(
  library: Library,
  { q, filter, after, limit, facets, sort, metadata }: Listed,
): Promise<ModelsPage> {
  const { search, models } = library.repositories;
  const page = await asked(() => models.search({ ...filter, text: wordsOf(q), metadata }, { sort, limit, after }));
  // Those of the same words and filters: metadata does not narrow them, and then they would be wrong.
  const isFirst = after === undefined && metadata === undefined;
  const found = isFirst ? await asked(() => search.searchModels(q, filter, { limit: 1, facets })) : null;
  // A list has what was asked for and nothing near it.
  const isNear = found !== null && (found.corrected !== null || found.matching === 'some');
  return {
    items: await cardsOf(library, page.items),
    next: page.next,
    total: found === null ? null : isNear ? { models: 0, exact: true } : await totalOf(library, { q, filter }, found),
    facets: found === null || isNear ? null : facetsOf(found),
    corrected: null,
    matching: 'all',
  };
}

function wordsOf(q: string): string | undefined {
  return q.trim() === '' ? undefined : q;
}

function facetsOf({ facets }: SearchPage): ModelsPage['facets'] {
  if (facets === null) return null;
  const { formats, tags, years, licenses, models, exact } = facets;
  return { formats: [...formats], tags: [...tags], years: [...years], licenses: [...licenses], models, exact };
}

/** All conditions on metadata: the repositories check what the JSON holds. */
function criteriaOf({ meta = [], metadata }: Pick<CountQuery, 'meta' | 'metadata'>): MetadataCriteria | undefined {
  const typed = meta.map((each): MetadataCriterion => {
    const condition = parseCondition(each);
    if (typeof condition === 'string') throw new Refused(400, 'INVALID', `query.meta: ${condition}`);
    return condition;
  });
  if (metadata === undefined) return typed.length === 0 ? undefined : typed;
  try {
    return [...typed, JSON.parse(metadata)];
  } catch {
    throw new Refused(400, 'INVALID', 'query.metadata: must be JSON.');
  }
}

/** What of an address of the page is kept as a search: words and filters. Order and place are not part of it. */
function parseAddress(address: string): { readonly q: string; readonly filter: ModelFilter } {
  const given = new URLSearchParams(address);
  if (given.has('meta') || given.has('metadata'))
    throw new Refused(
      400,
      'INVALID',
      'A saved search keeps words and filters, and no conditions on metadata: take those away, or it would find other models.',
    );
  const known = Object.keys(filterQuery.shape).filter((name) => given.has(name));
  const values = Object.fromEntries(known.map((name) => [name, oneOrMany(given.getAll(name))]));
  const parsed = filterQuery.safeParse(values);
  if (!parsed.success)
    throw new Refused(400, 'INVALID', `query: ${parsed.error.issues[0]?.message ?? 'is no address'}`);
  return { q: given.get('q') ?? '', filter: parsed.data };
}

function oneOrMany(values: readonly string[]): string | readonly string[] {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 ? only : values;
}

function savedSearchOf(saved: {
  readonly name: string;
  readonly query: string;
  readonly filters: ModelFilter;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}): SavedSearch {
  const address = new URLSearchParams();
  if (saved.query !== '') address.set('q', saved.query);
  for (const [name, value] of Object.entries(saved.filters)) {
    const isBox = name === 'fitsMm' && Array.isArray(value);
    for (const one of isBox ? [value.join('x')] : Array.isArray(value) ? value : [value])
      address.append(name, textOf(one));
  }
  const { name, createdAt, lastUsedAt } = saved;
  return {
    name,
    query: address.toString(),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}
