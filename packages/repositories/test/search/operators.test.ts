// The query language beside words: tag:, format:, author:, choices, and what a half-typed operator means.
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, targets } from '../open-library.js';

describe.each(targets)('operators in %s', (target) => {
  test('ask for a tag, a format and an author, also to leave them out', async () => {
    await using library = await openWithModels(target);
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['tag:toy', ['gear one', 'gear two']],
      ['tag:"Desk Toy" gear', ['gear three']],
      ['gear tag:TOY', ['gear one', 'gear two']],
      ['gear -tag:toy', ['gear three']],
      ['-tag:toy -tag:"desk toy"', ['bolt']],
      ['tag:toy tag:"desk toy"', []],
      ['tag:absent', []],
      ['-tag:absent bolt', ['bolt']],
      ['format:obj', ['gear two']],
      ['gear format:.OBJ', ['gear two']],
      ['format:obj,ply', ['gear three', 'gear two']],
      ['gear -format:obj', ['gear one', 'gear three']],
      ['format:obj format:ply', []],
      ['format:docx', []],
      ['author:lovelace', ['gear one']],
      ['author:"Ada Lovelace" gear', ['gear one']],
      ['author:emmett', ['gear two']],
      ['gear -author:lovelace', ['gear three', 'gear two']],
      ['lovelace', ['gear one']],
      ['one|two', ['gear one', 'gear two']],
      ['gear one|three|four', ['gear one', 'gear three']],
    ];
    for (const [query, expected] of cases) {
      const { hits, matching, corrected } = await library.search.searchModels(query);
      const found = matching === 'all' && corrected === null ? hits.map((hit) => hit.model.name) : [];
      expect([query, found.toSorted()]).toEqual([query, expected]);
      const { items } = await library.models.search({ text: query });
      expect([query, items.map((model) => model.name).toSorted()]).toEqual([query, expected]);
    }
  });

  test('take the name of a tag as it is, typographic quotes included; where it has spaces they are quotes', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('plate'));
    await library.models.create(modelInput('other'));
    for (const tag of ['5“', '«foo»', 'a“b”', '„x“']) {
      await library.tags.tag(id, tag);
      const names = async (query: string) =>
        (await library.search.searchModels(query)).hits.map(({ model }) => model.name);
      expect([tag, await names(`tag:${tag}`), await names(`-tag:${tag}`)]).toEqual([tag, ['plate'], ['other']]);
      expect(await names(`plate tag:${tag} “plate”`)).toEqual(['plate']);
      expect(await names(`tag:"${tag}"`)).toEqual(['plate']);
    }
    await library.tags.tag(id, 'desk toy');
    for (const query of ['tag:“desk toy”', 'tag:«desk toy» plate', 'plate TAG:„desk toy“ tag:5“']) {
      const { hits, matching } = await library.search.searchModels(query);
      expect([query, matching, hits.map(({ model }) => model.name)]).toEqual([query, 'all', ['plate']]);
    }
  });

  test('narrow the filters that are given beside them', async () => {
    await using library = await openWithModels(target);
    const found = async (...[query, filter]: Parameters<Library['search']['searchModels']>) =>
      (await library.search.searchModels(query, filter)).hits.map((hit) => hit.model.name).toSorted();
    expect(await found('gear format:obj,ply', { formats: ['obj', 'stl'] })).toEqual(['gear two']);
    expect(await found('gear format:obj', { formats: ['stl'] })).toEqual([]);
    expect(await found('gear tag:toy', { tagsAll: ['red'] })).toEqual(['gear two']);
    expect(await found('gear -tag:red', { tagsNone: ['desk toy'] })).toEqual(['gear one']);
  });

  test('without a value they are not conditions yet', async () => {
    await using library = await openWithModels(target);
    for (const query of ['tag:', 'format:', 'author:', 'tag:"', '-tag:']) {
      expect([query, (await library.search.searchModels(query)).total]).toEqual([query, 4]);
    }
    expect((await library.search.searchModels('gear tag:')).total).toBe(3);
    // Other words before a colon are words.
    expect((await library.search.searchModels('name:bolt')).matching).toBe('some');
  });
});

async function openWithModels(target: (typeof targets)[number]): Promise<Library> {
  const library = await openLibrary(target);
  await library.models.createMany([
    { model: modelInput('gear one', { format: 'stl', author: 'Ada Lovelace' }), tags: ['Toy'] },
    { model: modelInput('gear two', { format: 'obj', author: 'EmmettLalish' }), tags: ['toy', 'red'] },
    { model: modelInput('gear three', { format: 'ply' }), tags: ['Desk toy'] },
    { model: modelInput('bolt', { format: 'stl' }) },
  ]);
  return library;
}
