// @cc/repositories states what it needs of a cache; this repeats it, so that the fit by structure is proven here as well.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';

interface PortRegion<V> {
  get(key: string): V | null | undefined;
  getOrLoad(key: string, load: () => Promise<V | null>): Promise<V | null>;
  invalidate(key: string): void;
  clear(): void;
}

interface CachePort {
  region<V extends object>(namespace: string): PortRegion<V>;
}

test('a cache manager is a cache port', async () => {
  const port: CachePort = await openCacheManager();
  const region: PortRegion<{ readonly id: string }> = port.region('models');
  expect(await region.getOrLoad('a', async () => ({ id: 'a' }))).toEqual({ id: 'a' });
  region.invalidate('a');
  expect(region.get('a')).toBeUndefined();
});
