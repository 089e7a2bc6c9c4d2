// Every read of the repositories, with arguments under which the writes of the tests here change the answer.
import type { ModelId } from '@cc/schema';
import type { Repositories } from '../../src/index.js';

/** What can be asked about. */
export interface Subjects {
  /** Ids of models, also of some that are not there. */
  readonly models: readonly ModelId[];
  readonly collections: readonly string[];
}

/** One read: what it is called, and its answer. */
export type Read = readonly [name: string, ask: (repositories: Repositories) => Promise<unknown>];

/** Returns the reads. Maps and records come as lists of their entries, so that their order is compared as well. */
export function readsOf({ models: ids, collections }: Subjects): readonly Read[] {
  const some = ids.slice(0, 12);
  return [
    ...some.flatMap((id): Read[] => [
      [`models.read ${id}`, ({ models }) => models.read(id)],
      [`models.exists ${id}`, ({ models }) => models.exists(id)],
      [`metadata.getMetadata ${id}`, async ({ metadata }) => Object.entries(await metadata.getMetadata(id))],
      [`tags.getTags ${id}`, ({ tags }) => tags.getTags(id)],
      [`collections.collectionsOf ${id}`, (all) => all.collections.collectionsOf(id)],
    ]),
    ...some
      .slice(0, 4)
      .flatMap((id) =>
        ['key1', 'key2', '__proto__', 'toString'].map(
          (key): Read => [`metadata.getMetadataValue ${id} ${key}`, (all) => all.metadata.getMetadataValue(id, key)],
        ),
      ),
    ['models.readMany', async ({ models }) => [...(await models.readMany(ids))]],
    ['metadata.getMany', async ({ metadata }) => entries(await metadata.getMany(ids))],
    ['tags.getTagsOfMany', async ({ tags }) => [...(await tags.getTagsOfMany(ids))]],
    ['metadata.getMetadataKeys', ({ metadata }) => metadata.getMetadataKeys()],
    ['metadata.searchByMetadata', (all) => all.metadata.searchByMetadata({ key: 'key1', op: 'exists' })],
    ['models.count', ({ models }) => models.count()],
    ['models.count format', ({ models }) => models.count({ formats: ['stl'] })],
    ['models.count tag', ({ models }) => models.count({ tagsAll: ['gear 1'] })],
    ['models.count no tag', ({ models }) => models.count({ tagsNone: ['gear 1', 'many'] })],
    ['models.list', ({ models }) => models.list()],
    ...collections.map(
      (id): Read => [`models.list collection ${id}`, (all) => all.models.list({ filter: { collectionsAny: [id] } })],
    ),
    ...collections
      .slice(0, 2)
      .map(
        (id): Read => [`search collection ${id}`, (all) => all.search.searchModels('gear', { collectionsAny: [id] })],
      ),
    ['models.count text', ({ models }) => models.count({ text: 'gear', metadata: { key: 'key2', op: 'exists' } })],
    ['models.list by name', ({ models }) => models.list({ sort: { by: 'name' }, limit: 3 })],
    ['models.list second page', (all) => secondPage((options) => all.models.list({ ...options, limit: 4 }))],
    ['models.list tag', ({ models }) => models.list({ filter: { tagsAny: ['gear 1', 'M3x12 2', 'many'] } })],
    ['models.search', ({ models }) => models.search({ text: 'gear', metadata: { key: 'key2', op: '>=', value: 0 } })],
    ['models.search text', ({ models }) => models.search({ text: 'bolt -many' })],
    ['models.findDuplicates', ({ models }) => models.findDuplicates()],
    ['models.findByHash', ({ models }) => models.findByHash('hash 1')],
    ['models.readByPath', ({ models }) => models.readByPath('/fixed/3')],
    ...['', 'gear', 'bolt', 'x12', 'tag:"gear 1"', 'gaer', 'hexbotl many', 'renamed -gear', 'kept many third'].flatMap(
      (query): Read[] => [
        [`search '${query}'`, ({ search }) => search.searchModels(query, {}, { facets: true, highlight: true })],
        [`search '${query}' stl`, ({ search }) => search.searchModels(query, { formats: ['stl'] })],
      ],
    ),
    ['search second page', (all) => secondPage((options) => all.search.searchModels('', {}, { ...options, limit: 3 }))],
    ['search.searchByTags', ({ search }) => search.searchByTags(['gear 1', 'many'], { mode: 'any' })],
    ['search.searchByFileType', ({ search }) => search.searchByFileType('stl')],
    ['search.searchByDateRange', ({ search }) => search.searchByDateRange({ from: new Date(0) })],
    ...['g', 'he', 'm', 'gear m', 'ren'].map(
      (query): Read => [`suggestions '${query}'`, ({ search }) => search.getSearchSuggestions(query)],
    ),
    ['search.getSavedSearches', ({ search }) => search.getSavedSearches()],
    ['tags.listTags', ({ tags }) => tags.listTags()],
    ['tags.listTags prefix', ({ tags }) => tags.listTags({ prefix: 'g', limit: 3 })],
    ['collections.list', (all) => all.collections.list()],
    ...collections.flatMap((id): Read[] => [
      [`collections.read ${id}`, (all) => all.collections.read(id)],
      [`collections.list ${id}`, (all) => all.collections.list(id)],
      [`collections.pathOf ${id}`, (all) => all.collections.pathOf(id)],
      [`collections.modelsOf ${id}`, (all) => all.collections.modelsOf(id)],
      [`collections.modelsOf nested ${id}`, (all) => all.collections.modelsOf(id, { nested: true, limit: 3 })],
    ]),
  ];
}

function entries(records: ReadonlyMap<string, object>): unknown {
  return [...records].map(([id, record]) => [id, Object.entries(record)]);
}

async function secondPage<P extends { readonly next: string | null }>(
  page: (options: { readonly after: string | null }) => Promise<P>,
): Promise<readonly P[]> {
  const first = await page({ after: null });
  return first.next === null ? [first] : [first, await page({ after: first.next })];
}
