// The passage of a long description that is shown: the one with the most places, found in one walk through them.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HighlightPart } from '../../src/index.js';
import { highlighter } from '../../src/search/highlight.js';
import { parseQuery } from '../../src/text/parse-query.js';

function passageOf(query: string, description: string): readonly HighlightPart[] {
  return highlighter(parseQuery(query))({ name: 'x', fileName: 'x', description }, '').description;
}

test('the passage has as many places as any 180 characters of the description', () => {
  const word = fc.constantFrom('gear', 'hex', 'a', 'of', 'some', 'nothing', 'considerable');
  fc.assert(
    fc.property(fc.array(word, { maxLength: 400 }), (words) => {
      const text = words.join(' ');
      const places = Array.from(text.matchAll(/gear|hex/g), ({ 0: found, index }) => ({
        from: index,
        to: index + found.length,
      }));
      const within = places.map(
        ({ from }) => places.filter((each) => each.from >= from && each.to <= from + 180).length,
      );
      const parts = passageOf('gear hex', text);
      expect(parts.filter(({ match }) => match).length).toBeGreaterThanOrEqual(Math.max(0, ...within));
      expect(text).toContain(parts.map((part) => part.text.replace('…', '')).join(''));
    }),
  );
});

test('a description of 100,000 characters that 32 words stand in everywhere costs what its length does', () => {
  const words = Array.from({ length: 32 }, (_, i) => String.fromCharCode(97 + (i >> 2), 109 + (i % 4)));
  const text = Array.from({ length: 33_000 }, (_, i) => words[(i * 7) % 32]).join(' ');
  const begun = process.cpuUsage();
  expect(passageOf(words.join(' '), text).filter(({ match }) => match).length).toBeGreaterThan(10);
  expect(process.cpuUsage(begun).user).toBeLessThan(1_500_000);
});
