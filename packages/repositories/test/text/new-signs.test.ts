// Signs that are younger than the Unicode tables of FTS5, which takes them for letters: the words beside them are found.
import { expect, test } from 'vitest';
import { extraSearchText } from '../../src/text/extra-text.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('words beside any sign that FTS5 takes for a letter are in the extra search text', async () => {
  await using library = await openLibrary(':memory:');
  const { $client } = library.transactions.db;
  await $client.execute(`create virtual table signs using fts5(t, tokenize = 'unicode61 remove_diacritics 2')`);
  await $client.execute(`with recursive codes(c) as (select 128 union all select c + 1 from codes where c < 131071)
    insert into signs (rowid, t) select c, char(c) || 'robot' from codes where c not between 55296 and 57343`);
  const { rows } = await $client.execute(
    `select rowid as c from signs where rowid not in (select rowid from signs('robot'))`,
  );
  // Some stand for letters (㋿), and are read as these.
  const signs = rows
    .map(({ c }) => String.fromCodePoint(Number(c)))
    .filter((sign) => !/[\p{L}\p{M}\p{N}]/u.test(sign.normalize('NFKC')));
  expect(signs).toEqual(expect.arrayContaining(['🤖', '🦖', '₿', '🥇', '\ue0b0']));
  const source = { fileName: 'a.stl', filePath: '/a.stl', description: null };
  const lacking = signs.filter(
    (sign) =>
      extraSearchText({ ...source, name: `${sign}robot` }) !== 'robot' ||
      extraSearchText({ ...source, name: 'a', description: `${sign}robot` }) !== 'robot',
  );
  expect(lacking).toEqual([]);
});

test('words beside new emoji and signs are found in names, file names and descriptions', async () => {
  await using library = await openLibrary(':memory:');
  const { models, search } = library;
  await models.create(modelInput('🤖robot'));
  await models.create(modelInput('T-Rex🦖 skull'));
  await models.create(modelInput('hexBolt🥇medal'));
  await models.create(modelInput('coin', { fileName: '₿token.stl' }));
  await models.create(modelInput('lamp', { description: 'Shines on the garden🪴, and on a fountainPen🪶' }));
  for (const [query, name] of [
    ['robot', '🤖robot'],
    ['🤖robot', '🤖robot'],
    ['"rex skull"', 'T-Rex🦖 skull'],
    ['hexbolt medal', 'hexBolt🥇medal'],
    ['"hex bolt medal"', 'hexBolt🥇medal'],
    ['token', 'coin'],
    ['garden', 'lamp'],
    ['fountainpen', 'lamp'],
    ['"fountain pen"', 'lamp'],
  ] as const) {
    const { hits, corrected, matching } = await search.searchModels(query);
    expect([query, hits.map(({ model }) => model.name), corrected, matching]).toEqual([query, [name], null, 'all']);
  }
});
