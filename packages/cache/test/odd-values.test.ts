// Values and arguments that are plain data and yet a trap: lists with holes, parts that hang together many times, clocks set back.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';

/** Doubles with each level: written out it has 2 ** 40 leaves. */
function doubled(levels: number): object {
  let value: object = { leaf: 1 };
  for (let i = 0; i < levels; i += 1) value = { left: value, right: value };
  return value;
}

/** The same of Maps, as values and as keys, and of Sets. */
function doubledBags(levels: number): object {
  let value: object = new Map([['leaf', 1]]);
  for (let i = 0; i < levels; i += 1) value = new Set([new Map([[value, value]])]);
  return value;
}

function hole(length: number): unknown[] {
  const list: unknown[] = [];
  list.length = length;
  return list;
}

test.each([
  ['parts that hang together many times over', () => doubled(40)],
  ['Maps and Sets that hang together many times over', () => doubledBags(40)],
  ['a list of nothing but holes', () => hole(4e9)],
])('%s are answered and not kept, without a walk that never ends', async (_, make) => {
  const reasons: (string | undefined)[] = [];
  const cache = await openCacheManager({ maxBytes: 1_000, onEvent: ({ reason }) => reasons.push(reason) });
  const region = cache.region('a');
  const value = make();
  expect((await region.getOrLoad('k', async () => value)) === value).toBe(true);
  region.set('k', 1);
  expect(region.set('k', value)).toBe(false);
  expect(region.get('k')).toBeUndefined();
  expect(reasons.filter((reason) => reason === 'it is larger than the whole cache')).toHaveLength(2);
});

test.each([
  ['lists with holes', [hole(1)]],
  ['symbols as keys', [{ [Symbol('a')]: 1 }]],
  ['hidden properties', [Object.defineProperty({}, 'a', { value: 1 })]],
  ['lists with names', [Object.assign([1], { a: 1 })]],
  ['dates with names', [Object.assign(new Date(0), { a: 1 })]],
])('a wrapped function refuses %s, which its key would not tell apart', async (_, args) => {
  const read = (await openCacheManager())
    .region<{ n: number }>('a')
    .wrap(async (...all: unknown[]) => ({ n: all.length }));
  await expect(read(...args)).rejects.toThrow(/must be plain data, without hidden properties/);
  expect(await read([], {}, [1], new Date(0))).toEqual({ n: 4 });
});

test('a list keeps the names that it has beside its numbers, whatever lies in it', async () => {
  const cache = await openCacheManager();
  const region = cache.region<readonly unknown[]>('a');
  const makers = [
    () => Object.assign([1, 2], { command: 'SELECT' }),
    () => Object.assign([new Date(0)], { count: 1, rows: [new Date(1)] }),
    () => [new Map([[Object.assign([1], { n: 2 }), 3]])],
  ];
  for (const make of makers) {
    region.set('set', make());
    await region.getOrLoad('loaded', async () => make());
    for (const key of ['set', 'loaded']) {
      expect(region.get(key)).toStrictEqual(make());
      expect(region.get(key)).toStrictEqual(make());
      region.invalidate(key);
    }
  }
});

test.each([
  ['a Date', () => Object.assign(new Date(0), { zone: 'UTC' })],
  ['a Map', () => Object.assign(new Map(), { size2: 0 })],
  ['a Set', () => Object.assign(new Set(), { [Symbol('a')]: 0 })],
])('%s with properties of its own is refused, as they would be lost', async (_, make) => {
  const region = (await openCacheManager()).region('a');
  expect(() => region.set('k', { at: make() })).toThrow("Only plain data can be cached; the value at 'at' is ");
  expect(await region.getOrLoad('k', async () => make())).toEqual(make());
  expect(region.get('k')).toBeUndefined();
});

test('a clock that is set back keeps nothing for longer than its time', async () => {
  let now = 1_000_000;
  const region = (await openCacheManager({ now: () => now })).region<{ n: number }>('a', { ttlMs: 1_000 });
  let loads = 0;
  const read = () =>
    region.getOrLoad('k', async () => {
      loads += 1;
      return { n: loads };
    });
  await read();
  now += 400;
  await read();
  now -= 500_000;
  expect(await read()).toEqual({ n: 1 });
  now += 599;
  expect(await read()).toEqual({ n: 1 });
  now += 1;
  expect(await read()).toEqual({ n: 2 });
  now = Number.NaN;
  expect(await read()).toEqual({ n: 2 });
});
