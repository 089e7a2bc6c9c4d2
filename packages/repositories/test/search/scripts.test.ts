// What people do not type alike: points and marks of letters, forms of letters, invisible characters, emoji, apostrophes.
// CC_SEED says which random names are tried.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

describe.each(targets.slice(0, 1))('search in %s', (target) => {
  test.each([
    ['Hebrew points', 'שָׁלוֹם', 'שלום'],
    ['Hebrew presentation forms', 'שׁלום', 'שלום'],
    ['Arabic marks', 'سَلَامٌ', 'سلام'],
    ['Arabic presentation forms', 'ﺳﻼﻡ', 'سلام'],
    ['tatweel', 'ســـلام', 'سلام'],
    ['alef with hamza', 'أسد', 'اسد'],
    ['a soft hyphen', 'Zahn\u00adrad', 'Zahnrad'],
    ['zero-width characters', 'Zahn\u200brad\ufeff', 'Zahnrad'],
    ['a joiner', 'Zahn\u2060rad', 'zahnrad'],
    ['a variation selector', '❤\ufe0fShip', 'ship'],
    ['emoji with joiners', '👩\u200d🚀Rocket', 'rocket'],
    ['an emoji between words', 'Gear🚀Ship', 'gear ship'],
    ['full width', 'ＢＯＬＴｘ', 'boltx'],
  ])('%s do not hinder it, in the name or in the query', async (_, written, typed) => {
    await using library = await openLibrary(target);
    for (const name of [written, typed]) {
      const id = await library.models.create(
        modelInput(name, { fileName: 'x.stl', filePath: `/${name.length} ${name}` }),
      );
      for (const query of [written, typed, typed.toUpperCase()]) {
        const page = await library.search.searchModels(query, {}, { highlight: true });
        expect([query, page.corrected, page.matching]).toEqual([query, null, 'all']);
        const hit = page.hits.find(({ model }) => model.id === id);
        expect([query, name, hit?.highlight?.name.map((part) => part.text).join('')]).toEqual([query, name, name]);
        expect([query, name, hit?.highlight?.name.some(({ match }) => match)]).toEqual([query, name, true]);
      }
    }
  });

  test.each(['ガンダム', '건담 모형', 'ΟΔΟΣ', 'Việt Nam', 'हिन्दी', 'أحمد', 'ﬁＷ'])(
    '%s counts as the whole name and is highlighted, composed or decomposed',
    async (name) => {
      await using library = await openLibrary(target);
      const written = [name, name.normalize('NFD'), name.normalize('NFC')];
      for (const each of written) await library.models.create(modelInput(each, { fileName: 'x.stl' }));
      for (const query of [...written, name.toLowerCase(), name.toUpperCase()]) {
        const { hits } = await library.search.searchModels(query, {}, { highlight: true });
        expect(hits.map(({ model }) => model.name).sort()).toEqual(written.toSorted());
        expect([query, ...new Set(hits.map(({ score }) => score))]).toEqual([query, hits[0]?.score]);
        expect(hits[0]?.score).toBeGreaterThan(20);
        for (const { model, highlight } of hits) {
          const matched = highlight?.name.filter(({ match }) => match).map(({ text }) => text);
          expect([query, matched?.join(' ')]).toEqual([query, model.name]);
        }
      }
    },
  );

  test('letters beyond the first 65,536 are found, scored and highlighted like others', async () => {
    await using library = await openLibrary(target);
    for (const name of ['𠮷野家', '𠮷𠮷野', '🚀𠮷ship'])
      await library.models.create(modelInput(name, { fileName: 'x' }));
    for (const [query, found] of [
      ['𠮷野', ['𠮷野家: 𠮷野', '𠮷𠮷野: 𠮷野']],
      ['𠮷', ['𠮷野家: 𠮷', '𠮷𠮷野: 𠮷𠮷', '🚀𠮷ship: 𠮷']],
      ['𠮷 ship', ['🚀𠮷ship: 𠮷ship']],
    ] as const) {
      const { hits } = await library.search.searchModels(query, {}, { highlight: true });
      const seen = hits.map(({ model, highlight }) => {
        const matched = highlight?.name.filter(({ match }) => match).map(({ text }) => text);
        return `${model.name}: ${matched?.join(' ')}`;
      });
      expect([query, new Set(seen)]).toEqual([query, new Set(found)]);
    }
  });

  test('a name with an apostrophe is found with it, without it, and by its parts', async () => {
    await using library = await openLibrary(target);
    const names = ["O'Brien", 'O’Brien', 'OʼBrien'];
    for (const name of names) await library.models.create(modelInput(name, { fileName: 'x.stl' }));
    for (const query of ['obrien', "o'brien", 'o brien', 'O’BRIEN', 'oʼbrien', 'brien', 'obri']) {
      const page = await library.search.searchModels(query, {}, { highlight: true });
      expect([query, page.hits.map(({ model }) => model.name).sort()]).toEqual([query, names.toSorted()]);
      expect([query, page.hits.every((hit) => hit.highlight?.name.some(({ match }) => match))]).toEqual([query, true]);
    }
  });

  test('a tag is found by the name that it has', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('heart'));
    for (const name of ['❤\ufe0f', 'سَلام']) await library.tags.tag(id, name);
    for (const query of ['tag:❤\ufe0f', 'tag:سَلام', 'tag:"سَلام" heart'])
      expect([query, (await library.search.searchModels(query)).total]).toEqual([query, 1]);
  });

  const letters = Array.from('aBc9שלאבسلامعab0');
  const unseen = Array.from(
    '\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f\u034f\u0640\u05b0\u05bc\u05c1\u064b\u064e\u0651\u0670',
  );
  test.each([
    ['a raised number', 'x² grid'],
    ['ligatures', 'ﬁne ﬀ'],
    ['full and half width', 'ＢＯＬＴ ﾊﾞｽ'],
    ['Hebrew points', 'שָׁלוֹם חָבֵר'],
    ['Arabic marks', 'مُحَمَّد'],
    ['a soft hyphen', 'Zahn\u00adrad'],
    ['letters of Korean apart', '\u1112\u1161\u11ab'],
    ['an emoji of today beside a word', 'melt🫠 cup'],
  ])('a tag and an author with %s are found by what is written there, as any other word', async (_, written) => {
    await using library = await openLibrary(target);
    const { models, search, tags } = library;
    const tagged = await models.create(modelInput('one', { fileName: 'a.stl', filePath: '/a' }));
    await tags.tag(tagged, written);
    await models.create(modelInput('two', { fileName: 'b.stl', filePath: '/b', author: written }));
    await models.create(modelInput('three x', { fileName: 'c.stl', filePath: '/c' }));
    const found = async (query: string) => {
      const { hits, corrected, matching } = await search.searchModels(query);
      return [corrected, matching, ...hits.map(({ model }) => model.name).sort()];
    };
    for (const query of [written, `"${written}"`, `${written} o`]) {
      const whole = query.endsWith(' o') ? ['one'] : ['one', 'two'];
      expect([query, ...(await found(query))]).toEqual([query, null, 'all', ...whole]);
    }
    const [word = ''] = written.split(' ');
    expect(await found(`nothing|${word}`)).toEqual([null, 'all', 'one', 'two']);
    expect(await found(`author:"${written}"`)).toEqual([null, 'all', 'two']);
    expect(await found(`o -"${written}"`)).not.toContain('one');
    const [hit] = (await search.searchModels(`${written} one`, {}, { highlight: true })).hits;
    expect(hit?.model.id).toBe(tagged);
    expect(hit?.highlight?.tags.some(({ match }) => match)).toBe(true);
  });

  test('what is read as letters, and is none to the index, does not find all models with the rest', async () => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('x'));
    expect((await library.search.searchModels('"™x"')).hits).toEqual([]);
  });

  test(`what is not seen never decides whether a name is found, seed ${seed}`, async () => {
    await using library = await openLibrary(target);
    const word = fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 8 });
    // Each letter with what follows it and is not seen.
    const names = fc.array(
      word.chain((all) =>
        fc.tuple(
          ...all.map((letter) => fc.tuple(fc.constant(letter), fc.array(fc.constantFrom(...unseen), { maxLength: 2 }))),
        ),
      ),
      { minLength: 1, maxLength: 3 },
    );
    let made = 0;
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        const seen = all.map((letters) => letters.map(([letter]) => letter).join('')).join(' ');
        const written = all
          .map((letters) => letters.map(([letter, more]) => letter + more.join('')).join(''))
          .join(' ');
        const ids: string[] = [];
        for (const name of [seen, written]) {
          made += 1;
          ids.push(
            await library.models.create(
              modelInput(name, { fileName: 'x', filePath: `/${made}`, fileHash: `h${made}` }),
            ),
          );
        }
        for (const query of [seen, written, `"${seen}"`, `"${written}"`, seen.toLowerCase()]) {
          const { hits, matching, corrected } = await library.search.searchModels(query, {}, { limit: 100 });
          const found = ids.map(
            (id) => matching === 'all' && corrected === null && hits.some(({ model }) => model.id === id),
          );
          expect([query, ...found]).toEqual([query, true, true]);
        }
        for (const id of ids) await library.models.delete(id as never);
      }),
      { numRuns: 300, seed },
    );
  });
});
