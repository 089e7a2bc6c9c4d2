// What SearchRepository promises: what words and operators find, pages, highlights, facets, corrections, suggestions, saved
// searches, and that no text is an error. How hits are ranked is an implementation's own, but for what is said here.
import assert from 'node:assert/strict';
import type { SearchPage, SearchRepository } from '../contract/search.js';
import { type ContractCase, newFile, withCode } from './contract.js';

/** Cases on search. */
export const searchCases: readonly ContractCase[] = [
  {
    title: 'all words are needed, the last one may be unfinished; quotes, minus and operators mean what they say',
    async run({ models, search }) {
      const names = ['hex bolt', 'bolt with hex head', 'hexagon bolt', 'M3x12 hexBolt', 'Crème brûlée', '模型螺丝'];
      await models.createMany(
        names.map((name, n) => ({
          model: newFile(n, { name, format: n === 0 ? 'obj' : 'stl', author: n === 1 ? 'Ada Lovelace' : null }),
          tags: n < 2 ? ['Screws'] : [],
        })),
      );
      for (const [query, ...expected] of [
        ['bolt hex', 'hex bolt', 'bolt with hex head', 'hexagon bolt', 'M3x12 hexBolt'],
        ['hex bolt', 'hex bolt', 'bolt with hex head', 'M3x12 hexBolt'],
        ['"hex bolt" -m3x12', 'hex bolt'],
        ['12', 'M3x12 hexBolt'],
        ['creme BRU', 'Crème brûlée'],
        ['螺丝', '模型螺丝'],
        ['tag:screws -format:obj', 'bolt with hex head'],
        ['bolt author:lovelace', 'bolt with hex head'],
      ] as const) {
        assert.deepEqual((await namesOf(search, query)).sort(), [...expected].sort(), query);
      }
    },
  },
  {
    title: 'a name that is the query comes first, and names count more than descriptions',
    async run({ models, search }) {
      await models.create(newFile(1, { name: 'gear' }));
      await models.create(newFile(2, { name: 'part', description: 'for a gear' }));
      await models.create(newFile(3, { name: 'gear box housing' }));
      assert.deepEqual(await namesOf(search, 'gear'), ['gear', 'gear box housing', 'part']);
    },
  },
  {
    title: 'pages reach every hit once; a cursor of another query or filter is refused',
    async run({ models, search }) {
      await models.createMany(Array.from({ length: 7 }, (_, n) => ({ model: newFile(n, { name: `gear ${n % 2}` }) })));
      const seen: string[] = [];
      for (let after: string | null = null; ; ) {
        const page: SearchPage = await search.searchModels('gear', {}, { limit: 3, after });
        assert.equal(page.total, 7);
        seen.push(...page.hits.map(({ model }) => model.id));
        after = page.next;
        if (after === null) break;
      }
      assert.equal(seen.length, 7);
      assert.equal(new Set(seen).size, 7);
      const { next } = await search.searchModels('gear', {}, { limit: 3 });
      await assert.rejects(search.searchModels('gear 1', {}, { after: next }), TypeError);
      await assert.rejects(search.searchModels('gear', { formats: ['stl'] }, { after: next }), TypeError);
    },
  },
  {
    title: 'highlights put together are the text, and facets count all hits',
    async run({ models, search }) {
      await models.createMany([
        {
          model: newFile(1, { name: '<b>Gear</b>', license: 'CC0', createdAt: new Date(Date.UTC(2020, 1)) }),
          tags: ['red'],
        },
        { model: newFile(2, { name: 'gear', format: 'obj', createdAt: new Date(Date.UTC(2021, 1)) }), tags: ['Red'] },
      ]);
      const page = await search.searchModels('gear', {}, { limit: 1, highlight: true, facets: true });
      const [hit] = page.hits;
      const parts = hit?.highlight?.name ?? [];
      assert.equal(parts.map(({ text }) => text).join(''), hit?.model.name);
      assert.ok(parts.some(({ text, match }) => match && text.toLowerCase() === 'gear'));
      assert.deepEqual(page.facets?.tags, [{ value: 'red', models: 2 }]);
      assert.deepEqual(page.facets?.licenses, [{ value: 'CC0', models: 1 }]);
      assert.deepEqual(
        page.facets?.years.map(({ value }) => value),
        ['2021', '2020'],
      );
      assert.equal(page.facets?.formats.length, 2);
    },
  },
  {
    title: 'a misspelt query is corrected, and words that no model has together find some of them: both are said',
    async run({ models, search }) {
      await models.create(newFile(1, { name: 'planetary gear' }));
      await models.create(newFile(2, { name: 'lamp' }));
      const corrected = await search.searchModels('planatery gear');
      assert.equal(corrected.corrected, 'planetary gear');
      assert.equal(corrected.hits[0]?.model.name, 'planetary gear');
      const some = await search.searchModels('gear lamp');
      assert.equal(some.matching, 'some');
      assert.equal(some.total, 2);
      const right = await search.searchModels('gear');
      assert.deepEqual([right.corrected, right.matching], [null, 'all']);
    },
  },
  {
    title: 'suggestions complete the last word by words of the library, most used first',
    async run({ models, search }) {
      for (const [n, name] of ['bolt', 'bolt long', 'box'].entries()) await models.create(newFile(n, { name }));
      const words = (await search.getSearchSuggestions('bo')).map(({ word }) => word);
      assert.deepEqual(words, ['bolt', 'box']);
      assert.deepEqual(await search.getSearchSuggestions('zzz'), []);
    },
  },
  {
    title: 'tags, dates and formats are searched without words',
    async run({ models, search }) {
      const at = (day: number) => new Date(Date.UTC(2020, 0, day));
      await models.createMany([
        { model: newFile(1, { createdAt: at(1) }), tags: ['x'] },
        { model: newFile(2, { createdAt: at(2), format: 'obj' }), tags: ['X', 'y'] },
        { model: newFile(3, { createdAt: at(3) }) },
      ]);
      const found = (page: { readonly items: readonly { readonly name: string }[] }) =>
        page.items
          .map(({ name }) => name.slice(-1))
          .sort()
          .join('');
      assert.equal(found(await search.searchByTags(['x'])), '12');
      assert.equal(found(await search.searchByTags(['x', 'y'])), '2');
      assert.equal(found(await search.searchByTags(['y', 'z'], { mode: 'any' })), '2');
      assert.equal(found(await search.searchByTags(['y'], { mode: 'none' })), '13');
      assert.equal(found(await search.searchByDateRange({ from: at(1), to: at(3) })), '12');
      assert.equal(found(await search.searchByFileType('obj')), '2');
    },
  },
  {
    title: 'saved searches run again with their filters; a name is one search',
    async run({ models, search }) {
      await models.create(newFile(1, { name: 'gear', createdAt: new Date(1_000) }));
      await models.create(newFile(2, { name: 'gear', createdAt: new Date(9_000) }));
      await search.saveSearch('mine', 'bolt');
      await search.saveSearch('mine', 'gear', { createdTo: new Date(5_000) });
      assert.equal((await search.runSavedSearch('mine')).total, 1);
      assert.deepEqual(
        (await search.getSavedSearches()).map(({ name, query }) => [name, query]),
        [['mine', 'gear']],
      );
      assert.equal(await search.deleteSavedSearch('mine'), true);
      assert.equal(await search.deleteSavedSearch('mine'), false);
      await assert.rejects(search.runSavedSearch('mine'), withCode('SAVED_SEARCH_NOT_FOUND'));
    },
  },
  {
    title: 'any text is a page, never an error',
    async run({ models, search }) {
      await models.create(newFile(1, { name: 'gear' }));
      const texts = [
        '',
        '"',
        '-',
        '(',
        '*',
        'AND',
        'a OR',
        'NEAR(',
        'name:',
        'tag:',
        '\ud800',
        '\0',
        '%_',
        '|',
        `'; drop table models`,
      ];
      for (const text of [...texts, '('.repeat(500), 'a '.repeat(2_000), '字'.repeat(300)]) {
        const { hits, total } = await search.searchModels(text, {}, { highlight: true, facets: true });
        assert.ok(hits.length <= total, text);
        await search.getSearchSuggestions(text);
      }
    },
  },
];

async function namesOf(search: SearchRepository, query: string): Promise<string[]> {
  const { hits } = await search.searchModels(query);
  return hits.map(({ model }) => model.name);
}
