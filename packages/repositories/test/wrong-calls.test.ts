// What is no list where a list is meant, no object where one is, or nothing at all: each method says so in words of its own,
// as TypeErrors of the language name variables that the caller has never seen. unstorable-text.test.ts has wrong texts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Repositories } from '../src/index.js';
import { createMapCache } from './map-cache.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

const id = '01890000-0000-7000-8000-000000000000';
/** A list whose only member was never given. */
const withHole: unknown[] = [];
withHole.length = 1;
const noLists: readonly unknown[] = [undefined, null, 0, 'x', {}, new Set([id]), new Map(), withHole];
const noObjects: readonly unknown[] = [null, 0, 1n, 'x', [], new Map(), new Date(), Symbol('x'), Promise.resolve()];

type Call = (library: Repositories, wrong: never) => unknown;

const listCalls: Readonly<Record<string, Call>> = {
  'models.readMany': ({ models }, wrong) => models.readMany(wrong),
  'metadata.getMany': ({ metadata }, wrong) => metadata.getMany(wrong),
  'tags.getTagsOfMany': ({ tags }, wrong) => tags.getTagsOfMany(wrong),
  'collections.addModels': ({ collections }, wrong) => collections.addModels(id, wrong),
  'collections.removeModels': ({ collections }, wrong) => collections.removeModels(id, wrong),
  'search.searchByTags': ({ search }, wrong) => search.searchByTags(wrong),
  'search.searchByFileType': ({ search }, wrong) => search.searchByFileType(wrong),
};

const objectCalls: Readonly<Record<string, Call>> = {
  'models.count': ({ models }, wrong) => models.count(wrong),
  'models.search': ({ models }, wrong) => models.search(wrong),
  'search.searchByDateRange': ({ search }, wrong) => search.searchByDateRange(wrong),
  'an item of models.createMany': ({ models }, wrong) => models.createMany([wrong]),
};

/** Every object that a call takes, with a key that is none of its own. */
const misspelt: Readonly<Record<string, (library: Repositories, odd: object) => unknown>> = {
  'models.create': ({ models }, odd) => models.create(modelInput('a'), odd),
  'models.createMany': ({ models }, odd) => models.createMany([], odd),
  'an item of models.createMany': ({ models }, odd) => models.createMany([{ model: modelInput('a'), ...odd }]),
  'models.update': ({ models }, odd) => models.update(id as never, { name: 'b' }, odd),
  'models.upsertByPath': ({ models }, odd) => models.upsertByPath(modelInput('a'), odd),
  'models.list': ({ models }, odd) => models.list(odd),
  'a filter': ({ models }, odd) => models.list({ filter: odd }),
  'a sort': ({ models }, odd) => models.list({ sort: { by: 'name', ...odd } }),
  'models.search': ({ models }, odd) => models.search({}, odd),
  'models.listAll': ({ models }, odd) => models.listAll(odd),
  'models.findDuplicates': ({ models }, odd) => models.findDuplicates(odd),
  'metadata.searchByMetadata': ({ metadata }, odd) => metadata.searchByMetadata([], odd),
  'a criterion': ({ metadata }, odd) => metadata.searchByMetadata([{ key: 'k', op: 'exists', ...odd }]),
  'a group of criteria': ({ metadata }, odd) => metadata.searchByMetadata({ all: [], ...odd }),
  'search.searchModels': ({ search }, odd) => search.searchModels('a', {}, odd),
  'search.searchByTags': ({ search }, odd) => search.searchByTags(['a'], odd),
  'search.searchByFileType': ({ search }, odd) => search.searchByFileType('stl', odd),
  'a range': ({ search }, odd) => search.searchByDateRange(odd),
  'search.searchByDateRange': ({ search }, odd) => search.searchByDateRange({}, odd),
  'search.getSearchSuggestions': ({ search }, odd) => search.getSearchSuggestions('a', odd),
  'search.verifyIndex': ({ search }, odd) => search.verifyIndex(odd),
  'tags.listTags': ({ tags }, odd) => tags.listTags(odd),
  'collections.create': ({ collections }, odd) => collections.create({ name: 'a', ...odd }),
  'collections.update': ({ collections }, odd) => collections.update(id, odd),
  'collections.modelsOf': ({ collections }, odd) => collections.modelsOf(id, odd),
};

let library: Library;
beforeAll(async () => {
  library = await openLibrary(':memory:');
});
afterAll(() => library[Symbol.asyncDispose]());

/** Returns what a call throws. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return 'nothing';
}

/** Whether an error is one of the language, about a variable inside. */
const isOfTheLanguage = /is not a function|not iterable|undefined \(|null \(|destructure|convert/;

async function expectTypeErrors(
  calls: typeof listCalls,
  wrongs: readonly unknown[],
  says: RegExp,
  of: Repositories = library,
): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    for (const [i, wrong] of wrongs.entries()) {
      const error = await thrownBy(() => call(of, wrong as never));
      expect(error, `${name} with wrong value ${i}`).toBeInstanceOf(TypeError);
      expect(String(error), `${name} with wrong value ${i}`).toMatch(says);
      expect(String(error), `${name} with wrong value ${i}`).not.toMatch(isOfTheLanguage);
    }
  }
}

test('what is no list is refused by the name of the list, and a hole in one as a missing member', async () => {
  await expectTypeErrors(listCalls, noLists, /must be|must have/);
});

test('what is no object of conditions is refused instead of counted as no condition', async () => {
  await expectTypeErrors(objectCalls, [...noObjects, new Uint8Array(3), new String('ab')], /must be an object/);
});

test('what cannot be iterated is refused by createMany before anything is read', async () => {
  for (const wrong of [undefined, null, 0, {}, 'models', () => []]) {
    const error = await thrownBy(() => library.models.createMany(wrong as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('items must be');
  }
});

const watchedCalls: Readonly<Record<string, Call>> = {
  'models.createMany': ({ models }, wrong) => models.createMany([], wrong),
  'models.listAll': async ({ models }, wrong) => {
    for await (const _ of models.listAll(wrong));
  },
  'search.verifyIndex': ({ search }, wrong) => search.verifyIndex(wrong),
};

test('what is no signal, or nothing that can hear of progress, is refused by the name of the option', async () => {
  const wrong: readonly unknown[] = [null, 0, 'x', {}, { aborted: false }, new AbortController(), []];
  const heard = Object.fromEntries(Object.entries(watchedCalls).filter(([name]) => name !== 'models.listAll'));
  await expectTypeErrors(
    watchedCalls,
    wrong.map((signal) => ({ signal })),
    /signal must be an AbortSignal/,
  );
  await expectTypeErrors(
    heard,
    wrong.map((onProgress) => ({ onProgress })),
    /onProgress must be a function/,
  );
});

const choiceCalls: Readonly<Record<string, Call>> = {
  'models.list': ({ models }, wrong) => models.list({ sort: { by: wrong } }),
  'search.searchByTags': ({ search }, wrong) => search.searchByTags([], { mode: wrong }),
  'metadata.searchByMetadata': ({ metadata }, wrong) => metadata.searchByMetadata({ key: 'a', op: wrong, value: 1 }),
};

test('what is no name of an order, a mode or an operator is refused, also when it makes no text', async () => {
  const noText = { toString: () => Object.create(null) as string };
  await expectTypeErrors(choiceCalls, [Object.create(null), noText, Symbol('x'), ['='], 'toString'], /must be/);
});

const flagCalls: Readonly<Record<string, Call>> = {
  'collections.modelsOf': ({ collections }, nested) => collections.modelsOf(id, { nested }),
  'search.searchModels, highlight': ({ search }, highlight) => search.searchModels('x', {}, { highlight }),
  'search.searchModels, facets': ({ search }, facets) => search.searchModels('x', {}, { facets }),
};

test('what is neither true nor false is refused by the name of the option, instead of counted as one of them', async () => {
  await expectTypeErrors(flagCalls, ['true', 1, 0, 'no', {}, [], null, Symbol('x')], /must be a boolean/);
});

test('what is no text is refused as an id also where there is a cache, which is never asked for it', async () => {
  const cache = createMapCache();
  await using cached = await openLibrary(':memory:', { cache });
  const calls: Readonly<Record<string, Call>> = {
    'models.read': ({ models }, wrong) => models.read(wrong),
    'metadata.getMetadata': ({ metadata }, wrong) => metadata.getMetadata(wrong),
    'tags.getTags': ({ tags }, wrong) => tags.getTags(wrong),
  };
  await expectTypeErrors(calls, [undefined, null, 5, {}, [id]], /id must be/, cached);
  expect(cache.log).toEqual([]);
});

test.each(Object.keys(misspelt))('a key that does not belong there is refused by its name: %s', async (name) => {
  const error = await thrownBy(() => misspelt[name]?.(library, { limmit: 1 }));
  expect(error).toBeInstanceOf(TypeError);
  expect(String(error)).toContain(`'limmit'`);
});

test('a hole in a list of criteria is refused as no criterion', async () => {
  const error = await thrownBy(() => library.metadata.searchByMetadata(withHole as never));
  expect(String(error)).toContain('criteria must be');
});

test('a metadata key is a text, and never made of something else', async () => {
  for (const wrong of [5, null, Symbol('key'), { toString: () => 'key' }, Object.create(null)]) {
    const error = await thrownBy(() => library.metadata.setMetadataValue(id as never, wrong as never, 1));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('key must be a text');
  }
  const error = await thrownBy(() => library.metadata.updateMetadata(id as never, { [Symbol('key')]: 1 } as never));
  expect(String(error)).toContain('must not have a symbol as a key');
});

test('a change to the path of another model is refused with advice that update can follow', async () => {
  const { models } = library;
  await models.create(modelInput('first', { filePath: '/taken.stl' }));
  const other = await models.create(modelInput('second'));
  const error = await thrownBy(() => models.update(other, { filePath: '/taken.stl' }));
  expect(error).toMatchObject({ code: 'DUPLICATE_FILE_PATH', operation: 'models.update' });
  expect(error).toMatchObject({ hint: expect.not.stringContaining('onDuplicatePath') });
});
