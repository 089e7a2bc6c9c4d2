// The names of the original design: metadata of models and results of searches.
import { expect, test } from 'vitest';
import { openCacheManager, type SearchFilters } from '../src/index.js';

test('metadata of a model is kept until the model is invalidated', async () => {
  const cache = await openCacheManager();
  expect(cache.getModelMetadata('m1')).toBeUndefined();
  expect(cache.cacheModelMetadata('m1', { material: 'PLA', infill: 20 })).toBe(true);
  expect(cache.getModelMetadata('m1')).toEqual({ material: 'PLA', infill: 20 });
  expect(cache.invalidateModelCache('m1')).toBe(true);
  expect(cache.getModelMetadata('m1')).toBeUndefined();
  expect(cache.invalidateModelCache('m1')).toBe(false);
});

test('search results are found by the same search, in whatever order its filters are written', async () => {
  const cache = await openCacheManager();
  const since = new Date('2024-01-01');
  cache.cacheSearchResults('gear', ['m2', 'm1'], { format: 'stl', tags: ['a', 'b'], since, until: undefined });
  expect(cache.getSearchResults('gear', { since, tags: ['a', 'b'], format: 'stl' })).toEqual(['m2', 'm1']);
  const others: [string, SearchFilters?][] = [
    ['gear'],
    ['Gear', { format: 'stl', tags: ['a', 'b'], since }],
    ['gear ', { format: 'stl', tags: ['a', 'b'], since }],
    ['gear', { format: 'stl', tags: ['b', 'a'], since }],
    ['gear', { format: 'stl', tags: ['a', 'b'], since: new Date('2024-01-02') }],
    ['gear', { format: 'stl', tags: ['a', 'b'], since: since.getTime() }],
    ['gear', { format: 'stl', tags: ['a,b'], since }],
  ];
  for (const [query, filters] of others) expect(cache.getSearchResults(query, filters)).toBeUndefined();
});

test('two texts that look alike are two searches, as they are for the database', async () => {
  const cache = await openCacheManager();
  cache.cacheSearchResults('Zahnrad fu\u0308r', ['m1']);
  expect(cache.getSearchResults('Zahnrad f\u00fcr')).toBeUndefined();
});

test('filters that are not plain data are refused', async () => {
  const cache = await openCacheManager();
  expect(() => cache.getSearchResults('a', { test: () => true })).toThrow(TypeError);
  expect(() => cache.getSearchResults('a', { test: new Map() })).toThrow(TypeError);
});

test('invalidating a model drops it everywhere, and every search result', async () => {
  const cache = await openCacheManager();
  const models = cache.region('models');
  models.set('m1', { name: 'Gear' });
  models.set('m2', { name: 'Bolt' });
  cache.cacheSearchResults('bolt', ['m2']);
  cache.invalidateModelCache('m1');
  expect(models.get('m1')).toBeUndefined();
  expect(models.get('m2')).toEqual({ name: 'Bolt' });
  expect(cache.getSearchResults('bolt')).toBeUndefined();
});

test('results that were read before a model changed are refused under their lease', async () => {
  const cache = await openCacheManager();
  const lease = cache.lease();
  cache.invalidateModelCache('m1');
  expect(cache.cacheSearchResults('gear', ['m1'], {}, { lease })).toBe(false);
  expect(cache.cacheModelMetadata('m1', {}, { lease })).toBe(false);
  expect(cache.cacheModelMetadata('m2', {}, { lease })).toBe(true);
});
