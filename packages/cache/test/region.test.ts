import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';

test('a loaded value is found again without a second load', async () => {
  const cache = await openCacheManager();
  const region = cache.region<{ name: string }>('models');
  let loads = 0;
  const load = async () => {
    loads += 1;
    return { name: 'Gear' };
  };
  expect(region.get('a')).toBeUndefined();
  expect(await region.getOrLoad('a', load)).toEqual({ name: 'Gear' });
  expect(await region.getOrLoad('a', load)).toEqual({ name: 'Gear' });
  expect(region.get('a')).toEqual({ name: 'Gear' });
  expect(loads).toBe(1);
});

test('an absent value is kept as null, an undefined one too', async () => {
  const cache = await openCacheManager();
  const region = cache.region('models');
  let loads = 0;
  const load = async () => {
    loads += 1;
    return undefined;
  };
  expect(await region.getOrLoad('a', load)).toBeNull();
  expect(await region.getOrLoad('a', load)).toBeNull();
  expect(region.get('a')).toBeNull();
  expect(loads).toBe(1);
  expect(cache.getCacheStats()).toMatchObject({ hits: 0, negativeHits: 2, misses: 1, fills: 1 });
});

test('regions do not see the keys of each other', async () => {
  const cache = await openCacheManager();
  cache.region('a').set('key', { of: 'a' });
  expect(cache.region('b').get('key')).toBeUndefined();
  cache.region('b').set('key', { of: 'b' });
  cache.region('b').clear();
  expect(cache.region('a').get('key')).toEqual({ of: 'a' });
});

test('values expire by the clock of the manager, counted from the begin of their load', async () => {
  let time = 1_000;
  const cache = await openCacheManager({ now: () => time });
  const region = cache.region<{ n: number }>('short', { ttlMs: 100, negativeTtlMs: 10 });
  await region.getOrLoad('slow', async () => {
    time += 60;
    return { n: 1 };
  });
  time += 39;
  expect(region.get('slow')).toEqual({ n: 1 });
  time += 1;
  expect(region.get('slow')).toBeUndefined();

  await region.getOrLoad('absent', async () => null);
  time += 9;
  expect(region.get('absent')).toBeNull();
  time += 1;
  expect(region.get('absent')).toBeUndefined();
  expect(cache.getCacheStats()).toMatchObject({ expired: 2, entries: 0, bytes: 0 });
});

test('absent values expire after 30 seconds when nothing else is said, values never', async () => {
  let time = 0;
  const cache = await openCacheManager({ now: () => time });
  const region = cache.region('models');
  region.set('absent', null);
  region.set('present', { n: 1 });
  time = 29_999;
  expect(region.get('absent')).toBeNull();
  time = 30_000;
  expect(region.get('absent')).toBeUndefined();
  time = Number.MAX_SAFE_INTEGER;
  expect(region.get('present')).toEqual({ n: 1 });
});

test('a region with a time to live of 0 keeps nothing', async () => {
  const cache = await openCacheManager();
  const region = cache.region('none', { ttlMs: 0 });
  expect(await region.getOrLoad('a', async () => ({ n: 1 }))).toEqual({ n: 1 });
  expect(region.get('a')).toBeUndefined();
  expect(region.set('b', { n: 2 })).toBe(false);
});

test('statistics add up each region and name it', async () => {
  const cache = await openCacheManager({ maxBytes: 1_000_000 });
  const models = cache.region('models');
  models.set('a', { n: 1 });
  models.get('a');
  models.get('b');
  cache.region('tags').get('c');
  const stats = cache.getCacheStats();
  expect(stats).toMatchObject({ maxBytes: 1_000_000, hits: 1, misses: 2, fills: 1, entries: 1 });
  expect(stats.regions.models).toMatchObject({ hits: 1, misses: 1, entries: 1 });
  expect(stats.regions.tags).toMatchObject({ hits: 0, misses: 1, entries: 0 });
  expect(stats.bytes).toBeGreaterThan(0);
  models.get('a');
  expect(stats.hits).toBe(1);
});

test('events name each change with its region and key, and a listener that throws breaks nothing', async () => {
  const seen: string[] = [];
  const cache = await openCacheManager({
    onEvent: ({ type, namespace, key }) => {
      seen.push(`${type} ${namespace} ${key}`);
      throw new Error('a broken listener');
    },
  });
  const region = cache.region('models');
  await region.getOrLoad('a', async () => ({ n: 1 }));
  region.get('a');
  region.invalidate('a');
  region.clear();
  expect(seen).toEqual(['fill models a', 'invalidate models a', 'clear models null']);
});
