// Several keys at once, and functions that read through the cache.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

interface Row {
  readonly n: number;
}

test('one load gets the keys that are missing, and what it lacks is kept as absent', async () => {
  const cache = await openCacheManager();
  const region = cache.region<Row>('a');
  region.set('1', { n: 1 });
  const asked: (readonly string[])[] = [];
  const read = (keys: readonly string[]): Promise<ReadonlyMap<string, Row | null>> =>
    region.getOrLoadMany(keys, async (missing) => {
      asked.push(missing);
      return new Map([['2', { n: 2 }]]);
    });
  expect([...(await read(['3', '1', '2', '1']))]).toEqual([
    ['3', null],
    ['1', { n: 1 }],
    ['2', { n: 2 }],
  ]);
  await read(['1', '2', '3']);
  expect(asked).toEqual([['3', '2']]);
  expect(region.get('3')).toBeNull();
  expect([...(await region.getOrLoadMany([], () => Promise.reject(new Error('not asked'))))]).toEqual([]);
});

test('keys that are being loaded are waited for, and a failure reaches everybody who waits', async () => {
  const cache = await openCacheManager();
  const region = cache.region<Row>('a');
  const loading = deferred<Row>();
  const one = region.getOrLoad('1', () => loading.promise);
  const asked: (readonly string[])[] = [];
  const both = region.getOrLoadMany(['1', '2'], (missing) => {
    asked.push(missing);
    return Promise.reject(new Error('no'));
  });
  const two = region.getOrLoad('2', async () => ({ n: 2 }));
  const outcomes = Promise.allSettled([one, both, two]);
  loading.resolve({ n: 1 });
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(asked).toEqual([['2']]);
  expect(region.get('1')).toEqual({ n: 1 });
  expect(await region.getOrLoad('2', async () => ({ n: 2 }))).toEqual({ n: 2 });
});

test('a key that is invalidated while many are loaded is not kept', async () => {
  const region = (await openCacheManager()).region<Row>('a');
  const loading = deferred<Map<string, Row>>();
  const reading = region.getOrLoadMany(['1', '2'], () => loading.promise);
  region.invalidate('1');
  loading.resolve(
    new Map([
      ['1', { n: 1 }],
      ['2', { n: 2 }],
    ]),
  );
  expect((await reading).get('1')).toEqual({ n: 1 });
  expect([region.get('1'), region.get('2')]).toEqual([undefined, { n: 2 }]);
});

test('a wrapped function is asked once for equal arguments', async () => {
  const region = (await openCacheManager()).region<{ text: string }>('a');
  let calls = 0;
  const describe = region.wrap(async (about: { a: number; b?: string | undefined }, more: readonly bigint[]) => {
    calls += 1;
    return { text: `${about.a} ${more.length}` };
  });
  await describe({ a: 1, b: 'x' }, [1n]);
  await describe({ b: 'x', a: 1 }, [1n]);
  expect(calls).toBe(1);
  await describe({ a: 1, b: 'x' }, [2n]);
  expect(calls).toBe(2);
  expect(() => region.wrap(async () => null, { keys: 1 } as never)).toThrow(/unknown option 'keys'/);
  const byName = region.wrap(async (date: Map<string, string>) => ({ text: String(date.size) }));
  await expect(byName(new Map())).rejects.toThrow(/must be plain data, not an instance of a class; .* the option key/);
  // Two texts, however alike they look: the database tells them apart.
  const byText = region.wrap(async (text: string) => ({ text }));
  await byText('\u00e9');
  expect(await byText('e\u0301')).toEqual({ text: 'e\u0301' });
});
