// Choices (`hex|torx`) whose pieces are more than one word of the index, and texts that only their signs part.
import { expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('a piece of a choice may have an apostrophe, a hyphen or a dot', async () => {
  await using library = await openLibrary(':memory:');
  for (const name of ["O'Brien knot", 'Rot weiss', 'hex-nut cap', 'hex cap nut', 'd.or ring', 'other']) {
    await library.models.create(modelInput(name));
  }
  const found = async (query: string) => {
    const { hits, matching, corrected } = await library.search.searchModels(query);
    expect([query, matching, corrected]).toEqual([query, 'all', null]);
    return hits.map(({ model }) => model.name).sort();
  };
  expect(await found("o'brien|rot")).toEqual(["O'Brien knot", 'Rot weiss']);
  expect(await found("rot|o'brien")).toEqual(["O'Brien knot", 'Rot weiss']);
  expect(await found('rot|O’Brien knot')).toEqual(["O'Brien knot"]);
  expect(await found('hex-nut|rot')).toEqual(['Rot weiss', 'hex-nut cap']);
  expect(await found("other|d.or|o'brien")).toEqual(["O'Brien knot", 'd.or ring', 'other']);
  expect(await found("-other o'brien|rot")).toEqual(["O'Brien knot", 'Rot weiss']);
});

test('the words of a choice are highlighted, those of a phrase together', async () => {
  await using library = await openLibrary(':memory:');
  await library.models.create(modelInput("O'Brien knot, o and brien"));
  const { hits } = await library.search.searchModels("rot|o'brien", {}, { highlight: true });
  const parts = hits[0]?.highlight?.name ?? [];
  expect(parts.filter(({ match }) => match).map(({ text }) => text)).toEqual(["O'Brien"]);
});

test('signs that are not seen and apostrophes make no difference in a description of plain words', async () => {
  await using library = await openLibrary(':memory:');
  await library.models.create(modelInput('soft', { description: 'a soft\u00adhyphen, and zero\u200bwidth' }));
  await library.models.create(modelInput('knot', { description: "the o'brien knot" }));
  await library.models.create(modelInput('dots', { description: 'one\u00a0space, and so on\u2026' }));
  for (const [query, name] of [
    ['softhyphen', 'soft'],
    ['soft\u00adhyphen', 'soft'],
    ['zerowidth', 'soft'],
    ['obrien', 'knot'],
    ["o'brien", 'knot'],
    ['brien', 'knot'],
    ['space', 'dots'],
  ] as const) {
    const { hits, corrected } = await library.search.searchModels(query);
    expect([query, hits.map(({ model }) => model.name), corrected]).toEqual([query, [name], null]);
  }
  expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
});
