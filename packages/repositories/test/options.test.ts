// What createRepositories is given is refused by name before the first call, and so is what its clock and ids return.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRepositories, type Repositories } from '../src/index.js';
import { createMapCache } from './map-cache.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

let library: Library;
beforeAll(async () => {
  library = await openLibrary(':memory:');
});
afterAll(() => library[Symbol.asyncDispose]());

test('what is no transaction manager is refused', () => {
  for (const wrong of [null, undefined, 5, 'x', {}, { db: {} }, []]) {
    expect(() => createRepositories(wrong as never)).toThrow(
      new TypeError('transactions must be a TransactionManager, as openTransactionManager of @cc/tx returns it'),
    );
  }
});

test('wrong options are refused by name, absent ones are not', () => {
  const create = (options: unknown) => createRepositories(library.transactions, options as never);
  for (const wrong of [null, [], 'x', new Map()]) expect(() => create(wrong)).toThrow(/^options must be an object/);
  expect(() => create({ cashe: 1 })).toThrow(/'cache'/);
  for (const cache of [{}, null, 'x', 5, { region: 1 }]) expect(() => create({ cache })).toThrow(/^cache must/);
  for (const now of [null, 'x', 5, new Date()]) expect(() => create({ now })).toThrow(/^now must/);
  for (const newId of [null, 'x', 1]) expect(() => create({ newId })).toThrow(/^newId must/);
  create({ cache: undefined, now: undefined, newId: undefined });
  create({ cache: createMapCache(), now: Date.now, newId: () => crypto.randomUUID() });
});

const makers: Readonly<Record<string, (repositories: Repositories) => Promise<unknown>>> = {
  'models.create': ({ models }) => models.create(modelInput('made')),
  'models.createMany': ({ models }) => models.createMany([{ model: modelInput('made') }]),
  'models.upsertByPath': ({ models }) => models.upsertByPath(modelInput('made')),
  'collections.create': ({ collections }) => collections.create({ name: 'made' }),
  'search.saveSearch': ({ search }) => search.saveSearch('made', 'made'),
};

test.each(Object.keys(makers))('%s makes nothing with an id or a time that is none', async (name) => {
  const make = makers[name];
  for (const newId of ['', 'ABC', 5, undefined, '01A22BD7-10AE-70C3-9C30-8BC9E88CB42B']) {
    const repositories = createRepositories(library.transactions, { newId: () => newId as never });
    await expect(make?.(repositories)).rejects.toThrow(/newId must return a UUID in lower case/);
  }
  for (const now of [Number.NaN, undefined, 9e15, 'x']) {
    const repositories = createRepositories(library.transactions, { now: () => now as never });
    await expect(make?.(repositories)).rejects.toThrow(/now must return a time/);
  }
  expect(await library.models.count()).toBe(0);
  expect(await library.collections.list()).toEqual([]);
  expect(await library.search.getSavedSearches()).toEqual([]);
});
