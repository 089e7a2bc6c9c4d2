// Facets: how the hits of a search divide, with words, with filters, and of the whole library.
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

describe.each(targets)('facets in %s', (target) => {
  test('count formats, tags, years and licenses of all hits, not of the page', async () => {
    await using library = await openLibrary(target);
    const year = (n: number) => new Date(Date.UTC(n, 5, 1));
    await library.models.createMany([
      { model: modelInput('gear a', { format: 'stl', license: 'CC0', createdAt: year(2020) }), tags: ['Toy', 'red'] },
      { model: modelInput('gear b', { format: 'stl', license: 'MIT', createdAt: year(2021) }), tags: ['toy'] },
      { model: modelInput('gear c', { format: 'obj', createdAt: year(2021) }) },
      { model: modelInput('bolt', { format: 'ply', license: 'CC0', createdAt: year(2019) }), tags: ['metal'] },
    ]);
    const facets = async (...[query, filter]: Parameters<typeof library.search.searchModels>) =>
      (await library.search.searchModels(query, filter, { facets: true, limit: 1 })).facets;
    const ofGears = {
      formats: [
        { value: 'stl', models: 2 },
        { value: 'obj', models: 1 },
      ],
      tags: [
        { value: 'Toy', models: 2 },
        { value: 'red', models: 1 },
      ],
      years: [
        { value: '2021', models: 2 },
        { value: '2020', models: 1 },
      ],
      licenses: [
        { value: 'CC0', models: 1 },
        { value: 'MIT', models: 1 },
      ],
      models: 3,
      exact: true,
    };
    expect(await facets('gear')).toEqual(ofGears);
    expect(await facets('', { formats: ['stl', 'obj'] })).toEqual(ofGears);
    expect(await facets('-bolt')).toEqual(ofGears);
    expect(await facets('')).toEqual({
      formats: [
        { value: 'stl', models: 2 },
        { value: 'obj', models: 1 },
        { value: 'ply', models: 1 },
      ],
      tags: [
        { value: 'Toy', models: 2 },
        { value: 'metal', models: 1 },
        { value: 'red', models: 1 },
      ],
      years: [
        { value: '2021', models: 2 },
        { value: '2020', models: 1 },
        { value: '2019', models: 1 },
      ],
      licenses: [
        { value: 'CC0', models: 2 },
        { value: 'MIT', models: 1 },
      ],
      models: 4,
      exact: true,
    });
    expect(await facets('nothing here')).toMatchObject({ formats: [], models: 0, exact: true });
  });

  test('are for first pages that ask for them', async () => {
    await using library = await openLibrary(target);
    await library.models.createMany([{ model: modelInput('gear a') }, { model: modelInput('gear b') }]);
    const first = await library.search.searchModels('gear', {}, { limit: 1, facets: true });
    expect(first.facets?.models).toBe(2);
    const second = await library.search.searchModels('gear', {}, { limit: 1, facets: true, after: first.next });
    expect(second.facets).toBeNull();
    expect((await library.search.searchModels('gear')).facets).toBeNull();
    await expect(library.search.searchModels('gear', {}, { facets: 1 } as never)).rejects.toThrow(/facets must be/);
  });

  test('of more hits than are counted say so', async () => {
    await using library = await openLibrary(target);
    await library.models.createMany(Array.from({ length: 1_001 }, (_, i) => ({ model: modelInput(`gear ${i}`) })));
    const { facets } = await library.search.searchModels('gear', {}, { facets: true });
    expect(facets).toMatchObject({ models: 500, exact: false });
    const { facets: some } = await library.search.searchModels('gear', { formats: ['stl'] }, { facets: true });
    expect(some?.formats).toEqual([{ value: 'stl', models: 500 }]);
  });
});
