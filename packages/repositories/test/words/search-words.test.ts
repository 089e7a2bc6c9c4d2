// What is made of the words of the library: suggestions, corrections, and their copy that is kept beside the index.
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, targets } from '../open-library.js';

describe.each(targets)('words in %s', (target) => {
  test('a beginning is completed by the words of most models, with what was typed before it', async () => {
    await using library = await openWithNames(target, ['hex bolt', 'hex bolt long', 'hex box', 'bone', 'Böhm bohrer']);
    const suggested = async (query: string, limit?: number) =>
      (await library.search.getSearchSuggestions(query, limit === undefined ? {} : { limit })).map(
        ({ text, models }) => [text, models],
      );
    for (const state of ['of the bulk', 'made anew']) {
      expect([state, await suggested('bo')]).toEqual([
        state,
        [
          ['bolt', 2],
          ['bohm', 1],
          ['bohrer', 1],
          ['bone', 1],
          ['box', 1],
        ],
      ]);
      expect(await suggested('bo', 1)).toEqual([['bolt', 2]]);
      expect(await suggested('BÖH', 1)).toEqual([['bohm', 1]]);
      // Only what is found together.
      expect(await suggested('hex bo')).toEqual([
        ['hex bolt', 2],
        ['hex box', 1],
      ]);
      expect(await suggested('"hex bol')).toEqual([['"hex bolt', 2]]);
      expect(await suggested('-bone bo', 2)).toEqual([
        ['-bone bolt', 2],
        ['-bone bohm', 1],
      ]);
      for (const nothing of ['', '  ', 'zz', 'tag:he', '"hex"', '*', '-he'])
        expect(await suggested(nothing)).toEqual([]);
      await library.search.reindex();
    }
    await expect(library.search.getSearchSuggestions('a', { limit: 0 })).rejects.toThrow(/limit/);
    await expect(library.search.getSearchSuggestions('a', { limt: 1 } as never)).rejects.toThrow(/'limit'/);
  });

  test('only what the tags, formats and exclusions beside it let be found is suggested', async () => {
    await using library = await openLibrary(target);
    await library.models.createMany([
      { model: modelInput('Bear red'), tags: ['toy'] },
      { model: modelInput('Bolt red', { format: 'obj' }) },
      { model: modelInput('Box big', { author: 'Ada' }) },
    ]);
    for (const [query, ...expected] of [
      ['tag:toy b', 'tag:toy bear'],
      ['-tag:toy b', '-tag:toy big', '-tag:toy bolt', '-tag:toy box'],
      ['format:obj b', 'format:obj bolt'],
      ['-format:obj red b', '-format:obj red bear'],
      ['tag:absent b'],
      ['tag:toy format:obj b'],
      ['-red b', '-red big', '-red box'],
      ['-red -big b'],
      ['big -red b', 'big -red big', 'big -red box'],
      ['tag:toy -bear red b'],
      ['author:ada b', 'author:ada big', 'author:ada box'],
      ['x|red b', 'x|red bear', 'x|red bolt'],
    ] as const) {
      const suggestions = await library.search.getSearchSuggestions(query);
      expect([query, ...suggestions.map(({ text }) => text)]).toEqual([query, ...expected]);
      for (const { text } of suggestions) {
        expect(await library.search.searchModels(text)).toMatchObject({ corrected: null, matching: 'all' });
        expect((await library.search.searchModels(text)).total).toBeGreaterThan(0);
      }
    }
  });

  test('a Greek word is suggested and corrected whichever of the two small sigmas it ends in', async () => {
    await using library = await openWithNames(target, ['ΠΡΟΣΑΡΜΟΓΕΑΣ', 'άλλος']);
    const { search, models } = library;
    for (const state of ['of the bulk', 'made anew', 'behind']) {
      for (const typed of ['ΠΡΟΣΑΡΜΟΓΕΑΣ', 'προσαρμογέας', 'προς', 'προσ']) {
        const [suggestion] = await search.getSearchSuggestions(typed);
        expect([state, typed, suggestion?.word]).toEqual([state, typed, 'προσαρμογεασ']);
      }
      const { corrected, total } = await search.searchModels('προσαρμωγεος');
      expect([state, corrected, total]).toEqual([state, 'προσαρμογεασ', 1]);
      if (state === 'of the bulk') await search.reindex();
      else await models.create(modelInput('bone'));
    }
  });

  test('words of new models are suggested while the copy is behind', async () => {
    await using library = await openWithNames(target, ['gear']);
    await library.search.reindex();
    await library.transactions.transaction(async () => {
      await library.models.create(modelInput('gearbox'));
      const words = (await library.search.getSearchSuggestions('gear')).map(({ word }) => word);
      expect(words).toEqual(['gear', 'gearbox']);
    });
  });

  test.each([
    ['bering', 'bearing'],
    ['baering', 'bearing'],
    ['bearinh', 'bearing'],
    ['bbearing', 'bearing'],
    ['planatery gaer', 'planetary gear'],
    ['"gear" planetray', '"gear" planetary'],
    ['plentary -bolt', 'planetary -bolt'],
    // Each word is there, but not both.
    ['boat gear', 'bolt gear'],
  ])('%s finds what was meant, and says so', async (query, meant) => {
    await using library = await openWithNames(target, ['planetary gear', 'ball bearing', 'bolt gear', 'boat']);
    for (const state of ['behind', 'up to date']) {
      const page = await library.search.searchModels(query, {}, { highlight: true });
      expect([state, page.corrected, page.matching]).toEqual([state, meant, 'all']);
      expect(page.hits.length).toBe(1);
      expect(page.hits[0]?.highlight?.name.some(({ match }) => match)).toBe(true);
      await library.search.reindex();
    }
  });

  test('a corrected query finds the same hits when it is searched itself, wherever their words stand', async () => {
    await using library = await openWithNames(target, ['blue case', 'thing', 'cage', 'red case of a cable']);
    const things = await library.search.searchModels('thing');
    for (const { model } of things.hits) {
      for (const tag of ['red', 'cave']) await library.tags.tag(model.id, tag);
    }
    await library.models.create(modelInput('item', { author: 'Zoe Marple' }));
    await library.models.create(modelInput('apple maple'));
    for (const [query, meant] of [
      ['red caxe', 'red case|cave'],
      ['zoe mrple', 'zoe marple'],
    ]) {
      const named = async (text: string, limit: number) => {
        const names: string[] = [];
        for (let after: string | null = null; ; ) {
          const page = await library.search.searchModels(text, {}, { limit, after });
          expect([text, page.corrected]).toEqual([text, text === query ? meant : null]);
          names.push(...page.hits.map(({ model }) => model.name));
          after = page.next;
          if (after === null) return names;
        }
      };
      const names = await named(String(query), 1);
      expect(names.length).toBeGreaterThan(0);
      expect(await named(String(meant), 10)).toEqual(names);
    }
  });

  test('what is there is not corrected, nor what a filter leaves out', async () => {
    await using library = await openWithNames(target, ['gear', 'dear']);
    await library.models.create(modelInput('year', { format: 'obj' }));
    expect((await library.search.searchModels('gear')).corrected).toBeNull();
    expect(await library.search.searchModels('gear', { formats: ['obj'] })).toMatchObject({
      corrected: null,
      total: 0,
    });
    expect(await library.search.searchModels('xqzv')).toMatchObject({ corrected: null, total: 0, matching: 'all' });
  });

  test('when no model has all words, those with most of them are found', async () => {
    await using library = await openWithNames(target, ['red gear box', 'red gear', 'blue window', 'lamp']);
    const page = await library.search.searchModels('red gear window');
    expect(page).toMatchObject({ matching: 'some', corrected: null, total: 2 });
    const pair = await library.search.searchModels('lamp window', {}, { limit: 1 });
    expect(pair).toMatchObject({ matching: 'some', total: 2 });
    const rest = await library.search.searchModels('lamp window', {}, { limit: 1, after: pair.next });
    expect([...pair.hits, ...rest.hits].map((hit) => hit.model.name).toSorted()).toEqual(['blue window', 'lamp']);
    expect(rest).toMatchObject({ matching: 'some', next: null });
  });

  test('pages of a corrected query go on where they ended', async () => {
    await using library = await openWithNames(
      target,
      Array.from({ length: 7 }, (_, i) => `bearing ${i}`),
    );
    const names: string[] = [];
    for (let after: string | null = null; ; ) {
      const page = await library.search.searchModels('baering', {}, { limit: 3, after });
      expect(page.corrected).toBe('bearing');
      names.push(...page.hits.map((hit) => hit.model.name));
      after = page.next;
      if (after === null) break;
    }
    expect(new Set(names).size).toBe(7);
    expect(names).toHaveLength(7);
  });

  test('the copy follows models that go, and verifyIndex sees what was written past it', async () => {
    await using library = await openWithNames(target, ['gear', 'bolt']);
    await library.search.reindex();
    const { $client } = library.transactions.db;
    const words = async () =>
      (await $client.execute('select term from search_terms order by term')).rows.map((row) => row['term']);
    expect(await words()).toContain('bolt');
    await $client.execute(`delete from models where name = 'bolt'`);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
    await library.search.reindex();
    expect(await words()).not.toContain('bolt');
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });

    for (const [damage, problem] of [
      [`update search_terms set models = 9 where term = 'gear'`, /1 words of suggestions differ/],
      [`insert into search_terms values ('axle', 1)`, /words of suggestions differ/],
      [`delete from search_deletes where term = 'gear' and del = 'gea'`, /1 entries for corrections are missing/],
      [`insert into search_deletes values ('wheel', 'wheels')`, /1 entries for corrections belong to no word/],
      [`update tags set model_count = 4`, /1 tags have a wrong number/],
      [`update model_counts set models = 7 where kind = 'format'`, /counts of formats/],
      [`insert into duplicate_hashes values ('h', 2)`, /1 counts of equal file hashes/],
    ] as const) {
      await $client.execute(`insert or ignore into tags (key, name) values ('t', 't')`);
      await $client.execute(damage);
      const report = await library.search.verifyIndex();
      expect([damage, report.ok]).toEqual([damage, false]);
      expect(report.problems.join()).toMatch(problem);
      await library.search.reindex();
      expect([damage, await library.search.verifyIndex()]).toEqual([damage, { ok: true, problems: [] }]);
    }
  });

  test('the words of a bulk are there when it ends, exactly as if they were made anew', async () => {
    await using library = await openWithNames(target, ['gear', 'Gearbox M3x12', 'crème brûlée']);
    await library.models.create(modelInput('alone'));
    await library.models.createMany(
      ['planetary gear', 'שָׁלוֹם'].map((name, i) => ({ model: modelInput(name), tags: i === 0 ? ['Red gear'] : [] })),
    );
    // Not said to be behind, so verifyIndex compares every word and its number of models.
    expect(await isBehind(library)).toBe(false);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('words of a bulk that is undone are undone with it', async () => {
    await using library = await openWithNames(target, ['gear']);
    const undone = library.transactions.transaction(async () => {
      await library.models.createMany([{ model: modelInput('axle') }]);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await isBehind(library)).toBe(false);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('a misspelt word of a model that was added or renamed alone is corrected at once', async () => {
    await using library = await openWithNames(target, ['gear']);
    const id = await library.models.create(modelInput('propeller'));
    expect((await library.search.searchModels('propelar')).corrected).toBe('propeller');
    await library.models.update(id, { name: 'windmill' });
    expect((await library.search.searchModels('windmil')).corrected).toBe(null);
    expect((await library.search.searchModels('wimdmill')).corrected).toBe('windmill');
    expect((await library.search.searchModels('propelar')).total).toBe(0);
    await library.search.refreshWords();
    // Where the copy has the word already, and what it lacks has it too, it is named once.
    await library.models.create(modelInput('windmill of wood'));
    expect((await library.search.searchModels('wood wimdmill')).corrected).toBe('wood windmill');
    await library.search.refreshWords();
    expect(await isBehind(library)).toBe(false);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('models that are written one by one are caught up with after every 128', async () => {
    await using library = await openWithNames(target, ['gear']);
    for (let i = 0; i < 127; i += 1) await library.models.create(modelInput('bolt'));
    expect(await isBehind(library)).toBe(true);
    await library.models.create(modelInput('axle'));
    expect(await isBehind(library)).toBe(false);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('a bulk into a library that plain SQL has filled leaves the rest to be caught up with', async () => {
    await using library = await openWithNames(target, ['gear']);
    const { $client } = library.transactions.db;
    await $client.execute(`insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
      select 'raw' || value, 'sprocket', 'stl', 'raw', '/raw' || value, 'raw' || value, 1, 1, 1 from generate_series(1, 2100)`);
    await library.models.createMany([{ model: modelInput('axle') }]);
    const words = async () =>
      (await $client.execute(`select term from search_terms where term in ('axle', 'sprocket') order by 1`)).rows.map(
        (row) => row['term'],
      );
    expect(await words()).toEqual(['axle', 'sprocket']);
    expect(await isBehind(library)).toBe(true);
    await library.search.refreshWords();
    expect(await isBehind(library)).toBe(false);
    await library.search.reindex();
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('texts of one word as long as a text may be are taken apart in one go', async () => {
    await using library = await openLibrary(target);
    const [fileName, description] = ['aB'.repeat(500), `it's ${'xY'.repeat(49_000)}`];
    const id = await library.models.create(modelInput("it's long", { fileName, description }));
    expect((await library.search.searchModels('its')).hits.map(({ model }) => model.id)).toEqual([id]);
  });

  test('a search or suggestion writes nothing, however far behind the words are', async () => {
    await using library = await openWithNames(target, ['gear']);
    const { $client } = library.transactions.db;
    await $client.execute(`update models set name = 'propeller'`);
    const state = async () => (await $client.execute('select name, value from search_state order by name')).rows;
    const before = await state();
    await library.transactions.read(async () => {
      expect((await library.search.searchModels('propelar')).corrected).toBe('propeller');
      expect((await library.search.searchModels('xqzv')).total).toBe(0);
      // Not what is not there any more.
      expect(await library.search.getSearchSuggestions('gea')).toEqual([]);
      expect((await library.search.getSearchSuggestions('prope')).map(({ word }) => word)).toEqual(['propeller']);
    });
    expect(await state()).toEqual(before);
  });
});

async function isBehind(library: Library): Promise<boolean> {
  const { rows } = await library.transactions.db.$client.execute(
    `with state as (select * from search_state)
      select (select value from state where name = 'words') = (select value from state where name = 'changes')
        + (select count(*) from models where seq > (select value from state where name = 'counted')) as ok`,
  );
  return Number(rows[0]?.['ok']) !== 1;
}

async function openWithNames(target: (typeof targets)[number], names: readonly string[]): Promise<Library> {
  const library = await openLibrary(target);
  await library.models.createMany(names.map((name) => ({ model: modelInput(name) })));
  return library;
}
