// Calls of every method, with every kind of filter, sort and criterion, on a library that is not small: for
// query-plans.test.ts, which explains the statements of these calls.
import type { ModelId } from '@cc/schema';
import type { MetadataCriteria, ModelFilter, ModelSort, Repositories } from '../src/index.js';
import { modelInput } from './model-input.js';

/** Calls every method of `repositories` that is not called by the contract suites, and those that filters decide much in. */
export async function callEverything(repositories: Repositories): Promise<void> {
  const { models, metadata, search, tags } = repositories;
  // More than a filter may leave for its own table to be read first, so that both ways into the models are seen.
  const many = Array.from({ length: 5_100 }, (_, i) => ({
    model: modelInput(`gear ${i}`, { triangles: i, rating: i % 6, author: 'Many', license: 'CC0' }),
    metadata: { material: 'PLA', layer: i, list: [i] },
    tags: ['common'],
  }));
  await models.createMany(many, { batchSize: 10_000 });
  const ids: ModelId[] = [];
  for (let i = 0; i < 30; i += 1) {
    ids.push(
      await models.create(modelInput(`gear wheel ${i}`, { fileHash: `hash ${i % 10}`, rating: i % 6 }), {
        onDuplicateHash: 'allow',
      }),
    );
  }
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error('no models');
  await models.create(modelInput('x', { fileHash: 'hash 0' }), { onDuplicateHash: 'skip' });
  await models.createMany([{ model: modelInput('many'), metadata: { a: 1 }, tags: ['red'] }], { onConflict: 'skip' });
  await models.createMany([{ model: modelInput('more') }], { onDuplicateHash: 'allow' });
  await models.upsertByPath(modelInput('up'));
  await models.update(first, { name: 'pinion', rating: 3 });
  await models.update(first, { rating: 4 }, { ifVersion: 2 });
  await models.read(first);
  await models.readMany(ids);
  await models.readByPath('/x');
  await models.findByHash('hash 1');
  await models.exists(first);
  await models.findDuplicates({ limit: 3 });
  let listed = 0;
  for await (const _ of models.listAll({ batchSize: 1_000 })) listed += 1;
  if (listed < many.length) throw new Error('listAll has left models out');

  await metadata.addMetadata(first, { material: 'PLA', layer: 0.2 });
  await metadata.updateMetadata(second, { material: 'ABS', printed: true, nothing: null, list: [1] });
  await metadata.setMetadataValue(second, 'layer', 0.1);
  await metadata.getMetadata(first);
  await metadata.getMany(ids);
  await metadata.getMetadataValue(first, 'layer');
  await metadata.getMetadataKeys();
  await metadata.deleteMetadata(first, 'layer');
  await metadata.deleteMetadata(first);

  await tags.tag(first, 'red');
  await tags.tag(second, 'blue');
  await tags.tag(second, 'big');
  await tags.untag(second, 'big');
  await tags.getTags(first);
  await tags.listTags();
  await tags.listTags({ prefix: 'r' });
  await tags.renameTag('blue', 'azure');
  await tags.mergeTags(['azure'], 'red');
  await tags.tag(second, 'gone');
  await tags.deleteTag('gone');

  await search.tag(second, 'both doors');
  await search.untag(second, 'both doors');
  await search.searchModels('gear');
  await search.searchModels('gear wheel', { formats: ['stl'], tagsAll: ['red'] }, { highlight: true });
  await search.searchModels('');
  await search.searchModels('-gear');
  await search.searchByTags(['red']);
  await search.searchByDateRange({ from: new Date(0) });
  await search.searchByFileType('stl');
  await search.saveSearch('one', 'gear');
  await search.getSavedSearches();
  await search.runSavedSearch('one');
  await search.deleteSavedSearch('one');

  for (const filter of filters) {
    for (const sort of sorts) {
      const page = await models.list({ filter, sort, limit: 5 });
      if (page.next !== null) await models.list({ filter, sort, limit: 5, after: page.next });
    }
    await search.searchModels('gear', filter);
    await models.count(filter);
  }
  for (const criteria of criteriaOfEachKind) {
    await metadata.searchByMetadata(criteria);
    await models.search({ metadata: criteria, text: 'gear -wheel', formats: ['stl'] });
  }
  await callCollections(repositories, ids);
  await callSearchCare(repositories);
  await models.delete(first);
}

async function callCollections({ collections, models, search }: Repositories, ids: readonly ModelId[]): Promise<void> {
  const top = await collections.create({ name: 'top' });
  const inner = await collections.create({ name: 'inner', parentId: top });
  await collections.read(inner);
  await collections.update(inner, { name: 'within', description: 'text' });
  await collections.update(inner, { parentId: null });
  await collections.update(inner, { parentId: top });
  await collections.list();
  await collections.list(top);
  await collections.pathOf(inner);
  await collections.addModels(inner, ids);
  await collections.addModels(top, ids.slice(0, 3));
  await collections.removeModels(top, ids.slice(0, 1));
  const [first] = ids;
  if (first !== undefined) await collections.collectionsOf(first);
  for (const nested of [false, true]) {
    const page = await collections.modelsOf(top, { nested, limit: 2 });
    if (page.next !== null) await collections.modelsOf(top, { nested, limit: 2, after: page.next });
  }
  // With more places than a set is made of.
  const full = await collections.create({ name: 'full' });
  const every: ModelId[] = [];
  for await (const { id } of models.listAll()) every.push(id);
  await collections.addModels(full, every);
  const half = await collections.create({ name: 'half' });
  await collections.addModels(half, every);
  for (const collectionsAny of [[top], [full], [full, half]]) {
    for (const sort of sorts) await models.list({ filter: { collectionsAny }, sort, limit: 5 });
    await models.count({ collectionsAny });
    await search.searchModels('gear', { collectionsAny }, { facets: true });
    await search.searchModels('', { collectionsAny }, { facets: true });
  }
  for (const id of [top, full, half]) await collections.delete(id);
}

async function callSearchCare({ search }: Repositories): Promise<void> {
  const all = { highlight: true, facets: true } as const;
  // While the words are behind the index, and when they are not.
  for (let round = 0; round < 2; round += 1) {
    for (const query of [
      'gear',
      'g',
      'wheel 1',
      'whel',
      'gaer wheeel',
      'tag:red gear',
      '"gear wheel"',
      'gear | pinion',
    ]) {
      const page = await search.searchModels(query, {}, { ...all, limit: 2 });
      if (page.next !== null) await search.searchModels(query, {}, { limit: 2, after: page.next });
      await search.getSearchSuggestions(query);
    }
    for (const query of ['', 'format:stl author:Many -wheel', '-tag:red', 'gear zzzz'])
      await search.searchModels(query, {}, all);
    await search.refreshWords();
  }
  await search.verifyIndex();
  await search.reindex();
  await search.verifyIndex();
}

const sorts: readonly ModelSort[] = [
  { by: 'added' },
  { by: 'createdAt', direction: 'desc' },
  { by: 'createdAt', direction: 'asc' },
  { by: 'name' },
  { by: 'printedAt' },
  { by: 'printedAt', direction: 'asc' },
  { by: 'name', direction: 'desc' },
];

type FiltersByKey = {
  readonly [Key in keyof ModelFilter]-?: readonly (ModelFilter & Required<Pick<ModelFilter, Key>>)[];
};

/** By the key that they are about: a new key of a filter has to be asked for here. Collections have ids of their own. */
const filtersByKey: FiltersByKey = {
  formats: [{ formats: ['stl'] }, { formats: ['stl', 'obj'] }],
  statuses: [{ statuses: ['active'] }, { statuses: ['missing'] }, { statuses: ['missing', 'archived'] }],
  parseStatuses: [{ parseStatuses: ['pending'] }, { parseStatuses: ['pending', 'parsed'] }],
  createdFrom: [{ createdFrom: new Date(0) }],
  createdTo: [{ createdFrom: new Date(0), createdTo: new Date(1e12) }],
  minTriangles: [{ minTriangles: 1 }],
  maxTriangles: [{ minTriangles: 1, maxTriangles: 10 }],
  minFileSize: [{ minFileSize: 1 }],
  maxFileSize: [{ minFileSize: 1, maxFileSize: 2_000 }],
  minRating: [{ minRating: 2 }],
  maxRating: [{ maxRating: 3 }],
  favorite: [{ favorite: true }, { favorite: false }],
  printed: [{ printed: true }, { printed: false }],
  printedFrom: [{ printedFrom: new Date(0) }],
  printedTo: [{ printedFrom: new Date(0), printedTo: new Date(1) }],
  author: [{ author: 'Ada' }, { author: 'Many' }],
  license: [{ license: 'CC0', minRating: 1 }, { license: 'MIT' }],
  tagsAll: [{ tagsAll: ['red'] }, { tagsAll: ['common'] }],
  tagsAny: [{ tagsAny: ['common', 'red'] }, { tagsAny: ['red', 'blue'] }],
  tagsNone: [{ tagsNone: ['red'] }],
  collectionsAny: [],
  fitsMm: [{ fitsMm: [220, 220, 250] }],
  minSizeMm: [{ minSizeMm: 10 }],
  maxSizeMm: [{ minSizeMm: 10, maxSizeMm: 20.5 }],
  minVolumeMm3: [{ minVolumeMm3: 1 }],
  maxVolumeMm3: [{ minVolumeMm3: 1, maxVolumeMm3: 1_000 }],
};

const filters: readonly ModelFilter[] = [
  {},
  ...Object.values(filtersByKey).flat(),
  { tagsAll: ['red'], formats: ['stl'], minRating: 1, author: 'Ada', createdFrom: new Date(0) },
];

const criteriaOfEachKind: readonly MetadataCriteria[] = [
  { key: 'material', op: '=', value: 'PLA' },
  { key: 'material', op: 'prefix', value: 'P' },
  { key: 'material', op: '>', value: 'A' },
  { key: 'layer', op: '>=', value: 0.1 },
  { key: 'printed', op: '=', value: true },
  { key: 'nothing', op: '=', value: null },
  { key: 'list', op: 'exists' },
  { key: 'printed', op: 'exists' },
  { key: 'layer', op: '>=', value: 5_000 },
  { any: [{ key: 'layer', op: '<', value: 1 }, { all: [{ key: 'material', op: 'exists' }] }] },
];
