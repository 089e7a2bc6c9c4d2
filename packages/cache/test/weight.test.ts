// What kept values take on the heap, measured, beside what the cache believes that they take.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { type SealedValue, seal, sealCopy } from '../src/values/sealed-value.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let next = 0;
const long = (text: string): string => `${text} ${next++} `.repeat(400);

const kinds: readonly (readonly [string, () => unknown])[] = [
  ['Latin text', () => long('text').slice(0, -1)],
  ['text of two bytes', () => `${long('ü€')}!`],
  ['short parts of long texts', () => ({ a: long('a').slice(10, 40), parts: [long('b').slice(9, 60)] })],
  ['the words of a long text', () => long('word-with-some-letters').split(' ').slice(0, 20)],
  ['parts of long texts in a map', () => new Map([[long('k').slice(0, 30), { part: long('v').slice(1, 50) }]])],
  [
    'texts put together',
    () => Array.from({ length: 40 }, () => `piece ${next++} `).reduce((all, piece) => all + piece, ''),
  ],
  [
    'rows',
    () =>
      Array.from({ length: 20 }, () => ({
        id: `id ${next++}`,
        name: 'a name',
        size: next,
        at: 1.7e12 + next,
        x: next + 0.5,
      })),
  ],
  [
    'rows of JSON',
    () => JSON.parse(JSON.stringify({ id: `id ${next++}`, tags: ['a', 'b'], rest: { a: next, b: `b ${next}` } })),
  ],
  ['counts by name', () => Object.fromEntries(Array.from({ length: 30 }, () => [`name ${next++}`, next]))],
  ['large whole numbers', () => 2n ** 6_000n + BigInt(next++)],
  ['whole numbers of 100 digits below 0', () => ({ a: -(10n ** 100n) - BigInt(next++) })],
  ['a few new names', () => ({ [`one ${next++}`]: 1, [`two ${next}`]: 2, [`three ${next}`]: 3 })],
  ['rows without prototype', () => Object.assign(Object.create(null), { id: `id ${next++}`, size: next })],
  ['numbers', () => Array.from({ length: 100 }, () => next++ + 0.5)],
  ['big integers', () => Array.from({ length: 50 }, () => 2n ** 70n + BigInt(next++))],
  ['arrays with holes', () => Object.assign([], { [200 + (next++ % 7)]: 1 })],
  ['maps and sets', () => ({ a: new Map([[next++, 'x']]), b: new Set([next, 'y']) })],
  ['large maps', () => new Map(Array.from({ length: 100 }, () => [`key ${next++}`, next]))],
  ['dates', () => ({ created: new Date(next++), updated: new Date(next) })],
  ['small Buffers', () => Buffer.from(`bytes ${next++}`)],
  ['Buffers', () => Buffer.alloc(3_000, next++)],
  ['views of a few bytes', () => new Uint8Array(50_000).subarray(next++ % 10, 20)],
  ['typed arrays', () => ({ points: new Float64Array(30).fill(next++), raw: new ArrayBuffer(50) })],
];

it.each(kinds)('%s take no more than 1.3 times what they are counted as', (_, make) => {
  for (const keep of [seal, sealCopy]) {
    for (let i = 0; i < 100; i += 1) keep(make());
    const kept: SealedValue[] = [];
    let counted = 0;
    const before = bytesInUse();
    // So many that what else the process does meanwhile is little beside them.
    while (counted < 4_000_000) {
      const one = keep(make());
      counted += one.bytes;
      kept.push(one);
    }
    // The object around a value is counted by the region.
    const used = bytesInUse() - before - kept.length * 64;
    expect(used / counted).toBeLessThan(1.3);
  }
});

it.each([15, 100])('objects of %d names of their own leave little behind', (names) => {
  const byIds = (): unknown =>
    Object.fromEntries(Array.from({ length: names }, () => [`${next++} ${'-'.repeat(1_000)}`, 1]));
  const before = bytesInUse();
  for (let i = 0; i < 1_500; i += 1) seal(byIds());
  expect(bytesInUse() - before).toBeLessThan(8 * 2 ** 20);
});

it('values of all kinds together are counted within a third of what they take', () => {
  const kept: SealedValue[] = [];
  const makeOne = (): unknown => kinds[next % kinds.length]?.[1]();
  for (let i = 0; i < 200; i += 1) seal(makeOne());
  const before = bytesInUse();
  while (kept.length < 10_000) {
    next += 1;
    kept.push(seal(makeOne()));
  }
  const used = bytesInUse() - before - kept.length * 64;
  const ratio = used / kept.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(ratio).toBeGreaterThan(0.67);
  expect(ratio).toBeLessThan(1.3);
});

/** After everything that nobody holds is gone. */
function bytesInUse(): number {
  for (let i = 0; i < 3; i += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
