// Pages of models by their tags go on whatever becomes of the tags between two of them: how a page is read is not asked of
// its cursor.
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary } from '../open-library.js';

describe.each(['file', ':memory:'] as const)('pages of models by their tags in %s', (target) => {
  test('go on when a tag comes, and names that no index has come and go', async () => {
    await using library = await openLibrary(target);
    const [first] = await addToys(library);
    const page = (after: string | null) => library.search.searchByTags(['toy', '🦖'], { mode: 'any', limit: 2, after });
    const names = async (after: string | null) => (await page(after)).items.map(({ name }) => name);
    const { next } = await page(null);
    expect(await names(next)).toEqual(['3', '2']);
    await library.tags.tag(first, '🦖');
    expect(await names(next)).toEqual(['3', '2']);
    const later = (await page(null)).next;
    await library.tags.deleteTag('🦖');
    expect(await names(later)).toEqual(['3', '2']);
  });

  test('end when their tag is renamed or removed, and go on when it is back', async () => {
    await using library = await openLibrary(target);
    const [first] = await addToys(library);
    const page = (after: string | null) => library.search.searchByTags(['toy'], { limit: 2, after });
    const { next } = await page(null);
    await library.tags.renameTag('toy', 'toys');
    expect(await page(next)).toEqual({ items: [], next: null });
    await library.tags.renameTag('toys', 'toy');
    expect((await page(next)).items.map(({ name }) => name)).toEqual(['3', '2']);
    await library.tags.deleteTag('toy');
    expect(await page(next)).toEqual({ items: [], next: null });
    await library.tags.tag(first, 'toy');
    expect((await page(next)).items.map(({ name }) => name)).toEqual(['0']);
  });

  test('are those of one query only', async () => {
    await using library = await openLibrary(target);
    await addToys(library);
    const { next: after } = await library.search.searchByTags(['toy'], { limit: 2 });
    const others = [
      () => library.search.searchByTags(['toy'], { mode: 'any', after }),
      () => library.models.list({ after }),
    ];
    for (const other of others) await expect(other()).rejects.toThrow(/another query/);
  });
});

async function addToys({ models, tags }: Library) {
  const ids = [await models.create(modelInput('0'))] as const;
  await tags.tag(ids[0], 'toy');
  for (let i = 1; i < 6; i += 1) await tags.tag(await models.create(modelInput(`${i}`)), 'toy');
  return ids;
}
