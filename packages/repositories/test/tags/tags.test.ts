// Tags on models: one tag per folded name, counters and search text that follow, and nothing left of deleted models.
import type { ModelId } from '@cc/schema';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

describe.each(targets)('tags in %s', (target) => {
  test('the first spelling is kept and other spellings are the same tag', async () => {
    await using library = await openLibrary(target);
    const a = await library.models.create(modelInput('a'));
    const b = await library.models.create(modelInput('b'));
    expect(await library.search.tag(a, ' Straße ')).toBe(true);
    expect(await library.search.tag(a, 'STRAßE')).toBe(false);
    expect(await library.search.tag(b, 'straße')).toBe(true);
    expect(await library.search.tag(b, 'Ａpple')).toBe(true);
    expect(await library.search.tag(b, 'apple')).toBe(false);
    expect(await library.tags.getTags(b)).toEqual(['Ａpple', 'Straße']);
    expect(await library.tags.listTags()).toEqual([
      { name: 'Straße', models: 2 },
      { name: 'Ａpple', models: 1 },
    ]);
    expect(await library.search.untag(a, 'STRASSE')).toBe(false);
    expect(await library.search.untag(a, 'STRAßE')).toBe(true);
    expect(await library.tags.getTags(a)).toEqual([]);
    expect(await library.tags.listTags({ limit: 1 })).toMatchObject([{ models: 1 }]);
  });

  test('a name of which nothing can be seen is refused, and one that is there already can be taken off', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a'));
    await library.search.tag(id, 'seen');
    for (const blank of ['\u200b', '\u3164', '\u00ad\u2060', '\ufeff \u2800']) {
      const words = 'tag must have a sign that can be seen';
      await expect(library.tags.tag(id, blank)).rejects.toThrow(words);
      await expect(library.tags.renameTag('seen', blank)).rejects.toThrow(words);
      await expect(library.tags.mergeTags(['seen'], blank)).rejects.toThrow(words);
      await expect(library.models.createMany([{ model: modelInput('b'), tags: [blank] }])).rejects.toThrow(words);
      await expect(library.collections.create({ name: blank })).rejects.toThrow('collection.name must');
      await expect(library.search.saveSearch(blank, 'gear')).rejects.toThrow('name must');
      expect(await library.tags.untag(id, blank)).toBe(false);
    }
    for (const seen of ['❤\ufe0f', 'a\u200bb', '\u0301', '中']) expect(await library.tags.tag(id, seen)).toBe(true);
  });

  test('models are found by a tag while they carry it', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a'));
    const total = async () => (await library.search.searchModels('calibration')).total;
    await library.search.tag(id, 'Calibration cube');
    expect(await total()).toBe(1);
    await library.search.untag(id, 'calibration CUBE');
    expect(await total()).toBe(0);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('a deleted model leaves its tags with right counts', async () => {
    await using library = await openLibrary(target);
    const ids = [];
    for (const name of ['a', 'b', 'c']) {
      const id = await library.models.create(modelInput(name));
      await library.search.tag(id, 'shared');
      await library.search.tag(id, name);
      ids.push(id);
    }
    const [first] = ids;
    if (first === undefined) throw new Error('no model');
    await library.models.delete(first);
    expect(await library.tags.listTags()).toEqual([
      { name: 'shared', models: 2 },
      { name: 'b', models: 1 },
      { name: 'c', models: 1 },
    ]);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('tags of many models come at once, empty for those without', async () => {
    await using library = await openLibrary(target);
    const a = await library.models.create(modelInput('a'));
    const b = await library.models.create(modelInput('b'));
    await library.search.tag(a, 'two');
    await library.search.tag(a, 'one');
    const tags = await library.tags.getTagsOfMany([b, a]);
    expect([...tags]).toEqual([
      [b, []],
      [a, ['one', 'two']],
    ]);
  });

  test('a prefix is the beginning of names: with its space at the end, and whatever a sigma is in the middle', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a'));
    for (const tag of ['ΟΔΟΣ', 'οδοσα', 'hexagon', 'hex key', 'hex']) await library.tags.tag(id, tag);
    for (const [prefix, ...names] of [
      ['ΟΔΟΣ', 'ΟΔΟΣ', 'οδοσα'],
      ['οδος', 'ΟΔΟΣ', 'οδοσα'],
      ['οδοσ', 'ΟΔΟΣ', 'οδοσα'],
      ['οδοσα', 'οδοσα'],
      ['hex ', 'hex key'],
      [' HEX', 'hex', 'hex key', 'hexagon'],
      [' ', 'hex', 'hex key', 'hexagon', 'ΟΔΟΣ', 'οδοσα'],
      ['hex\n'],
      ['x'.repeat(1_000)],
    ] as const) {
      const listed = (await library.tags.listTags({ prefix })).map(({ name }) => name);
      expect([prefix, ...listed]).toEqual([prefix, ...names]);
    }
  });

  test('wrong names and absent models are refused and leave no tag behind', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a'));
    for (const name of ['', '  ', 'two\nlines', 'x'.repeat(201), 'a\ud800']) {
      await expect(library.search.tag(id, name)).rejects.toThrow(/tag/);
    }
    const absent = '00000000-0000-7000-8000-000000000000' as ModelId;
    await expect(library.search.tag(absent, 'x')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await library.search.untag(absent, 'x')).toBe(false);
    const { rows } = await library.transactions.db.$client.execute('select count(*) as n from tags');
    expect(Number(rows[0]?.['n'])).toBe(0);
  });
});

test('a filter asks for any number of tags at once', async () => {
  await using library = await openLibrary(':memory:');
  const { models, search } = library;
  const all = Array.from({ length: 1_100 }, (_, i) => `tag ${i}`);
  await models.createMany([
    { model: modelInput('all'), tags: all },
    { model: modelInput('nearly'), tags: all.slice(1) },
    { model: modelInput('half'), tags: all.slice(500) },
  ]);
  const names = async (tags: readonly string[]): Promise<string[]> =>
    (await search.searchByTags(tags)).items.map(({ name }) => name).sort();
  expect(await names(all)).toEqual(['all']);
  expect(await names(all.slice(1))).toEqual(['all', 'nearly']);
  expect(await names(all.slice(500))).toEqual(['all', 'half', 'nearly']);
  expect(await names([...all, 'no tag'])).toEqual([]);
  const { hits } = await search.searchModels('nearly', { tagsAll: all.slice(1) });
  expect(hits.map(({ model }) => model.name)).toEqual(['nearly']);
});

test.each([99, 100, 101, 102])('each of %i tags that a filter asks for counts', async (count) => {
  await using library = await openLibrary(':memory:');
  const all = Array.from({ length: count }, (_, i) => `tag ${i}`);
  // Each but the first lacks one, the last of them the one that is carried most.
  const carried = [all, ...all.map((_, lacking) => all.filter((_tag, i) => i !== lacking))];
  await library.models.createMany([
    ...carried.map((tags, i) => ({ model: modelInput(`model ${i}`), tags })),
    { model: modelInput('other'), tags: [all[count - 1] ?? ''] },
  ]);
  const found = await library.models.list({ filter: { tagsAll: all } });
  expect(found.items.map(({ name }) => name)).toEqual(['model 0']);
  expect(await library.models.count({ tagsAll: all })).toBe(1);
});
