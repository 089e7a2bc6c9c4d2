// Where the pieces of a term are found in a text: each place once, whatever letters it begins with.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Term } from '../../src/text/match-expression.js';
import { matchText } from '../../src/text/match-text.js';
import { type Finder, piecesFinder, wordFinder } from '../../src/text/term-finder.js';
import { termMatcher } from '../../src/text/text-match.js';

/** All places that are found one after the other; fails when one comes again. */
function placesOf(next: Finder): readonly (readonly [start: number, end: number])[] {
  const places: (readonly [start: number, end: number])[] = [];
  for (let from = 0; ; ) {
    const found = next(from);
    if (found === null) return places;
    expect(found[0]).toBeGreaterThanOrEqual(from);
    places.push(found);
    from = found[0] + 1;
  }
}

// Beyond the first 65,536: Han, Gothic, and an emoji, which is no letter.
const letters = fc.constantFrom(...Array.from("ab1 -'’模é𠮷𠮷𐌰🚀"));
const text = fc.string({ unit: letters, maxLength: 30 });
const piece = fc.string({ unit: fc.constantFrom(...Array.from('ab1模é𠮷𐌰')), minLength: 1, maxLength: 3 });

test('no place is found twice, and each lies at the pieces with no letters between them', () => {
  fc.assert(
    fc.property(text, fc.array(piece, { minLength: 2, maxLength: 3 }), (all, pieces) => {
      for (const [start, end] of placesOf(piecesFinder(pieces)(all)))
        expect(all.slice(start, end).replace(/[^\p{L}\p{N}]/gu, '')).toBe(pieces.join(''));
    }),
  );
});

test('what is made of the pieces is found, with anything but letters between them', () => {
  const gap = fc.string({ unit: fc.constantFrom(' ', '-', '🚀', '’'), maxLength: 3 });
  fc.assert(
    fc.property(text, fc.array(fc.tuple(piece, gap), { minLength: 2, maxLength: 4 }), text, (before, all, after) => {
      const written = all.map(([each, between], i) => (i === all.length - 1 ? each : each + between)).join('');
      const found = placesOf(piecesFinder(all.map(([each]) => each))(before + written + after));
      expect(found).toContainEqual([before.length, before.length + written.length]);
    }),
  );
});

test('a word is found with apostrophes in it where it does not stand without them', () => {
  expect(placesOf(wordFinder('𠮷野')('𠮷’野 o’𠮷野'))).toEqual([[7, 10]]);
  expect(placesOf(wordFinder('𠮷野')('x𠮷’野, 𠮷’野'))).toEqual([
    [1, 5],
    [7, 11],
  ]);
  expect(placesOf(wordFinder('obrien')("o'brien o''brien"))).toEqual([[0, 7]]);
  fc.assert(fc.property(text, piece, (all, word) => void placesOf(wordFinder(word)(all))));
});

test('a pasted passage of 2,000 characters is found at once, where a pattern of it takes seconds', () => {
  const passage = Array.from({ length: 2_000 }, (_, i) => String.fromCharCode(0x4e00 + ((i * 37) % 3_000))).join('');
  const term: Term = { words: [passage], places: [0], prefix: true, alternatives: [], column: null, written: null };
  const ready = matchText(`x ${passage}`);
  const begun = process.cpuUsage();
  expect(termMatcher(term).all(ready)).toMatchObject([{ start: 2, end: 2_002 }]);
  expect(process.cpuUsage(begun).user).toBeLessThan(500_000);
});

test('of a long passage the beginning is enough, as it is for the index, so that what nearly matches costs little', () => {
  const passage = piecesFinder([...Array<string>(1_999).fill('字'), '型']);
  const near = passage('字'.repeat(50_000));
  expect(near(0)).toEqual([0, 1_999]);
  expect(near(49_936)).toEqual([49_936, 50_000]);
  expect(near(49_937)).toBeNull();
  expect(passage(`${'字'.repeat(1_999)}-型`)(0)).toEqual([0, 2_001]);
  const begun = process.cpuUsage();
  expect(passage(`${'字'.repeat(63)}x`.repeat(1_000))(0)).toBeNull();
  expect(process.cpuUsage(begun).user).toBeLessThan(1_000_000);
});
