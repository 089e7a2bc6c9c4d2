// Phrases, and the parts of glued words that are asked for as phrases, stand within one text of a model.
import { expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('no phrase goes from one text of a model on into the next', async () => {
  await using library = await openLibrary(':memory:');
  const { models, search } = library;
  await models.create(modelInput('M3x12', { fileName: 'gear_v2.stl' }));
  await models.create(modelInput('Lever yv5', { fileName: 'MK7_head.stl' }));
  await models.create(modelInput('KaptonCaddy V1.1', { fileName: 'Level2.stl' }));
  await models.create(modelInput('Lamp', { description: 'A hexBolt at the top. Two pages on there is a greenNut.' }));
  await models.create(modelInput('Tower', { filePath: '/x/RedDragon9/BlueLion/tower.stl' }));
  const found = async (query: string) => {
    const { hits, matching, corrected } = await search.searchModels(query);
    return matching === 'all' && corrected === null ? hits.map(({ model }) => model.name) : [];
  };
  for (const query of ['"12 gear"', '5m', '"1level"', '"bolt green"', '"9 bluelion"', '"red dragon 9 bluelion"']) {
    expect([query, await found(query)]).toEqual([query, []]);
  }
  for (const [query, name] of [
    ['"3 x 12"', 'M3x12'],
    ['mk7', 'Lever yv5'],
    ['"level 2"', 'KaptonCaddy V1.1'],
    ['"hex bolt"', 'Lamp'],
    ['"dragon 9"', 'Tower'],
    ['"blue lion"', 'Tower'],
  ] as const) {
    expect([query, await found(query)]).toEqual([query, [name]]);
  }
  // What keeps them apart is no word of the library.
  await search.refreshWords();
  expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
});
