// What one caller does to a value never reaches another.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';

test('plain data is frozen through and through, and the same object for every caller', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ name: string; tags: { label: string }[] }>('models');
  const loaded = await region.getOrLoad('a', async () => ({ name: 'Gear', tags: [{ label: 'metal' }] }));
  expect(region.get('a')).toBe(loaded);
  expect(() => Object.assign(loaded ?? {}, { name: 'changed' })).toThrow(TypeError);
  expect(() => loaded?.tags.push({ label: 'more' })).toThrow(TypeError);
  expect(() => Object.assign(loaded?.tags[0] ?? {}, { label: 'changed' })).toThrow(TypeError);
});

test('what lies below an object that its maker froze is frozen too', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ readonly tags: string[] }>('models');
  const value = await region.getOrLoad('a', async () => Object.freeze({ tags: ['metal'] }));
  expect(() => value?.tags.push('more')).toThrow(TypeError);
});

test('set keeps a copy and leaves its argument as it was', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ tags: string[] }>('models');
  const mine = { tags: ['metal'] };
  region.set('a', mine);
  mine.tags.push('mine only');
  expect(region.get('a')).toEqual({ tags: ['metal'] });
});

test('changing a Date of a hit changes neither the next hit nor the loaded one', async () => {
  const cache = await openCacheManager();
  interface Model {
    name: string;
    createdAt: Date;
    history: { at: Date; note: string }[];
  }
  const region = cache.region<Model>('models');
  const made = (): Model => ({
    name: 'Gear',
    createdAt: new Date(1_000),
    history: [{ at: new Date(2_000), note: 'made' }],
  });
  const source = made();
  const loaded = await region.getOrLoad('a', async () => source);
  loaded?.createdAt.setTime(0);
  source.createdAt.setTime(1);
  source.history[0]?.at.setTime(2);
  const hit = region.get('a');
  expect(hit).toStrictEqual(made());
  hit?.history[0]?.at.setTime(5);
  hit?.history.pop();
  expect(region.get('a')).toStrictEqual(made());
});

test('parts without dates are shared and frozen beside parts that are copied', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ at: Date; box: { x: number } }>('models');
  region.set('a', { at: new Date(0), box: { x: 1 } });
  const [first, second] = [region.get('a'), region.get('a')];
  expect(first).not.toBe(second);
  expect(first?.box).toBe(second?.box);
  expect(Object.isFrozen(first?.box)).toBe(true);
});

test.each<[string, () => object, (value: never) => void]>([
  ['Date', () => new Date(1), (value: Date) => value.setTime(0)],
  ['frozen Date', () => Object.freeze(new Date(1)), (value: Date) => value.setTime(0)],
  ['Map', () => new Map([['a', { n: [1] }]]), (value: Map<string, { n: number[] }>) => value.get('a')?.n.push(2)],
  ['Set', () => new Set([1, 2]), (value: Set<number>) => value.clear()],
  ['Buffer', () => Buffer.from('abc'), (value: Buffer) => value.fill(0)],
  ['Float32Array', () => Float32Array.of(1, 2), (value: Float32Array) => value.fill(0)],
  ['ArrayBuffer', () => Uint8Array.of(1, 2).buffer, (value: ArrayBuffer) => new Uint8Array(value).fill(0)],
  [
    'object without prototype',
    () => Object.assign(Object.create(null), { at: new Date(1) }),
    (v: { at: Date }) => v.at.setTime(0),
  ],
])('a %s keeps its type and content whatever a caller does to it', async (_name, make, change) => {
  const cache = await openCacheManager();
  const region = cache.region<{ part: object }>('values');
  const loaded = await region.getOrLoad('a', async () => ({ part: make() }));
  change(loaded?.part as never);
  const hit = region.get('a');
  expect(hit?.part).toStrictEqual(make());
  expect(Object.getPrototypeOf(hit?.part)).toBe(Object.getPrototypeOf(make()));
  change(hit?.part as never);
  expect(region.get('a')?.part).toStrictEqual(make());
});

class Money {
  readonly amount = 1;
}

test.each<[string, unknown]>([
  ['an instance of Money', new Money()],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['an instance of Promise', Promise.resolve()],
  ['an instance of Uint8Array', new Uint8Array(new SharedArrayBuffer(4))],
  ['a key that would change the prototype of a copy', JSON.parse('{"__proto__":{"at":1}}')],
  ['an object with hidden properties, or with symbols as keys', { [Symbol('s')]: 1 }],
  ['an object with hidden properties, or with symbols as keys', Object.defineProperty({}, 'x', { value: 1 })],
  [
    'an object whose values are computed by getters',
    {
      get at() {
        return 1;
      },
    },
  ],
  ['an object whose values are computed by getters', { set at(_: number) {} }],
])('set refuses %s with its path', async (what, part) => {
  const cache = await openCacheManager();
  const region = cache.region('values');
  const expected = what.startsWith('a key') ? /prototype/ : `at 'list.0.part' is ${what}`;
  expect(() => region.set('a', { list: [{ part }] })).toThrow(expected);
  expect(region.get('a')).toBeUndefined();
});

test('a circle is refused instead of being walked for ever', async () => {
  const cache = await openCacheManager();
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  expect(() => cache.region('values').set('a', circle)).toThrow(/in a circle/);
});

test('a loaded value that cannot be kept still reaches its callers, and the refusal is reported', async () => {
  const reasons: (string | undefined)[] = [];
  const cache = await openCacheManager({ onEvent: ({ type, reason }) => type === 'refuse' && reasons.push(reason) });
  const region = cache.region<Money>('values');
  const money = new Money();
  expect(await region.getOrLoad('a', async () => money)).toBe(money);
  expect(region.get('a')).toBeUndefined();
  expect(reasons).toEqual(['Only plain data can be cached; the value is an instance of Money']);
  expect(cache.getCacheStats()).toMatchObject({ refused: 1, fills: 0 });
});
