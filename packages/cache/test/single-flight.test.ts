import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

test('concurrent callers share one load', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ n: number }>('models');
  const loading = deferred<{ n: number }>();
  let loads = 0;
  const callers = Array.from({ length: 100 }, () =>
    region.getOrLoad('a', () => {
      loads += 1;
      return loading.promise;
    }),
  );
  loading.resolve({ n: 7 });
  const results = await Promise.all(callers);
  expect(loads).toBe(1);
  expect(new Set(results).size).toBe(1);
  expect(results[0]).toEqual({ n: 7 });
  expect(cache.getCacheStats()).toMatchObject({ misses: 100, joined: 99, fills: 1 });
});

test('a load that fails rejects every caller and keeps nothing', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  const loading = deferred<object>();
  const callers = [1, 2, 3].map(() => region.getOrLoad('a', () => loading.promise));
  const failure = new Error('the database is away');
  loading.reject(failure);
  const results = await Promise.allSettled(callers);
  expect(results).toEqual([1, 2, 3].map(() => ({ status: 'rejected', reason: failure })));
  expect(cache.getCacheStats()).toMatchObject({ failedLoads: 1, fills: 0, entries: 0 });
  expect(await region.getOrLoad('a', async () => ({ n: 2 }))).toEqual({ n: 2 });
});

test('a load that throws before it returns a promise rejects in the same way', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  const load = (): never => {
    throw new RangeError('at once');
  };
  await expect(region.getOrLoad('a', load)).rejects.toThrow(RangeError);
  expect(region.get('a')).toBeUndefined();
  expect(await region.getOrLoad('a', async () => ({ n: 1 }))).toEqual({ n: 1 });
});

test('a failed load that was detached leaves the newer load of its key alone', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  const older = deferred<object>();
  const newer = deferred<object>();
  const first = region.getOrLoad('a', () => older.promise);
  region.invalidate('a');
  const second = region.getOrLoad('a', () => newer.promise);
  older.reject(new Error('late'));
  await expect(first).rejects.toThrow('late');
  const third = region.getOrLoad('a', async () => ({ from: 'third' }));
  newer.resolve({ from: 'newer' });
  expect(await second).toEqual({ from: 'newer' });
  expect(await third).toEqual({ from: 'newer' });
});

test('flush waits for the loads under way, failing ones included', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  const good = deferred<object>();
  const bad = deferred<object>();
  const settled = Promise.allSettled([
    region.getOrLoad('good', () => good.promise),
    region.getOrLoad('bad', () => bad.promise),
  ]);
  let flushed = false;
  const flushing = cache.flush().then(() => {
    flushed = true;
  });
  good.resolve({ n: 1 });
  await Promise.resolve();
  expect(flushed).toBe(false);
  bad.reject(new Error('away'));
  await flushing;
  await settled;
  expect(region.get('good')).toEqual({ n: 1 });
});
