import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deserialise, serialise } from '../../src/tiers/serialise.js';
import { difference, plainValues } from './plain-values.js';

it('brings every plain value back as it was', () => {
  fc.assert(
    fc.property(plainValues, (value) => {
      expect(difference(value, deserialise(serialise(value)))).toBeUndefined();
    }),
    { numRuns: Number(process.env['CC_RUNS'] ?? 2_000) },
  );
});

it.each([
  ['minus zero', [-0, { a: -0 }]],
  ['what is no number', [Number.NaN, Number.NEGATIVE_INFINITY]],
  ['a property that is undefined', { a: undefined }],
  ['holes', Object.assign([], { 0: 1, 2: 3 })],
  ['an array with a name beside its items', Object.assign([1, 2], { more: 3 })],
  ['a hole and a name, as many keys as items', Object.assign([], { 1: 2, more: 3 })],
  ['objects without prototype, inside maps as well', new Map([[Object.assign(Object.create(null), { a: 1 }), [{}]]])],
  ['bytes of three kinds', { a: Buffer.from('x'), b: new Uint8Array([1]), c: new Uint8Array([2]).buffer }],
  [
    'the order of a map',
    new Map<string, unknown>([
      ['b', 1],
      ['a', new Set([3, 1, 2])],
    ]),
  ],
  ['a big integer', 2n ** 80n],
  ['a date that is none', new Date(Number.NaN)],
  ['half a surrogate pair', ['\ud83d', { '\udc00': 'ü' }]],
  ['absent', null],
])('keeps %s', (_, value) => {
  expect(difference(value, deserialise(serialise(value)))).toBeUndefined();
});

it('keeps rows of text and whole numbers as JSON, in no more bytes than their text and one', () => {
  const row = { id: 'a', name: 'Ü', size: 12, tags: ['x'], author: null };
  expect(Buffer.from(serialise(row)).subarray(1).toString()).toBe(JSON.stringify(row));
});

it('gives back no part of the bytes that it was made of', () => {
  const data = serialise({ bytes: Buffer.from('abcdefgh'), list: new Float64Array([1, 2]) });
  const value = deserialise(data);
  data.fill(0);
  expect(value).toEqual({ bytes: Buffer.from('abcdefgh'), list: new Float64Array([1, 2]) });
});

it('reads bytes that are cut, changed in their head or empty as a miss', () => {
  for (const value of [{ a: 1 }, new Map([[1, 2]])]) {
    const data = serialise(value);
    expect(deserialise(data.subarray(0, data.length - 1))).toBeUndefined();
    for (const format of [0, 3, 255]) {
      const other = data.slice();
      other[0] = format;
      expect(deserialise(other)).toBeUndefined();
    }
  }
  expect(deserialise(new Uint8Array(0))).toBeUndefined();
});

it('reads the format of another engine as a miss', () => {
  const data = serialise(new Map([[1, 2]]));
  data[1] = (data[1] ?? 0) ^ 1;
  expect(deserialise(data)).toBeUndefined();
});
