// A text is folded as a query is: as a whole, whatever its letters are made of. CC_SEED says which random texts are tried.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldLetters } from '../../src/text/extra-text.js';
import { endOf, matchText } from '../../src/text/match-text.js';
import { plainText } from '../../src/text/plain-text.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

/** The index compares both small sigmas alike. */
const whole = (text: string): string => foldLetters(plainText(text)).replaceAll('ς', 'σ');

/** Letters of many scripts, what joins them, and forms of both. */
const samples = [
  'aZ09 -.éÉñøŁæßİıŉǅﬁＷ½²①㎏ſΣςσΟπᾳЖйЁ',
  'कडिहि्ড়যােொกำกิລຳ模型々가각한글ㄱㅏㄳㅎㅏㄴﾡￂᄒᆫᅡ',
  'ガかハﾊﾞﾟｶﾞーשבאسلأﷺﺳﻼـ',
  '\u0301\u0308\u0323\u0327\u0345\u3099\u309a\u093c\u09be\u0bbe\u05bc\u064e\u0651\u0653\u20e3',
  '\u00ad\u200b\u200d\ufe0f\u2060\ufeff\u02bc\u{1d400}\u{20bb7}\u{1f680}\u{16d63}\u{16d67}\u{11099}\u{110ba}',
].flatMap((each) => Array.from(each));
const anyLetter = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...samples) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(...samples).map((letter) => letter.normalize('NFD')) },
);
const texts = fc.array(anyLetter, { maxLength: 90 }).map((letters) => letters.join(''));

test(`a text is folded as if it was done at once, and each place leads back to where it comes from, seed ${seed}`, () => {
  fc.assert(
    fc.property(texts, (text) => {
      const match = matchText(text);
      expect(match.folded).toBe(whole(text));
      const places = match.places ?? Array.from(text.split(''), (_, i) => i);
      expect(places).toHaveLength(match.folded.length);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      // From anywhere on the text folds to the rest.
      for (const [at, place] of places.entries())
        if (place !== places[at - 1]) expect(whole(text.slice(place))).toBe(match.folded.slice(at));
    }),
    { numRuns: 2_000, seed },
  );
});

test('every character is folded alike in a text of its own and among letters that may join it', () => {
  const found: string[] = [];
  // The planes after these have Han and nothing else.
  for (let code = 0; code < 0x2_0000; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const text = `가${character}\u11a8\u0301${character}ob`;
    if (matchText(text).folded !== whole(text)) found.push(code.toString(16));
  }
  expect(found).toEqual([]);
});

test('an end is not in the middle of what was one letter', () => {
  const match = matchText('xßy\u0301z');
  expect(match.folded).toBe('xssyz');
  expect([1, 2, 3, 4, 5].map((end) => endOf(match, end))).toEqual([1, 2, 2, 4, 5]);
  expect([1, 2].map((end) => endOf(matchText('हि'), end))).toEqual([2, 2]);
});

test('marks that are piled up cost no more than letters', () => {
  const begun = process.cpuUsage();
  matchText('\u0301\u0323'.repeat(50_000));
  expect(process.cpuUsage(begun).user).toBeLessThan(1_000_000);
});

test('texts whose letters become one each need no way back', () => {
  expect(matchText('Слово Привет 模型, Größe').places).not.toBeNull();
  expect(matchText('Слово Привет 模型, Größe'.replace('ß', 's'))).toMatchObject({
    folded: 'слово привет 模型, grose',
    places: null,
  });
});
