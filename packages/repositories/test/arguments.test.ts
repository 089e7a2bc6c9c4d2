// What a call was given is what it had when it was called: whatever its caller makes of the lists, dates and objects
// meanwhile, nothing else is written, found or kept. Each call is compared with one whose arguments nobody touches.
import { setImmediate } from 'node:timers/promises';
import type { ModelId } from '@cc/schema';
import { describe, expect, test } from 'vitest';
import type { CachePort, MetadataRecord, NewModel, Repositories } from '../src/index.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

const repositories = ['models', 'metadata', 'search', 'tags', 'collections'] as const;
/** `createMany` reads its items one by one. */
const readLater: readonly string[] = ['models.createMany'];

/** Makes something else of every list, date and object in `value`. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof AbortSignal) return;
  if (value instanceof Date) return void value.setTime(Number.NaN);
  for (const each of Object.values(value)) spoil(each);
  if (Array.isArray(value)) return void value.splice(0, value.length, 'spoilt', 'spoilt too');
  for (const key of Object.keys(value)) Reflect.set(value, key, 1);
  Reflect.set(value, 'unknown', 1);
}

/** The repositories, whose callers change what they have given as soon as the call has begun. `called` gets the names. */
function spoiling(library: Repositories, called: Set<string>): Repositories {
  const spoilt = repositories.map((repository) => {
    const methods = Object.entries(library[repository]).map(([method, call]) => [
      method,
      (...values: readonly unknown[]) => {
        const name = `${repository}.${method}`;
        called.add(name);
        const answer: unknown = (call as (...given: readonly unknown[]) => unknown)(...values);
        for (const value of readLater.includes(name) ? values.slice(1) : values) spoil(value);
        return answer;
      },
    ]);
    return [repository, Object.fromEntries(methods)];
  });
  return Object.fromEntries(spoilt) as Repositories;
}

/** A cache that keeps nothing and loads later, as one whose values lie on another machine. */
const later: CachePort = {
  region: () => ({
    getOrLoad: (_key, load) => setImmediate().then(load),
    getOrLoadMany: (keys, load) => setImmediate().then(() => load(keys)),
    invalidate: () => undefined,
    clear: () => undefined,
  }),
};

const idOf = (i: number) => `01890000-0000-7000-8000-${String(i).padStart(12, '0')}` as ModelId;
const inputOf = (i: number) =>
  modelInput(`Gear ${i}`, { fileName: `${i}`, filePath: `/${i}`, fileHash: `${i}`, fileSize: i });
const days = (i: number) => new Date(Date.UTC(2024, 0, i));

/** One item again and again, with other values. */
function* itemsOfOne(): Generator<NewModel> {
  const item = { model: { ...inputOf(0), createdAt: days(1) }, metadata: { list: [0] }, tags: ['none'] };
  for (let i = 10; i < 13; i += 1) {
    Object.assign(item.model, inputOf(i));
    item.model.createdAt.setTime(days(i).getTime());
    item.metadata.list[0] = i;
    item.tags[0] = `tag ${i}`;
    yield item;
  }
}

const record = (): MetadataRecord =>
  Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`key ${i}`, i % 2 === 0 ? i : { of: [i] }]));

/** Calls every method that takes more than texts, and returns all that they answered. */
async function callAll({ models, metadata, search, tags, collections }: Repositories): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  const note = async (answer: unknown): Promise<void> => void answers.push(await answer);
  for (let i = 0; i < 6; i += 1) {
    const printedAt = i % 2 === 0 ? days(i + 1) : null;
    await note(models.create({ ...inputOf(i), createdAt: days(i + 1), printedAt }, { onDuplicateHash: 'allow' }));
  }
  const ids = Array.from({ length: 6 }, (_, i) => idOf(i + 1));
  const [first = idOf(1), second = idOf(2)] = ids;
  await note(models.createMany(itemsOfOne(), { batchSize: 2, onConflict: 'skip', onInvalid: 'skip' }));
  await note(models.update(first, { printedAt: days(9), fileModifiedAt: days(9) }, { ifVersion: 1 }));
  await note(models.upsertByPath({ ...inputOf(1), fileModifiedAt: days(8) }, { onDuplicateHash: 'reject' }));
  await note(models.upsertByPath({ ...inputOf(1), filePath: '/other' }, { onDuplicateHash: 'skip' }));
  await note(metadata.addMetadata(first, { layer: 0.2, list: [1, { of: 2 }] }));
  await note(metadata.updateMetadata(second, record()));
  await note(metadata.setMetadataValue(second, 'layer', { deep: [1, [2]] }));
  await note(tags.tag(first, 'red'));
  await note(tags.tag(second, 'blue'));
  await note(tags.mergeTags(['blue'], 'red'));
  await note(tags.listTags({ prefix: 'r', limit: 3 }));
  await note(tags.getTagsOfMany([...ids]));
  await note(metadata.getMany([first, second]));
  await note(models.readMany([...ids]));

  const inner = await collections.create({ name: 'inner' });
  const outer = await collections.create({ name: 'outer', parentId: null, description: 'text' });
  await note(collections.update(inner, { parentId: outer, description: 'x' }));
  await note(collections.addModels(inner, [...ids]));
  await note(collections.removeModels(inner, [second]));
  await note(collections.modelsOf(outer, { nested: true, limit: 2 }));
  await note(collections.list(outer));

  const filter = () => ({ createdFrom: days(2), createdTo: days(6), formats: ['stl'] as const, fitsMm: undefined });
  await note(models.count({ ...filter(), text: 'gear', metadata: [] }));
  await note(models.list({ filter: filter(), sort: { by: 'printedAt', direction: 'asc' }, limit: 2 }));
  await note(models.list({ filter: { tagsAny: ['red', 'blue'], collectionsAny: [inner, outer] }, limit: 1 }));
  await note(models.search({ text: 'gear', metadata: { key: 'key 1', op: 'exists' } }, { limit: 2 }));
  await note(models.search({ ...filter(), text: 'gear' }, { sort: { by: 'name', direction: 'desc' }, limit: 2 }));
  await note(models.findDuplicates({ limit: 1 }));
  const listed: unknown[] = [];
  for await (const model of models.listAll({ batchSize: 4, signal: new AbortController().signal })) listed.push(model);
  answers.push(listed);
  await note(metadata.searchByMetadata({ any: [{ key: 'layer', op: '>=', value: 0.1 }] }, { limit: 1 }));
  await note(search.searchModels('gear', filter(), { limit: 2, facets: true, highlight: true }));
  await note(search.searchModels('', filter(), { limit: 2, facets: true }));
  await note(search.getSearchSuggestions('g', { limit: 2 }));
  await note(search.searchByTags(['red', 'blue'], { mode: 'any', limit: 1 }));
  await note(search.searchByDateRange({ from: days(2), to: days(4) }, { limit: 1 }));
  await note(search.searchByFileType(['stl'], { limit: 2 }));
  await note(search.saveSearch('saved', 'gear', filter()));
  await note(search.runSavedSearch('saved', { limit: 1, highlight: true }));
  await note(search.getSavedSearches());
  await note(search.verifyIndex({ signal: new AbortController().signal }));
  return answers;
}

/** These take texts and nothing else. */
const takeTexts = [
  ...['models.read', 'models.readByPath', 'models.findByHash', 'models.delete', 'models.exists'],
  ...['metadata.getMetadata', 'metadata.getMetadataValue', 'metadata.deleteMetadata', 'metadata.getMetadataKeys'],
  ...['search.deleteSavedSearch', 'search.reindex', 'search.refreshWords', 'search.tag', 'search.untag'],
  ...['tags.untag', 'tags.getTags', 'tags.renameTag', 'tags.deleteTag'],
  ...['collections.read', 'collections.delete', 'collections.pathOf', 'collections.collectionsOf'],
];

function openCounted(cache: CachePort | undefined): Promise<Library> {
  let made = 0;
  return openLibrary(':memory:', { cache, newId: () => idOf((made += 1)) });
}

describe.each([
  ['without a cache', undefined],
  ['with a cache that loads later', later],
] as const)('%s', (_name, cache) => {
  test('every call goes by what it was given when it was called', async () => {
    await using untouched = await openCounted(cache);
    await using library = await openCounted(cache);
    const called = new Set(takeTexts);
    const expected = await callAll(untouched);
    const answers = await callAll(spoiling(library, called));
    for (const [i, answer] of answers.entries()) expect([i, answer]).toEqual([i, expected[i]]);
    const methods = repositories.flatMap((each) => Object.keys(library[each]).map((method) => `${each}.${method}`));
    expect([...called].toSorted()).toEqual(methods.toSorted());
  });
});
