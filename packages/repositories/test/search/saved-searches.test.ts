// Saved searches: kept under a name, run again with the same words and filters.
import { savedSearches } from '@cc/schema';
import { textLimits } from '@cc/schema/validation';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { ModelFilter } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

/** A value for every condition: the compiler asks for those of new ones. */
const oneOfEach: Required<ModelFilter> = {
  formats: ['stl', 'obj'],
  statuses: ['archived'],
  parseStatuses: ['unparsed'],
  tagsAll: ['a'],
  tagsAny: ['b', 'c'],
  tagsNone: ['d'],
  createdFrom: new Date(1_500),
  createdTo: new Date(2_500),
  minTriangles: 1,
  maxTriangles: 2,
  minFileSize: 3,
  maxFileSize: 4,
  minRating: 1,
  maxRating: 5,
  favorite: true,
  printed: true,
  printedFrom: new Date(3_500),
  printedTo: new Date(4_500),
  author: 'Ada',
  license: 'MIT',
  collectionsAny: ['019a0000-0000-7000-8000-000000000001'],
  fitsMm: [220, 250, 220],
  minSizeMm: 1,
  maxSizeMm: 200,
  minVolumeMm3: 2,
  maxVolumeMm3: 3_000,
};

describe.each(targets)('saved searches in %s', (target) => {
  test('a saved search finds what the search found, and notes when it ran', async () => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('gear old', { createdAt: new Date(1_000) }));
    await library.models.create(modelInput('gear new', { createdAt: new Date(2_000) }));
    const filters = { createdFrom: new Date(1_500), formats: ['stl'] } as const;
    const saved = await library.search.saveSearch('new gears', 'gear', filters);
    expect(saved).toMatchObject({ name: 'new gears', query: 'gear', filters, lastUsedAt: null });
    const at = library.tick();
    const page = await library.search.runSavedSearch('new gears', { limit: 5 });
    expect(page.hits.map((hit) => hit.model.name)).toEqual(['gear new']);
    expect(await library.search.getSavedSearches()).toEqual([{ ...saved, lastUsedAt: at }]);
  });

  test('saving under the same name replaces, deleting removes', async () => {
    await using library = await openLibrary(target);
    const { id } = await library.search.saveSearch('b', 'one');
    await library.search.saveSearch('a', 'two');
    expect(await library.search.saveSearch('b', 'three', { favorite: true })).toMatchObject({ id, query: 'three' });
    expect((await library.search.getSavedSearches()).map((search) => [search.name, search.query])).toEqual([
      ['a', 'two'],
      ['b', 'three'],
    ]);
    expect(await library.search.deleteSavedSearch('b')).toBe(true);
    expect(await library.search.deleteSavedSearch('b')).toBe(false);
    await expect(library.search.runSavedSearch('b')).rejects.toMatchObject({ code: 'SAVED_SEARCH_NOT_FOUND' });
  });

  test('filters that a framework observes by a Proxy are saved as any others', async () => {
    await using library = await openLibrary(target);
    const observed = <T extends object>(value: T): T => new Proxy(value, {});
    const filters = observed({ formats: observed(['stl']), createdFrom: new Date(1_500) }) as ModelFilter;
    const saved = await library.search.saveSearch('observed', '', filters);
    expect(saved.filters).toEqual({ formats: ['stl'], createdFrom: new Date(1_500) });
    expect(await library.search.getSavedSearches()).toEqual([saved]);
  });

  test('every condition comes back as it was saved', async () => {
    await using library = await openLibrary(target);
    for (const [key, value] of Object.entries(oneOfEach)) {
      const saved = await library.search.saveSearch(key, '', { [key]: value });
      expect(saved.filters).toEqual({ [key]: value });
      expect((await library.search.runSavedSearch(key)).hits).toEqual([]);
    }
    const all = new Map((await library.search.getSavedSearches()).map(({ name, filters }) => [name, filters]));
    for (const [key, value] of Object.entries(oneOfEach)) expect(all.get(key)).toEqual({ [key]: value });
  });

  test('filters that another program has spoilt are an error that says what to do', async () => {
    await using library = await openLibrary(target);
    await library.search.saveSearch('spoilt', 'gear');
    for (const json of ['{', '[]', '"x"', 'null']) {
      await library.transactions.db.update(savedSearches).set({ filters: sql`${json}` });
      const failure = {
        type: 'integrity',
        code: 'SAVED_SEARCH_UNREADABLE',
        hint: expect.stringContaining('delete it'),
      };
      await expect(library.search.runSavedSearch('spoilt')).rejects.toMatchObject(failure);
      await expect(library.search.getSavedSearches()).rejects.toMatchObject(failure);
    }
    expect(await library.search.saveSearch('spoilt', 'gear', { favorite: true })).toMatchObject({ query: 'gear' });
    expect(await library.search.getSavedSearches()).toHaveLength(1);
  });

  test('what could not run is not saved', async () => {
    await using library = await openLibrary(target);
    await expect(library.search.saveSearch(' ', 'x')).rejects.toThrow(/name/);
    await expect(library.search.saveSearch('n'.repeat(textLimits.name + 1), 'x')).rejects.toThrow(
      /name must be a text/,
    );
    await expect(library.search.saveSearch('x', 'x', { format: 'stl' } as object)).rejects.toThrow(/'formats'/);
    await expect(library.search.saveSearch('x', 1 as never)).rejects.toThrow(/query/);
    expect(await library.search.getSavedSearches()).toEqual([]);
  });
});
