// Words of folders: which ones of a path, how far below names they come, and that they follow the file.
import { expect, test } from 'vitest';
import { folderNames } from '../../src/text/folder-words.js';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary } from '../open-library.js';

test.each([
  ['/HOME/anna/Models/Dragons/Red/body_v3.stl', ['Dragons', 'Red']],
  ['/USERS/anna/Downloads/3D Prints/Dragons/body.stl', ['Dragons']],
  ['/mnt/nas/Miniatures/Dragons/Red/Wings/body.stl', ['Dragons', 'Red', 'Wings']],
  ['C:\\Users\\Anna\\Documents\\Dragons\\body.stl', ['Dragons']],
  ['D:/Dragons/Red/body.stl', ['Dragons', 'Red']],
  ['\\\\nas\\models\\Dragons\\body.stl', ['Dragons']],
  ['/srv/Dragons.zip!/wings/left.stl', ['Dragons', 'wings']],
  ['s3://bucket/Dragons/body.stl', ['Dragons']],
  ['Dragons/Red/body.stl', ['Dragons', 'Red']],
  ['/srv/Dragons/2024-05/17/--/body.stl', ['Dragons']],
  ['/srv/竜/モデル/body.stl', ['竜', 'モデル']],
  ['/srv/a\\b/body.stl', ['a\\b']],
  ['/body.stl', []],
  ['/HOME/anna/body.stl', []],
  ['body.stl', []],
  ['', []],
])('of %s the folders that say what is in them are %j', (path, names) => {
  expect(folderNames(path)).toEqual(names);
});

test('a model is found by its folders, glued and unfinished words too, and a word of the root or a home finds nothing', async () => {
  await using library = await openLibrary(':memory:');
  await add(library, 'body', '/HOME/anna/Models/Dragons/RedWings_v2/Crème/body.stl');
  await add(library, 'other', '/HOME/anna/Models/other.stl');
  for (const query of ['dragons', 'DRAG', 'wings', 'redwings', '"red wings"', 'v2', 'creme', 'dragons body']) {
    expect([query, await names(library, query)]).toEqual([query, ['body']]);
  }
  for (const query of ['home', 'anna', 'models']) expect([query, await names(library, query)]).toEqual([query, []]);
  expect(await names(library, 'body -dragons')).toEqual([]);
});

test('name, tag and file name each come before a folder', async () => {
  await using library = await openLibrary(':memory:');
  await add(library, 'dragon', '/srv/a1/x.stl');
  const tagged = await add(library, 'wing', '/srv/b1/x.stl');
  await library.search.tag(tagged, 'dragon');
  await add(library, 'claw', '/srv/c1/dragon.stl', 'dragon.stl');
  await add(library, 'tail', '/srv/dragon/x.stl');
  expect(await names(library, 'dragon')).toEqual(['dragon', 'wing', 'claw', 'tail']);
});

test('a moved file is found by its new folders and not by its old ones, and back where it was when the move is rolled back', async () => {
  await using library = await openLibrary(':memory:');
  const id = await add(library, 'body', '/srv/Dragons/body.stl');
  const moved = library.transactions.transaction(async () => {
    await library.models.update(id, { filePath: '/srv/Knights/body.stl' });
    expect(await names(library, 'knights')).toEqual(['body']);
    throw new Error('rolled back');
  });
  await expect(moved).rejects.toThrow('rolled back');
  expect([await names(library, 'knights'), await names(library, 'dragons')]).toEqual([[], ['body']]);
  await library.models.update(id, { filePath: '/srv/Knights/body.stl' });
  expect([await names(library, 'knights'), await names(library, 'dragons')]).toEqual([['body'], []]);
  expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
});

test('words that plain SQL left behind are reported by verifyIndex and put right by reindex', async () => {
  await using library = await openLibrary(':memory:');
  await add(library, 'body', '/srv/Dragons/body.stl');
  await library.transactions.db.$client.execute("update models set file_path = '/srv/Knights/body.stl'");
  const { problems } = await library.search.verifyIndex();
  expect(problems).toEqual(['1 models have outdated extra search words']);
  await library.search.reindex();
  expect([await names(library, 'knights'), await names(library, 'dragons')]).toEqual([['body'], []]);
  expect((await library.search.verifyIndex()).ok).toBe(true);
});

test('words of folders are suggested and corrected to', async () => {
  await using library = await openLibrary(':memory:');
  await library.models.createMany([{ model: modelInput('body', { filePath: '/srv/Dragons/body.stl' }) }]);
  expect(await library.search.getSearchSuggestions('drag')).toMatchObject([{ word: 'dragons', models: 1 }]);
  expect((await library.search.searchModels('dargons')).corrected).toBe('dragons');
});

function add({ models }: Library, name: string, filePath: string, fileName = 'x.stl') {
  return models.create(modelInput(name, { filePath, fileName }));
}

async function names({ search }: Library, query: string): Promise<readonly string[]> {
  const page = await search.searchModels(query);
  return page.corrected === null && page.matching !== 'some' ? page.hits.map(({ model }) => model.name) : [];
}
