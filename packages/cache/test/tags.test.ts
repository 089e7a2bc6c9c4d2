// Tags: values that fall together, wherever they are kept.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

test('a tag drops what was kept with it and nothing else', async () => {
  const cache = await openCacheManager();
  const [models, counts] = [cache.region<{ n: number }>('models'), cache.region<{ n: number }>('counts')];
  models.set('a', { n: 1 }, { tags: ['red', 'round'] });
  models.set('b', { n: 2 }, { tags: ['red'] });
  models.set('c', { n: 3 });
  counts.set('all', { n: 3 }, { tags: ['red'] });
  expect(models.invalidateTag('round')).toBe(1);
  expect([models.get('a'), models.get('b')]).toEqual([undefined, { n: 2 }]);
  expect(cache.invalidateTag('red')).toBe(2);
  expect([models.get('b'), models.get('c'), counts.get('all')]).toEqual([undefined, { n: 3 }, undefined]);
  expect(cache.invalidateTag('red')).toBe(0);
});

test('a load under way and a lease come too late for their tags', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const loading = deferred<{ n: number }>();
  const reading = region.getOrLoad('a', () => loading.promise, { tags: ['red'] });
  const lease = cache.lease();
  cache.invalidateTag('red');
  loading.resolve({ n: 1 });
  expect(await reading).toEqual({ n: 1 });
  expect(region.get('a')).toBeUndefined();
  expect(region.set('b', { n: 1 }, { lease, tags: ['red'] })).toBe(false);
  expect(region.set('b', { n: 1 }, { lease, tags: ['blue'] })).toBe(true);
});

test('an entry that is replaced leaves its old tags', async () => {
  const region = (await openCacheManager()).region<{ n: number }>('models');
  region.set('a', { n: 1 }, { tags: ['red'] });
  region.set('a', { n: 2 }, { tags: ['blue'] });
  expect(region.invalidateTag('red')).toBe(0);
  expect(region.get('a')).toEqual({ n: 2 });
});

test('what was cleared leaves its tags, too', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  region.set('a', { n: 1 }, { tags: ['red'] });
  cache.clearAllCache();
  region.set('a', { n: 2 });
  expect(region.invalidateTag('red')).toBe(0);
  expect(region.get('a')).toEqual({ n: 2 });
});

test.each([[{ tags: 'red' }], [{ tags: [1] }], [{ ttlMs: -1 }], [{ tag: ['red'] }]])(
  '%o is refused',
  async (options) => {
    const region = (await openCacheManager()).region<{ n: number }>('models');
    expect(() => region.set('a', { n: 1 }, options as never)).toThrow(TypeError);
    await expect(region.getOrLoad('a', async () => ({ n: 1 }), options as never)).rejects.toThrow(TypeError);
  },
);
