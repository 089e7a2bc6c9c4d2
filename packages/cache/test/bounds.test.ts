import { expect, test } from 'vitest';
import { type DatabaseCacheManager, openCacheManager } from '../src/index.js';

test('the least recently used entry of any region makes room', async () => {
  const cache = await openCacheManager({ maxBytes: 4_000 });
  const a = cache.region<{ text: string }>('a');
  const b = cache.region<{ text: string }>('b');
  const text = 'x'.repeat(1_000);
  a.set('1', { text });
  b.set('2', { text });
  a.get('1');
  a.set('3', { text });
  expect(b.get('2')).toBeUndefined();
  expect(a.get('1')).toEqual({ text });
  expect(cache.getCacheStats().regions).toMatchObject({
    a: { evictions: 0, entries: 2 },
    b: { evictions: 1, bytes: 0 },
  });
});

test('the estimate stays under the limit through many sets of many sizes', async () => {
  const maxBytes = 200_000;
  const cache = await openCacheManager({ maxBytes });
  const regions = ['a', 'b', 'c'].map((name) => cache.region<{ text: string; at: Date }>(name));
  for (let i = 0; i < 5_000; i += 1) {
    const region = regions[i % 3];
    region?.set(`key-${i % 700}`, { text: 'y'.repeat((i * 37) % 3_000), at: new Date(i) });
    if (i % 11 === 0) region?.invalidate(`key-${i % 700}`);
    expect(cache.getCacheStats().bytes).toBeLessThanOrEqual(maxBytes);
  }
  const { evictions, entries, fills } = cache.getCacheStats();
  expect(fills).toBe(5_000);
  expect(evictions).toBeGreaterThan(0);
  expect(entries).toBeGreaterThan(0);
  cache.clearAllCache();
  expect(cache.getCacheStats()).toMatchObject({ bytes: 0, entries: 0 });
});

test('a cache that was cleared has all its room again', async () => {
  const cache = await openCacheManager({ maxBytes: 4_000 });
  const region = cache.region<string>('a');
  const keys = ['1', '2', '3'];
  for (let round = 0; round < 5; round += 1) {
    for (const key of keys) region.set(key, 'x'.repeat(900));
    expect(keys.map((key) => region.get(key)?.length)).toEqual([900, 900, 900]);
    cache.clearAllCache();
  }
  expect(cache.getCacheStats()).toMatchObject({ evictions: 0, bytes: 0 });
});

test('a value larger than the cache is answered but not kept, and evicts nothing', async () => {
  const cache = await openCacheManager({ maxBytes: 2_000 });
  const region = cache.region<{ text: string }>('a');
  region.set('small', { text: 'small' });
  const big = { text: 'x'.repeat(3_000) };
  expect(await region.getOrLoad('big', async () => big)).toBe(big);
  expect(region.get('big')).toBeUndefined();
  expect(region.get('small')).toEqual({ text: 'small' });
  expect(cache.getCacheStats()).toMatchObject({ refused: 1, evictions: 0 });
});

test('a value that outgrows the cache does not leave its smaller predecessor behind', async () => {
  const cache = await openCacheManager({ maxBytes: 2_000 });
  const region = cache.region<{ text: string }>('a');
  region.set('key', { text: 'old' });
  expect(region.set('key', { text: 'x'.repeat(3_000) })).toBe(false);
  expect(region.get('key')).toBeUndefined();
});

test('a cache of 0 bytes keeps nothing and still answers', async () => {
  const cache = await openCacheManager({ maxBytes: 0 });
  const region = cache.region('a');
  expect(await region.getOrLoad('key', async () => ({ n: 1 }))).toEqual({ n: 1 });
  expect(region.get('key')).toBeUndefined();
  expect(cache.getCacheStats()).toMatchObject({ entries: 0, bytes: 0 });
});

test.each<[string, (cache: DatabaseCacheManager, key: string) => unknown]>([
  ['clears the region', (cache) => cache.region('a').clear()],
  ['clears everything', (cache) => cache.clearAllCache()],
  ['drops what is being kept', (cache, key) => cache.region('a').invalidate(key)],
  ['keeps that itself', (cache, key) => cache.region('a').set(key, 1)],
  ['makes all the room', (cache) => cache.shrink()],
])('a listener that %s when an entry makes room leaves counts and bounds right', async (_, act) => {
  let key = '';
  const cache: DatabaseCacheManager = await openCacheManager({
    maxBytes: 3_000,
    onEvent: ({ type }) => type === 'evict' && act(cache, key),
  });
  const region = cache.region<string | number>('a');
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  for (key of keys) region.set(key, 'x'.repeat(300));
  const found = keys.filter((each) => region.get(each) !== undefined);
  const { entries, bytes } = cache.getCacheStats();
  expect([entries, found.at(-1)]).toEqual([found.length, 'k49']);
  expect(bytes).toBeGreaterThan(entries * 300);
  expect(bytes).toBeLessThanOrEqual(3_000);
  region.clear();
  expect(cache.getCacheStats()).toMatchObject({ entries: 0, bytes: 0 });
});
