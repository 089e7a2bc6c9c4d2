// Seeds that are kept as named tests provoke what they provoked only while these numbers stay.
import { expect, test } from 'vitest';
import { randomOfRound, seededRandom } from '../src/random.js';

const items = ['a', 'b', 'c', 'd', 'e'];

test('a seed gives the numbers that it has always given', () => {
  const random = seededRandom(20_261_128);
  expect(Array.from({ length: 4 }, () => random.next())).toEqual([
    0.9627261769492179, 0.18837198405526578, 0.3504589442163706, 0.08788741892203689,
  ]);
  expect(Array.from({ length: 8 }, () => random.below(1_000))).toEqual([881, 500, 459, 752, 437, 242, 598, 283]);
});

test('a round of a seed gives the numbers that it has always given', () => {
  const random = randomOfRound(2_147_483_647, 9_999);
  expect(Array.from({ length: 8 }, () => random.below(1_000))).toEqual([537, 90, 478, 416, 194, 206, 178, 35]);
});

test('each draw takes one number of the sequence, whatever is drawn', () => {
  const numbers = seededRandom(7);
  const drawn = seededRandom(7);
  const next = (): number => numbers.next();
  expect(drawn.below(100)).toBe(Math.floor(next() * 100));
  expect(drawn.whole(-3, 3)).toBe(Math.floor(next() * 7) - 3);
  expect(drawn.chance(0.5)).toBe(next() < 0.5);
  expect(drawn.once(3)).toBe(Math.floor(next() * 3) === 0);
  expect(drawn.pick(items)).toBe(items[Math.floor(next() * 5)]);
  const place = next() * 4;
  expect(
    drawn.weighed([
      [3, 'first'],
      [1, 'last'],
    ]),
  ).toBe(place < 3 ? 'first' : 'last');
  const count = Math.floor(next() * 3) + 2;
  expect(drawn.some(2, 4, () => drawn.below(10))).toEqual(Array.from({ length: count }, () => Math.floor(next() * 10)));
  expect(drawn.next()).toBe(next());
});

test('nothing is picked from an empty list', () => {
  expect(() => seededRandom(1).pick([])).toThrow(RangeError);
  expect(() => seededRandom(1).weighed([])).toThrow(RangeError);
});
