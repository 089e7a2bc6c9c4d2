// Saved searches: kept under a name, run again with the same words and filters.
import { describe, expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { openLibrary, targets } from './open-library.js';

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

  test('what could not run is not saved', async () => {
    await using library = await openLibrary(target);
    await expect(library.search.saveSearch(' ', 'x')).rejects.toThrow(/name/);
    await expect(library.search.saveSearch('x', 'x', { format: 'stl' } as object)).rejects.toThrow(/'formats'/);
    await expect(library.search.saveSearch('x', 1 as never)).rejects.toThrow(/query/);
    expect(await library.search.getSavedSearches()).toEqual([]);
  });
});
