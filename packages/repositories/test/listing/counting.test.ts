// Counts that are made of counters: ranges of sizes and triangles, and models that are not counted yet.
import type { Model } from '@cc/schema';
import { expect, test } from 'vitest';
import type { ModelFilter } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

const sizes = [0, 1, 1_023, 1_024, 1_025, 2_047, 2_048, 9_000, 2 ** 20 - 1, 2 ** 20, 2 ** 32 - 1, 2 ** 32, 2 ** 40];
const triangles = [null, 0, 63, 64, 65, 127, 128, 5_000, 2 ** 24 - 1, 2 ** 24, 2 ** 30];
const lows = [undefined, -1, 0, 0.5, 1_024, 1_024.5, 2_048, 2 ** 32, 2 ** 41];
const highs = [undefined, -1, 0, 63, 1_023.5, 2_047, 2_048, 2 ** 24, 2 ** 40];

const passes = (value: number | null, low: number | undefined, high: number | undefined): boolean =>
  value !== null && value >= (low ?? Number.NEGATIVE_INFINITY) && value <= (high ?? Number.POSITIVE_INFINITY);

test('a range of sizes or triangles is counted as it is listed, on and beside the powers of two', async () => {
  await using library = await openLibrary(':memory:');
  // Forty of them are counted by the triggers, the last ones wait.
  for (let i = 0; i < 47; i += 1) {
    const [fileSize = 0, count = null] = [sizes[i % sizes.length], triangles[i % triangles.length]];
    await library.models.create(modelInput(`part ${i}`, { fileSize, triangles: count }));
  }
  const { items } = await library.models.list({ limit: 100 });
  const counted = async (filter: ModelFilter, keep: (model: Model) => boolean): Promise<void> => {
    const expected = items.filter((model) => keep(model)).length;
    expect([filter, await library.models.count(filter)]).toEqual([filter, expected]);
  };
  for (const low of lows) {
    for (const high of highs) {
      if (low === undefined && high === undefined) continue;
      await counted({ minFileSize: low, maxFileSize: high }, ({ fileSize }) => passes(fileSize, low, high));
      await counted({ minTriangles: low, maxTriangles: high }, (model) => passes(model.triangles, low, high));
    }
  }
});

test('a text that no model can have counts none, whatever the filter beside it is', async () => {
  await using library = await openLibrary(':memory:');
  await library.models.create(modelInput('gear', { fileSize: 5_000, triangles: 10 }));
  const filters: readonly ModelFilter[] = [
    {},
    { minFileSize: 1 },
    { maxTriangles: 20 },
    { formats: ['stl'] },
    { favorite: false },
    { tagsNone: ['red'] },
  ];
  for (const text of ['!!!', 'format:none']) {
    for (const filter of filters) {
      const { items } = await library.models.search({ text, ...filter });
      expect([text, filter, items.length, await library.models.count({ text, ...filter })]).toEqual([
        text,
        filter,
        0,
        0,
      ]);
    }
  }
});

test('counts, facets and filters know the models that are not counted yet, and those that went uncounted', async () => {
  await using library = await openLibrary(':memory:');
  const { models, search } = library;
  const ids: string[] = [];
  for (let i = 0; i < 70; i += 1) {
    const format = i % 3 === 0 ? 'obj' : 'stl';
    ids.push(await models.create(modelInput(`part ${i}`, { format, license: i % 2 === 0 ? 'MIT' : null })));
    if (i % 4 === 3) await models.delete(ids.splice(ids.length - 2, 1)[0] as Model['id']);
    const { items } = await models.list({ limit: 100 });
    const objs = items.filter((model) => model.format === 'obj').length;
    expect(await models.count({ formats: ['obj'] })).toBe(objs);
    expect(await models.count({ license: 'MIT' })).toBe(items.filter(({ license }) => license === 'MIT').length);
    expect(await models.count()).toBe(ids.length);
    const { facets } = await search.searchModels('', {}, { facets: true });
    expect(facets?.models).toBe(ids.length);
    expect(facets?.formats.find(({ value }) => value === 'obj')?.models).toBe(objs);
  }
  expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
});
