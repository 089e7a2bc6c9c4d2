// Texts that SQLite cannot keep (NUL, a lone surrogate), in every argument of every method that takes a text: what a person
// types into search is safe, everything else is a TypeError that names the argument.
import type { ModelId } from '@cc/schema';
import { describe, expect, test } from 'vitest';
import type { ModelFilter, Repositories } from '../src/index.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary, targets } from './open-library.js';

const unstorable = { NUL: 'gear\0x', 'a lone surrogate': 'gear \ud800', 'both at an end': '\udc00gear\0' } as const;

type Call = (library: Repositories, text: string) => unknown;

/** Calls by the argument that they name when it is wrong. A method that takes no text has none. */
type Calls = Readonly<Record<string, Call>>;

const id = '01890000-0000-7000-8000-000000000000' as ModelId;
const asId = (text: string): ModelId => text as ModelId;
const filters: Readonly<Record<string, (text: string) => ModelFilter>> = {
  author: (author) => ({ author }),
  license: (license) => ({ license }),
  formats: (text) => ({ formats: [text as 'stl'] }),
  statuses: (text) => ({ statuses: [text as 'active'] }),
  parseStatuses: (text) => ({ parseStatuses: [text as 'parsed'] }),
  tag: (text) => ({ tagsAll: [text] }),
  'tag any': (text) => ({ tagsAny: [text] }),
  'tag none': (text) => ({ tagsNone: [text] }),
};
const withFilter = (call: (library: Repositories, filter: ModelFilter) => unknown): Calls =>
  Object.fromEntries(
    Object.entries(filters).map(([name, filter]) => [name, (library, text) => call(library, filter(text))]),
  );
const inputFields = ['id', 'name', 'description', 'format', 'fileName', 'filePath', 'fileHash', 'author'] as const;
const moreFields = ['license', 'sourceUrl', 'parseStatus', 'status'] as const;
const inFields = (call: (library: Repositories, fields: object) => unknown, but: readonly string[] = []): Calls =>
  Object.fromEntries(
    [...inputFields, ...moreFields]
      .filter((field) => !but.includes(field))
      .map((field) => [field, (library, text) => call(library, { [field]: text })]),
  );
const criteria = (call: (library: Repositories, metadata: never) => unknown): Calls => ({
  key: (library, key) => call(library, { key, op: 'exists' } as never),
  op: (library, op) => call(library, { key: 'k', op, value: 'x' } as never),
  ...Object.fromEntries(
    ['=', '<', '<=', '>', '>=', 'prefix'].map((op): [string, Call] => [
      `criterion.value ${op}`,
      (library, value) => call(library, [{ any: [{ key: 'k', op, value }] }] as never),
    ]),
  ),
});

const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items);
};

const methods: { readonly [R in keyof Repositories]: { readonly [M in keyof Repositories[R]]: Calls } } = {
  models: {
    create: {
      ...inFields(({ models }, fields) => models.create(modelInput('x', fields))),
      onDuplicateHash: ({ models }, text) => models.create(modelInput(), { onDuplicateHash: text as 'skip' }),
    },
    createMany: {
      ...inFields(({ models }, fields) => models.createMany([{ model: modelInput('x', fields) }])),
      key: ({ models }, text) => models.createMany([{ model: modelInput(), metadata: { [text]: 1 } }]),
      value: ({ models }, text) => models.createMany([{ model: modelInput(), metadata: { key: text } }]),
      'value within': ({ models }, text) => models.createMany([{ model: modelInput(), metadata: { key: [{ text }] } }]),
      tag: ({ models }, text) => models.createMany([{ model: modelInput(), tags: [text] }]),
    },
    read: { id: ({ models }, text) => models.read(asId(text)) },
    readMany: { id: ({ models }, text) => models.readMany([id, asId(text)]) },
    readByPath: { filePath: ({ models }, text) => models.readByPath(text) },
    findByHash: { fileHash: ({ models }, text) => models.findByHash(text) },
    update: {
      id: ({ models }, text) => models.update(asId(text), { rating: 1 }),
      ...inFields(({ models }, fields) => models.update(id, fields), ['id']),
    },
    delete: { id: ({ models }, text) => models.delete(asId(text)) },
    upsertByPath: inFields(({ models }, fields) => models.upsertByPath(modelInput('x', fields))),
    exists: { id: ({ models }, text) => models.exists(asId(text)) },
    count: withFilter(({ models }, filter) => models.count(filter)),
    list: {
      ...withFilter(({ models }, filter) => models.list({ filter })),
      'sort.by': ({ models }, text) => models.list({ sort: { by: text as 'name' } }),
      after: ({ models }, after) => models.list({ after }),
    },
    search: {
      ...withFilter(({ models }, filter) => models.search({ ...filter, text: 'gear' })),
      ...criteria(({ models }, metadata) => models.search({ metadata })),
      after: ({ models }, after) => models.search({}, { after }),
    },
    listAll: { options: ({ models }, text) => drain(models.listAll({ [text]: 1 })) },
    findDuplicates: { after: ({ models }, after) => models.findDuplicates({ after }) },
  },
  metadata: {
    addMetadata: {
      id: ({ metadata }, text) => metadata.addMetadata(asId(text), { a: 1 }),
      key: ({ metadata }, text) => metadata.addMetadata(id, { [text]: 1 }),
      value: ({ metadata }, text) => metadata.addMetadata(id, { a: text }),
    },
    updateMetadata: {
      id: ({ metadata }, text) => metadata.updateMetadata(asId(text), { a: 1 }),
      key: ({ metadata }, text) => metadata.updateMetadata(id, { [text]: 1 }),
      value: ({ metadata }, text) => metadata.updateMetadata(id, { a: { b: text } }),
    },
    setMetadataValue: {
      id: ({ metadata }, text) => metadata.setMetadataValue(asId(text), 'a', 1),
      key: ({ metadata }, text) => metadata.setMetadataValue(id, text, 1),
      value: ({ metadata }, text) => metadata.setMetadataValue(id, 'a', [text]),
    },
    getMetadata: { id: ({ metadata }, text) => metadata.getMetadata(asId(text)) },
    getMany: { id: ({ metadata }, text) => metadata.getMany([asId(text)]) },
    getMetadataValue: {
      id: ({ metadata }, text) => metadata.getMetadataValue(asId(text), 'a'),
      key: ({ metadata }, text) => metadata.getMetadataValue(id, text),
    },
    deleteMetadata: {
      id: ({ metadata }, text) => metadata.deleteMetadata(asId(text)),
      key: ({ metadata }, text) => metadata.deleteMetadata(id, text),
    },
    getMetadataKeys: {},
    searchByMetadata: {
      ...criteria(({ metadata }, given) => metadata.searchByMetadata(given)),
      after: ({ metadata }, after) => metadata.searchByMetadata([], { after }),
    },
  },
  search: {
    searchModels: {
      ...withFilter(({ search }, filter) => search.searchModels('gear', filter)),
      after: ({ search }, after) => search.searchModels('gear', {}, { after }),
    },
    getSearchSuggestions: {},
    searchByTags: {
      tag: ({ search }, text) => search.searchByTags(['red', text]),
      mode: ({ search }, text) => search.searchByTags(['red'], { mode: text as 'all' }),
      after: ({ search }, after) => search.searchByTags(['red'], { after }),
    },
    searchByDateRange: { createdFrom: ({ search }, text) => search.searchByDateRange({ from: new Date(text) }) },
    searchByFileType: { formats: ({ search }, text) => search.searchByFileType(text as 'stl') },
    saveSearch: {
      name: ({ search }, text) => search.saveSearch(text, 'gear'),
      ...withFilter(({ search }, filter) => search.saveSearch('saved', 'gear', filter)),
    },
    getSavedSearches: {},
    deleteSavedSearch: { name: ({ search }, text) => search.deleteSavedSearch(text) },
    runSavedSearch: { name: ({ search }, text) => search.runSavedSearch(text) },
    reindex: {},
    refreshWords: {},
    verifyIndex: {},
    tag: {
      id: ({ search }, text) => search.tag(asId(text), 'red'),
      tag: ({ search }, text) => search.tag(id, text),
    },
    untag: { tag: ({ search }, text) => search.untag(id, text) },
  },
  tags: {
    tag: {
      id: ({ tags }, text) => tags.tag(asId(text), 'red'),
      tag: ({ tags }, text) => tags.tag(id, text),
    },
    untag: {
      id: ({ tags }, text) => tags.untag(asId(text), 'red'),
      tag: ({ tags }, text) => tags.untag(id, text),
    },
    getTags: { id: ({ tags }, text) => tags.getTags(asId(text)) },
    getTagsOfMany: { id: ({ tags }, text) => tags.getTagsOfMany([asId(text)]) },
    listTags: { prefix: ({ tags }, prefix) => tags.listTags({ prefix }) },
    renameTag: {
      tag: ({ tags }, text) => tags.renameTag(text, 'blue'),
      'tag new': ({ tags }, text) => tags.renameTag('red', text),
    },
    mergeTags: {
      tag: ({ tags }, text) => tags.mergeTags([text], 'red'),
      'tag into': ({ tags }, text) => tags.mergeTags(['red'], text),
    },
    deleteTag: { tag: ({ tags }, text) => tags.deleteTag(text) },
  },
  collections: {
    create: {
      name: ({ collections }, name) => collections.create({ name }),
      description: ({ collections }, description) => collections.create({ name: 'x', description }),
      id: ({ collections }, parentId) => collections.create({ name: 'x', parentId }),
    },
    read: { id: ({ collections }, text) => collections.read(text) },
    update: {
      id: ({ collections }, text) => collections.update(text, {}),
      name: ({ collections }, name) => collections.update(id, { name }),
      description: ({ collections }, description) => collections.update(id, { description }),
      'id parent': ({ collections }, parentId) => collections.update(id, { parentId }),
    },
    delete: { id: ({ collections }, text) => collections.delete(text) },
    list: { id: ({ collections }, text) => collections.list(text) },
    pathOf: { id: ({ collections }, text) => collections.pathOf(text) },
    addModels: {
      id: ({ collections }, text) => collections.addModels(text, [id]),
      'id model': ({ collections }, text) => collections.addModels(id, [asId(text)]),
    },
    removeModels: {
      id: ({ collections }, text) => collections.removeModels(text, [id]),
      'id model': ({ collections }, text) => collections.removeModels(id, [asId(text)]),
    },
    modelsOf: {
      id: ({ collections }, text) => collections.modelsOf(text),
      after: ({ collections }, after) => collections.modelsOf(id, { after }),
    },
    collectionsOf: { id: ({ collections }, text) => collections.collectionsOf(asId(text)) },
  },
};

describe.each(targets)('a text that SQLite cannot keep, in %s', (target) => {
  const open = async (): Promise<Library> => {
    const library = await openLibrary(target);
    // More than are ranked, so that a query is also looked for as the beginning of a name.
    const many = Array.from({ length: 230 }, (_, i) => ({ model: modelInput(`gear ${i}`), tags: ['red'] }));
    await library.models.createMany(many);
    return library;
  };

  test('is a TypeError that names the argument, of every method that keeps or compares it', async () => {
    await using library = await open();
    const wrong: string[] = [];
    for (const [repository, calls] of Object.entries(methods)) {
      for (const [method, byArgument] of Object.entries<Calls>(calls)) {
        for (const [argument, call] of Object.entries(byArgument)) {
          for (const [kind, text] of Object.entries(unstorable)) {
            const [name = ''] = argument.split(' ');
            const error = await Promise.resolve()
              .then(() => call(library, text))
              .then(
                () => 'nothing is thrown',
                (thrown: unknown) => thrown,
              );
            if (error instanceof TypeError && error.message.includes(name)) continue;
            wrong.push(`${repository}.${method} ${argument} ${kind}: ${String(error)}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('is told by every method: none is left out above', async () => {
    await using library = await open();
    const { models, metadata, search, tags, collections } = library;
    const repositories = { models, metadata, search, tags, collections };
    expect(Object.keys(methods).sort()).toEqual(Object.keys(repositories).sort());
    for (const [name, repository] of Object.entries(repositories)) {
      const listed: object = methods[name as keyof Repositories];
      expect(Object.keys(listed).sort()).toEqual(Object.keys(repository).sort());
    }
  });

  test.each(Object.entries(unstorable))(
    'with %s typed into any search gives a page, never an error',
    async (_, text) => {
      await using library = await open();
      const { search, models } = library;
      for (const query of [
        text,
        `${text}${text}`,
        `"${text}"`,
        `-${text}`,
        `tag:${text}`,
        `-tag:"${text}`,
        `author:${text}`,
      ]) {
        const page = await search.searchModels(query, {}, { highlight: true, facets: true, limit: 100 });
        if (page.next !== null) await search.searchModels(query, {}, { limit: 100, after: page.next });
        await search.getSearchSuggestions(query);
        await models.search({ text: query });
        await search.saveSearch('typed', query);
        const run = await search.runSavedSearch('typed', { highlight: true, facets: true, limit: 100 });
        expect(run.hits).toEqual(page.hits);
      }
      // What cannot be kept parts words, as any other sign does.
      expect((await search.searchModels('\0gear\0')).total).toBe(230);
      expect((await models.search({ text: 'ge\0ar' })).items).toEqual([]);
    },
  );
});
