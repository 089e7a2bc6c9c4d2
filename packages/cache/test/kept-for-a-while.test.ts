// Age: what is older than its time is loaded anew, behind the answer where that is asked for, and is marked where it is all that is left.
import { expect, test } from 'vitest';
import { type BoundTransactions, type DatabaseCacheManager, openCacheManager } from '../src/index.js';
import { deferred } from './deferred.js';

const clock = { now: 0 };
const open = (): Promise<DatabaseCacheManager> => openCacheManager({ now: () => clock.now });
const away = (): Promise<never> => Promise.reject(Object.assign(new Error('no server'), { type: 'connection' }));

test('a value of its own time is loaded anew when that is over', async () => {
  const region = (await open()).region<{ n: number }>('a');
  await region.getOrLoad('k', async () => ({ n: 1 }), { ttlMs: 10 });
  clock.now += 9;
  expect(region.get('k')).toEqual({ n: 1 });
  clock.now += 1;
  expect(await region.getOrLoad('k', async () => ({ n: 2 }))).toEqual({ n: 2 });
});

test('a stale value is answered at once while one load runs behind it', async () => {
  const cache = await open();
  const region = cache.region<{ n: number }>('a', { ttlMs: 10, staleWhileRevalidateMs: 100 });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  clock.now += 50;
  const loading = deferred<{ n: number }>();
  let loads = 0;
  const load = (): Promise<{ n: number }> => {
    loads += 1;
    return loading.promise;
  };
  expect(await region.fetch('k', load)).toEqual({ value: { n: 1 }, from: 'stale' });
  expect(await region.getOrLoad('k', load)).toEqual({ n: 1 });
  expect(loads).toBe(1);
  loading.resolve({ n: 2 });
  await cache.flush();
  expect(await region.fetch('k', load)).toEqual({ value: { n: 2 }, from: 'memory' });
  expect(cache.getCacheStats()).toMatchObject({ staleHits: 2, hits: 1 });
});

test('a load that fails behind a stale answer fails nobody', async () => {
  const cache = await open();
  const region = cache.region<{ n: number }>('a', { ttlMs: 10, staleWhileRevalidateMs: 100 });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  clock.now += 50;
  expect(await region.getOrLoad('k', away)).toEqual({ n: 1 });
  await cache.flush();
  expect(cache.getCacheStats().failedLoads).toBe(1);
});

test('age is forgiven, an invalidation is not', async () => {
  const region = (await open()).region<{ n: number }>('a', { ttlMs: 10, staleWhileRevalidateMs: 100, graceMs: 100 });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  clock.now += 50;
  region.invalidate('k');
  await expect(region.fetch('k', away)).rejects.toThrow('no server');
});

test('while the database is away fetch answers the last value, marked, and getOrLoad does not', async () => {
  const cache = await open();
  const region = cache.region<{ n: number }>('a', { ttlMs: 10, graceMs: 100 });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  clock.now += 50;
  expect(await region.fetch('k', away)).toEqual({ value: { n: 1 }, from: 'grace' });
  await expect(region.getOrLoad('k', away)).rejects.toThrow('no server');
  await expect(region.fetch('k', () => Promise.reject(new Error('a mistake')))).rejects.toThrow('a mistake');
  clock.now += 60;
  await expect(region.fetch('k', away)).rejects.toThrow('no server');
  expect(cache.getCacheStats()).toMatchObject({ graceHits: 1, entries: 0 });
});

test('a load that fails when the time of grace is over by then has no last value', async () => {
  const region = (await open()).region<{ n: number }>('a', { ttlMs: 10, graceMs: 100 });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  clock.now += 50;
  const slow = (): Promise<never> => {
    clock.now += 60;
    return away();
  };
  await expect(region.fetch('k', slow)).rejects.toThrow('no server');
});

test('where a server confirms what is kept, the time of grace begins when that is overdue', async () => {
  const maxStaleMs = 3_600_000;
  let passedMs = 0;
  const confirmedAt = performance.now();
  const cache = await openCacheManager({
    ...{ transactions: { url: 'http://gone', current: () => undefined, changes: unconfirmedSince(confirmedAt) } },
    ...{ maxStaleMs, now: () => performance.now() + passedMs },
  });
  const region = cache.region<{ n: number }>('a', { graceMs: 2 * maxStaleMs });
  await region.getOrLoad('k', async () => ({ n: 1 }));
  passedMs = 2 * maxStaleMs;
  expect(await region.fetch('k', away)).toEqual({ value: { n: 1 }, from: 'grace' });
  passedMs = 4 * maxStaleMs;
  await expect(region.fetch('k', away)).rejects.toThrow('no server');
});

/** The database of a server that has answered last at `asOf`. */
function unconfirmedSince(asOf: number): BoundTransactions['changes'] {
  return {
    ...{ asOf, look: () => 1, ask: async () => false, statements: 0, doubtfulReads: 0, loadAround: () => undefined },
    witness: async (load) => ({ value: await load(), doubt: undefined }),
    ...{ proof: () => undefined, onClose: () => () => undefined },
  };
}
