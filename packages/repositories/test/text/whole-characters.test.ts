// Where a text is too long to be kept or shown as a whole it is never cut within a character: no text in UTF-8 has half of one.
import { expect, test } from 'vitest';
import { highlighter } from '../../src/search/highlight.js';
import { extraSearchText } from '../../src/text/extra-text.js';
import { parseQuery } from '../../src/text/parse-query.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

/** Two units in UTF-16. */
const han = '\u{20bb7}';

test('a model of which more words are parted than the index has room for is added, found, and as the index says it is', async () => {
  await using library = await openLibrary(':memory:');
  const { models, search } = library;
  for (let i = 0; i < 4; i += 1)
    await models.create(modelInput(`x${'3'.repeat(i)}y`, { description: han.repeat(9_000) }));
  expect((await search.searchModels(han)).total).toBe(4);
  expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
});

test('the words of a model, wherever they are cut, and the passage that is shown, wherever it begins, are well-formed', () => {
  for (let i = 0; i < 4; i += 1) {
    const description = 'a'.repeat(i) + han.repeat(9_000);
    expect(extraSearchText({ name: 'M3', fileName: 'm', filePath: '/m', description }).isWellFormed()).toBe(true);
    const text = `${'a'.repeat(i)}${'\u{1f600}'.repeat(200)} gear ${'\u{1f600}'.repeat(200 + i)}`;
    const passage = highlighter(parseQuery('gear'))({ name: 'x', fileName: 'x', description: text }, '').description;
    expect(passage.map((part) => part.text.isWellFormed())).toEqual(passage.map(() => true));
    expect(text).toContain(passage.map((part) => part.text.replace('…', '')).join(''));
  }
});
