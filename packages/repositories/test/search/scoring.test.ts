// What a name scores (docs/search.md): by the terms in it, however often they are typed and in whatever order a choice is.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scorer } from '../../src/search/scoring.js';
import { parseQuery } from '../../src/text/parse-query.js';

const scoreOf = (query: string, name: string): number =>
  scorer(parseQuery(query))({ name, fileName: 'x.stl', tagsText: '' }).score;

test('a name that is one of a choice and nothing else comes before longer ones', () => {
  for (const query of ['nut', 'washers|nut', 'nut|washers', 'nut nut nut', 'nut|nut', 'w|nut|washers'])
    expect([query, ...['Nut', 'Nut M3', 'Nut M35 x'].map((name) => scoreOf(query, name))]).toEqual([
      query,
      27,
      19,
      17.2857,
    ]);
});

test('a name is no more than whole, and not whole where terms hold the same letters', () => {
  expect(scoreOf('"hex nut"', 'hex nut')).toBe(27);
  expect(scoreOf('"hex nut" nut', 'hex nut m35')).toBeLessThan(scoreOf('"hex nut" nut', 'hex nut') - 4);
});

test.each([
  // 10 to a term in the name, 10 for the whole of it, 3 for its beginning, 3 for the order, 2 for each at once behind, 4 for nothing else.
  ['hex nut', { name: 'hex nut' }, 10 + 10 + 10 + 3 + 3 + 2 + 4],
  ['hex nut', { name: 'nut hex' }, 10 + 10 + 10 + 4],
  ['hex nut', { name: 'big hex nut' }, 10 + 10 + (10 * 6) / 9 + 3 + 2],
  ['hex nut', { name: 'hex big nut' }, 10 + 10 + (10 * 6) / 9 + 3 + 3],
  ['hex nut', { name: 'hex' }, 10 + 1 + 10 + 3],
  ['hex nut', { tagsText: 'hex\nnut' }, 6 + 6],
  ['hex nut', { tagsText: 'nut', fileName: 'hex.stl' }, 6 + 4],
  ['hex nut', {}, 1 + 1],
  ['nut', { name: 'nut', tagsText: 'nut' }, 10 + 10 + 3 + 4 + 0.02 * 6],
])('%s in %o scores what docs/search.md says', (query, texts, score) => {
  const scored = scorer(parseQuery(query))({ name: 'of', fileName: 'of.stl', tagsText: '', ...texts });
  expect(scored.score).toBeCloseTo(score, 3);
});

test('a term that is typed again, unfinished, finds what it finds alone', () => {
  expect(scoreOf('"nut" nut', 'nuts')).toBe(scoreOf('nut', 'nuts'));
});

const words = ['hex', 'nut', 'bolt', 'washers', 'm3', '模型', 'écrou'];
const word = fc.constantFrom(...words);
const names = fc.array(fc.constantFrom(...words, 'of', 'HexNut', 'M3x12'), { minLength: 1, maxLength: 6 });
const choices = fc.uniqueArray(word, { minLength: 2, maxLength: 4 });

test('the order of alternatives and the repetition of a term do not matter', () => {
  fc.assert(
    fc.property(names, fc.array(choices, { minLength: 1, maxLength: 3 }), word, (name, all, last) => {
      const query = (terms: readonly (readonly string[])[]): string =>
        `${terms.map((each) => each.join('|')).join(' ')} "${last}"`;
      const score = scoreOf(query(all), name.join(' '));
      expect(scoreOf(query(all.map((each) => each.toReversed())), name.join(' '))).toBe(score);
      expect(scoreOf(query([...all, ...all]), name.join(' '))).toBe(score);
      expect(scoreOf(`${query(all)} "${last}" "${last.toUpperCase()}"`, name.join(' '))).toBe(score);
    }),
  );
});
