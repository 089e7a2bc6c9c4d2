import { expect, test } from 'vitest';
import * as cache from '../src/index.js';

test('the package exports exactly these names', () => {
  expect(Object.keys(cache).sort()).toEqual(['CacheError', 'cacheManagerDefaults', 'openCacheManager']);
});
