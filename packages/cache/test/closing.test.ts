import { expect, test } from 'vitest';
import { CacheError, openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

test('every use after close fails with a hint', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  region.set('a', { n: 1 });
  await cache.close();
  const uses: (() => unknown)[] = [
    () => region.get('a'),
    () => region.set('a', { n: 1 }),
    () => region.invalidate('a'),
    () => region.clear(),
    () => cache.region('models'),
    () => cache.lease(),
    () => cache.getModelMetadata('a'),
    () => cache.cacheModelMetadata('a', {}),
    () => cache.getSearchResults('a'),
    () => cache.cacheSearchResults('a', []),
    () => cache.invalidateModelCache('a'),
    () => cache.clearAllCache(),
    () => cache.getCacheStats(),
  ];
  for (const use of uses) expect(use).toThrow(/closed \[CACHE_CLOSED\]\. Close it after/);
  await expect(region.getOrLoad('a', async () => ({ n: 1 }))).rejects.toBeInstanceOf(CacheError);
  await expect(cache.flush()).rejects.toBeInstanceOf(CacheError);
});

test('a load under way at close still answers its caller', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  const loading = deferred<object>();
  const read = region.getOrLoad('a', () => loading.promise);
  await cache.close();
  loading.resolve({ n: 1 });
  expect(await read).toEqual({ n: 1 });
});

test('a second close does nothing, and the end of its scope closes a cache', async () => {
  const cache = await openCacheManager();
  await cache.close();
  await cache.close();
  const scoped = await openCacheManager();
  await scoped[Symbol.asyncDispose]();
  expect(() => scoped.getCacheStats()).toThrow(CacheError);
});
