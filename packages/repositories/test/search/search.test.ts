// Full-text search: what words find, how pages follow each other, and what a page says about itself.
import { describe, expect, test } from 'vitest';
import type { ModelFilter, SearchPage } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, targets } from '../open-library.js';

describe.each(targets)('search in %s', (target) => {
  test.each([
    ['M3x12', ['m3', 'x12', 'm3x12', 'M3X12', '12', 'm3x', 'm 3 x 12', '3x12']],
    ['M3 x 12', ['m3x12', 'M3 12', 'x12']],
    ['hexBolt_v2', ['hex', 'bolt', 'v2', 'hexbolt', 'hexBolt', 'hex bolt', '2', 'HEXBOLT_V2']],
    ['HTTPServerRack', ['http', 'server', 'rack', 'HTTPServer']],
    ['模型螺丝', ['模型', '螺丝', '型螺', '模', '丝', '模型螺丝']],
    ['ガンダム頭部', ['ガンダム', '頭部', 'ダム頭']],
    ['한국어 모형', ['한국', '모형']],
    ['Straße', ['strasse', 'straße', 'STRASSE', 'stras']],
    ['Łódź', ['lodz', 'Łódź', 'łódź']],
    ['Crème brûlée', ['creme', 'brulee', 'CRÈME', 'cre\u0300me']],
    ['re\u0301sume\u0301', ['resume', 'résumé']],
    ['ﬁsh Ｗｉｄｅ', ['fish', 'wide']],
    ['Привет мир', ['привет', 'МИР', 'при']],
    ['Ёлочный шар', ['елочный', 'ЁЛОЧ', 'шар']],
    ['Μηχανή', ['μηχανη', 'ΜΗΧΑΝΉ']],
    ['موديل ثلاثي', ['موديل', 'ثلاثي']],
    ['हिन्दी मॉडल', ['हिन्दी', 'मॉडल']],
  ])('%s is found by its parts', async (name, queries) => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('something else entirely', { fileName: 'other.stl' }));
    await library.models.create(modelInput(name));
    for (const query of queries) expect([query, await names(library, query)]).toEqual([query, [name]]);
  });

  test('tags and authors are found as they are written, in any case and without accents, and have no plain spellings', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('bolt', { author: "Zoë O'Brien" }));
    await library.search.tag(id, 'Straße');
    await library.search.tag(id, 'Crème');
    for (const query of ['straße', 'STRAßE', 'creme', 'zoe', "o'brien", 'brien', 'author:brien', 'tag:straße']) {
      expect([query, await names(library, query)]).toEqual([query, ['bolt']]);
    }
    expect(await names(library, 'strasse')).toEqual([]);
    expect((await library.search.searchModels('obrien')).corrected).not.toBeNull();
  });

  test('words are all needed, the last one may be unfinished, quotes and minus mean what they say', async () => {
    await using library = await openLibrary(target);
    for (const name of ['hex bolt', 'bolt with hex head', 'hexagon bolt', 'hex nut', 'bolts']) {
      await library.models.create(modelInput(name));
    }
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ['hex bolt', ['bolt with hex head', 'hex bolt']],
      ['bolt hex', ['bolt with hex head', 'hex bolt', 'hexagon bolt']],
      ['"hex bolt"', ['hex bolt']],
      ['"hex bol', ['hex bolt']],
      ['“hex bolt”', ['hex bolt']],
      ['"hex"', ['bolt with hex head', 'hex bolt', 'hex nut']],
      ['bolt -hex', ['hexagon bolt']],
      ['-bolt', ['bolts', 'hex nut']],
      ['hex -"bolt with"', ['hex bolt', 'hex nut']],
      ['hex-nut', ['hex nut']],
      ['nothing', []],
      ['hex AND', []],
      ['hex OR nut', []],
    ];
    for (const [query, expected] of cases) {
      const { hits, matching } = await library.search.searchModels(query);
      const found = matching === 'all' ? hits.map((hit) => hit.model.name) : [];
      expect([query, found.toSorted()]).toEqual([query, [...expected].toSorted()]);
    }
  });

  test('tags, file names and descriptions are searched, names count most', async () => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('one', { description: 'a long text about a gear of some kind' }));
    await library.models.create(modelInput('two', { fileName: 'gear.stl' }));
    const three = await library.models.create(modelInput('three'));
    await library.search.tag(three, 'Gear');
    await library.models.create(modelInput('gear'));
    const found = await names(library, 'gear');
    expect(found[0]).toBe('gear');
    expect(found.at(-1)).toBe('one');
    expect(found.toSorted()).toEqual(['gear', 'one', 'three', 'two']);
  });

  test('filters narrow what words find', async () => {
    await using library = await openLibrary(target);
    const a = await library.models.create(modelInput('gear a', { format: 'obj', triangles: 5 }));
    const b = await library.models.create(modelInput('gear b', { format: 'stl', triangles: 50 }));
    await library.search.tag(a, 'x');
    await library.search.tag(b, 'X');
    await library.search.tag(b, 'y');
    const found = async (filters: ModelFilter) => {
      const { hits, total } = await library.search.searchModels('gear', filters);
      expect(total).toBe(hits.length);
      return hits.map((hit) => hit.model.name).sort();
    };
    expect(await found({ formats: ['obj', 'ply'] })).toEqual(['gear a']);
    expect(await found({ minTriangles: 6 })).toEqual(['gear b']);
    expect(await found({ tagsAll: ['x'] })).toEqual(['gear a', 'gear b']);
    expect(await found({ tagsAll: ['x', 'y'] })).toEqual(['gear b']);
    expect(await found({ tagsAny: ['y', 'z'] })).toEqual(['gear b']);
    expect(await found({ tagsNone: ['y'] })).toEqual(['gear a']);
    expect(await found({ tagsAll: ['z'] })).toEqual([]);
  });

  test('an update is found by its new words only', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('oldName', { description: 'M4x10' }));
    await library.models.update(id, { name: 'newName' });
    expect(await names(library, 'old')).toEqual([]);
    expect(await names(library, 'new')).toEqual(['newName']);
    expect(await names(library, 'x10')).toEqual(['newName']);
    await library.models.update(id, { description: null });
    expect(await names(library, 'x10')).toEqual([]);
    await library.models.delete(id);
    expect(await names(library, 'new')).toEqual([]);
  });

  test('pages follow each other without repeats, and cursors belong to their query', async () => {
    await using library = await openLibrary(target);
    await library.models.createMany(Array.from({ length: 55 }, (_, i) => ({ model: modelInput(`gear ${i % 3}`) })));
    const first = await library.search.searchModels('gear', {}, { limit: 20 });
    expect(first).toMatchObject({ total: 55, totalIsExact: true, ranking: 'exact' });
    const ids = await everyHit(library, 'gear', 20);
    expect(new Set(ids).size).toBe(55);
    await expect(library.search.searchModels('gear 1', {}, { after: first.next })).rejects.toThrow(TypeError);
    const other = { formats: ['stl'] } as const;
    await expect(library.search.searchModels('gear', other, { after: first.next })).rejects.toThrow(TypeError);
  });

  test('more hits than are ranked give a bounded page that says so, with the named model first', async () => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('Gear'));
    await library.models.createMany(
      Array.from({ length: 1_200 }, (_, i) => ({ model: modelInput(`part ${i}`, { description: 'gear' }) })),
    );
    const page = await library.search.searchModels('gear', { formats: ['stl'] });
    expect(page).toMatchObject({ total: 500, totalIsExact: false, ranking: 'bounded' });
    expect(page.hits[0]?.model.name).toBe('Gear');
    expect(page.hits).toHaveLength(20);
    const ids = await everyHit(library, 'gear', 100);
    expect(ids).toHaveLength(1_201);
    expect(new Set(ids).size).toBe(1_201);
    const exact = await library.search.searchModels('gear "part 11"');
    expect(exact).toMatchObject({ total: 1, totalIsExact: true, ranking: 'exact' });
  });

  test('a blank query lists what passes the filters, newest first', async () => {
    await using library = await openLibrary(target);
    for (const name of ['a', 'b']) {
      await library.models.create(modelInput(name));
      library.tick();
    }
    const page = await library.search.searchModels('  ', {}, { limit: 1 });
    expect(page.hits.map((hit) => [hit.model.name, hit.score])).toEqual([['b', null]]);
    expect(page.total).toBe(2);
    const next = await library.search.searchModels('  ', {}, { limit: 1, after: page.next });
    expect(next.hits.map((hit) => hit.model.name)).toEqual(['a']);
  });

  test('highlights are parts of the texts, whatever the texts hold', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(
      modelInput('<b>Gear</b> & gears', { fileName: 'gear.stl', description: 'no' }),
    );
    await library.search.tag(id, 'big gear');
    const { hits } = await library.search.searchModels('gear', {}, { highlight: true });
    expect(hits[0]?.highlight).toEqual({
      name: [
        { text: '<b>', match: false },
        { text: 'Gear', match: true },
        { text: '</b> & ', match: false },
        { text: 'gear', match: true },
        { text: 's', match: false },
      ],
      fileName: [
        { text: 'gear', match: true },
        { text: '.stl', match: false },
      ],
      description: [{ text: 'no', match: false }],
      tags: [
        { text: 'big ', match: false },
        { text: 'gear', match: true },
      ],
    });
    expect((await library.search.searchModels('gear')).hits[0]?.highlight).toBeNull();
  });

  test('searches by tag, date range and format are pages of models', async () => {
    await using library = await openLibrary(target);
    const day = (n: number) => new Date(Date.UTC(2020, 0, n));
    const a = await library.models.create(modelInput('a', { createdAt: day(1), format: 'obj' }));
    const b = await library.models.create(modelInput('b', { createdAt: day(2), format: 'stl' }));
    await library.search.tag(a, 'x');
    await library.search.tag(b, 'x');
    await library.search.tag(b, 'y');
    const { search } = library;
    const listed = (page: { items: readonly { name: string }[] }) => page.items.map((model) => model.name).join('');
    expect(listed(await search.searchByTags(['x']))).toBe('ba');
    expect(listed(await search.searchByTags(['x', 'y']))).toBe('b');
    expect(listed(await search.searchByTags(['y', 'z'], { mode: 'any' }))).toBe('b');
    expect(listed(await search.searchByDateRange({ from: day(1), to: day(2) }))).toBe('a');
    expect(listed(await search.searchByDateRange({ from: day(2) }))).toBe('b');
    expect(listed(await search.searchByFileType('obj'))).toBe('a');
    const page = await search.searchByFileType(['obj', 'stl'], { limit: 1 });
    expect(listed(page)).toBe('b');
    expect(listed(await search.searchByFileType(['obj', 'stl'], { limit: 1, after: page.next }))).toBe('a');
  });
});

async function names(library: Library, query: string): Promise<string[]> {
  const { hits } = await library.search.searchModels(query);
  return hits.map((hit) => hit.model.name);
}

async function everyHit(library: Library, query: string, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: SearchPage = await library.search.searchModels(query, {}, { limit, after });
    ids.push(...page.hits.map((hit) => hit.model.id));
    after = page.next;
  } while (after !== null);
  return ids;
}
