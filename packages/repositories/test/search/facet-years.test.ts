// The years of facets come from counters, or from the rows: they say the same.
import { expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

const times = [
  -8.64e15, -62_167_219_200_001, -210_866_760_000_001, -62_167_219_200_000, -62_135_596_800_000, -1, 0,
  253_402_300_799_999,
];

test('every year has one name, and is there for the whole library as for a part of it', async () => {
  await using library = await openLibrary(':memory:');
  for (const time of [...times, 253_402_300_800_000, 8.64e15]) {
    await library.models.create(modelInput('part', { createdAt: new Date(time) }));
  }
  const all = await library.search.searchModels('', {}, { facets: true });
  const filtered = await library.search.searchModels('', { formats: ['stl'], minFileSize: 1 }, { facets: true });
  const byWords = await library.search.searchModels('part', {}, { facets: true });
  expect(all.facets?.years.map(({ value }) => value)).toEqual([
    '275760',
    '10000',
    '9999',
    '1970',
    '1969',
    '1',
    '0',
    '-1',
    '-4713',
    '-271821',
  ]);
  expect(filtered.facets?.years).toEqual(all.facets?.years);
  expect(byWords.facets?.years).toEqual(all.facets?.years);
});

test('facets of a filter count up to 500 models, as those of words do', async () => {
  await using library = await openLibrary(':memory:');
  await library.models.createMany(Array.from({ length: 510 }, () => ({ model: modelInput('part', { rating: 3 }) })));
  await library.models.createMany(Array.from({ length: 490 }, () => ({ model: modelInput('gear', { rating: 4 }) })));
  const facets = async (query: string, rating: number) =>
    (await library.search.searchModels(query, { minRating: rating, maxRating: rating }, { facets: true })).facets;
  expect(await facets('', 4)).toMatchObject({ models: 490, exact: true });
  expect(await facets('gear', 4)).toMatchObject({ models: 490, exact: true });
  expect(await facets('', 3)).toMatchObject({ models: 500, exact: false });
  expect(await facets('part', 3)).toMatchObject({ models: 500, exact: false });
});
