// Values of another realm: what `structuredClone` and the engine's own format make in a test runner that gives each test file
// globals of its own, what a plugin in a context of `node:vm` returns. They are kept as those of this realm, and so told apart.
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext, runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deserialise, serialise } from '../src/tiers/serialise.js';

/** Evaluates `source` in another realm. */
const made = (source: string): unknown => runInNewContext(`(${source})`);

const kept = [
  `{ a: 1, b: [1, 'x', null], c: { d: true } }`,
  `[{ a: 1 }, [2]]`,
  `new Date(5)`,
  `{ at: new Date(5), list: [new Date(6)] }`,
  `new Map([[1, new Date(2)], ['a', { b: [1] }]])`,
  `new Set([1, 'a', new Map([[1, 2]])])`,
  `new Uint8Array([1, 2, 3])`,
  `new Float64Array([1.5, -0])`,
  `new DataView(new Uint8Array([1, 2]).buffer)`,
  `new Uint8Array([1, 2]).buffer`,
  `Object.assign(Object.create(null), { a: new Date(1) })`,
];

const refused = [
  `new (class Model { a = 1 })()`,
  `new (class Day extends Date {})(5)`,
  `new (class Bag extends Map {})([[1, 2]])`,
  `new (class List extends Array {})(1, 2)`,
  `new (class Bytes extends Uint8Array {})(2)`,
  `/x/`,
  `new Error('x')`,
  `Promise.resolve(1)`,
  `Object.create(Object.create(null))`,
  `Object.create({ inherited: 1 })`,
  `new SharedArrayBuffer(2)`,
];

/** The same for the judge, who goes by what this realm would have made of the text. */
const ownRealm = (source: string): unknown => runInThisContext(`(${source})`);

test.each(kept)('%s of another realm is kept', async (source) => {
  const region = (await openCacheManager()).region<object>('a');
  const expected = ownRealm(source);
  await region.getOrLoad('k', async () => made(source) as object);
  expect(region.get('k')).toEqual(expected);
  expect(isDeepStrictEqual(deserialise(serialise(made(source))), ownRealm(source))).toBe(true);
});

test.each(refused)('%s of another realm is answered and not kept', async (source) => {
  const reasons: (string | undefined)[] = [];
  const cache = await openCacheManager({ onEvent: ({ reason }) => reasons.push(reason) });
  const region = cache.region<readonly unknown[]>('a');
  const value = made(source);
  const load = async () => [value];
  expect((await region.getOrLoad('k', load))?.[0] === value).toBe(true);
  expect(region.get('k')).toBeUndefined();
  expect(reasons.join()).toMatch(/Only plain data can be cached; the value at '0' is an instance of/);
});

test('a caller who changes what it got changes nobody else’s', async () => {
  const region = (await openCacheManager()).region('a');
  const read = async () =>
    (await region.getOrLoad('k', async () => made(`{ at: new Date(5), map: new Map([[1, [2]]]) }`))) as {
      at: Date;
      map: Map<number, number[]>;
    };
  const first = await read();
  first.at.setTime(7);
  first.map.get(1)?.push(3);
  first.map.set(9, []);
  expect(await read()).toEqual({ at: new Date(5), map: new Map([[1, [2]]]) });
});

test('the arguments of a wrapped function tell their values apart', async () => {
  const read = (await openCacheManager()).region<string>('a').wrap(async (value: unknown) => JSON.stringify(value));
  for (const source of ['{ day: new Date(5) }', '{ day: new Date(6) }', '[1]', '{ 0: 1 }'])
    expect(await read(made(source))).toBe(JSON.stringify(ownRealm(source)));
  await expect(read(made('new (class Model {})()'))).rejects.toThrow(/not an instance of a class/);
});

test('what fails with an error of another realm says its reason', async () => {
  const reasons: (string | undefined)[] = [];
  const error: unknown = made(`new Error('the shelf is away')`);
  const cache = await openCacheManager({
    tiers: [
      {
        name: 'shelf',
        bytes: 0,
        entries: 0,
        get: () => {
          throw error;
        },
        set: () => undefined,
        delete: () => undefined,
        clear: () => undefined,
        close: () => undefined,
      },
    ],
    onEvent: ({ reason }) => reasons.push(reason),
  });
  expect(await cache.region('a').getOrLoad('k', async () => 1)).toBe(1);
  expect(reasons).toContain('shelf: the shelf is away');
});
