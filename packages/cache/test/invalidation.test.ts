import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

test('a load that began before an invalidation answers its callers but fills nothing', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const loading = deferred<{ n: number }>();
  const early = region.getOrLoad('a', () => loading.promise);
  expect(region.invalidate('a')).toBe(false);
  loading.resolve({ n: 1 });
  expect(await early).toEqual({ n: 1 });
  expect(region.get('a')).toBeUndefined();
  expect(cache.getCacheStats()).toMatchObject({ fills: 0, voidedFills: 1, entries: 0 });
});

test('a reader that starts after an invalidation begins a load of its own', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const older = deferred<{ n: number }>();
  const newer = deferred<{ n: number }>();
  const early = region.getOrLoad('a', () => older.promise);
  region.invalidate('a');
  const late = region.getOrLoad('a', () => newer.promise);
  newer.resolve({ n: 2 });
  expect(await late).toEqual({ n: 2 });
  older.resolve({ n: 1 });
  expect(await early).toEqual({ n: 1 });
  expect(region.get('a')).toEqual({ n: 2 });
});

test('clear detaches every load of its region and drops every entry', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  region.set('kept', { n: 0 });
  const loading = deferred<{ n: number }>();
  const early = region.getOrLoad('a', () => loading.promise);
  region.clear();
  loading.resolve({ n: 1 });
  await early;
  expect(region.get('a')).toBeUndefined();
  expect(region.get('kept')).toBeUndefined();
  expect(cache.getCacheStats()).toMatchObject({ bytes: 0, entries: 0 });
});

test('clearAllCache detaches the loads of every region', async () => {
  const cache = await openCacheManager();
  const loading = deferred<object>();
  const reads = ['a', 'b'].map((namespace) => cache.region(namespace).getOrLoad('key', () => loading.promise));
  cache.clearAllCache();
  loading.resolve({ n: 1 });
  await Promise.all(reads);
  expect(cache.getCacheStats()).toMatchObject({ fills: 0, voidedFills: 2, entries: 0 });
});

test('set replaces the value, and a load that began before does not bring the old one back', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const loading = deferred<{ n: number }>();
  const early = region.getOrLoad('a', () => loading.promise);
  expect(region.set('a', { n: 2 })).toBe(true);
  loading.resolve({ n: 1 });
  expect(await early).toEqual({ n: 1 });
  expect(region.get('a')).toEqual({ n: 2 });
});

test('set under a lease is refused once the key was invalidated, cleared or set', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const lease = cache.lease();
  expect(region.set('a', { n: 1 }, { lease })).toBe(true);
  region.invalidate('a');
  expect(region.set('a', { n: 1 }, { lease })).toBe(false);
  expect(region.get('a')).toBeUndefined();
  region.set('b', { n: 2 });
  expect(region.set('b', { n: 1 }, { lease })).toBe(false);
  expect(region.get('b')).toEqual({ n: 2 });
  region.clear();
  expect(region.set('c', { n: 1 }, { lease })).toBe(false);
  expect(region.set('c', { n: 1 }, { lease: cache.lease() })).toBe(true);
});

test('a lease is refused by a region that was opened after everything was cleared', async () => {
  const cache = await openCacheManager();
  const lease = cache.lease();
  cache.clearAllCache();
  expect(cache.region('late').set('a', { n: 1 }, { lease })).toBe(false);
});

test('a lease stays exact for keys that did not change, however many others did', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const lease = cache.lease();
  for (let i = 0; i < 5_000; i += 1) region.invalidate(`other-${i}`);
  expect(region.set('mine', { n: 1 }, { lease })).toBe(true);
});

test('a lease older than the changes that are still remembered is refused', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const lease = cache.lease();
  region.invalidate('mine');
  for (let i = 0; i < 20_000; i += 1) region.invalidate(`other-${i}`);
  expect(region.set('mine', { n: 1 }, { lease })).toBe(false);
});

test('a key that is not a text is refused instead of being kept beside its text', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const key = 7 as unknown as string;
  expect(() => region.invalidate(key)).toThrow(TypeError);
  expect(() => region.set(key, { n: 1 })).toThrow(TypeError);
  await expect(region.getOrLoad(key, async () => ({ n: 1 }))).rejects.toThrow(TypeError);
});
