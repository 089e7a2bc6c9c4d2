// @cc/repositories states what it needs of a cache; this repeats it, so that the fit by structure is proven here as well.
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';

interface PortRegion<V> {
  getOrLoad(key: string, load: () => Promise<V | null>): Promise<V | null>;
  getOrLoadMany(
    keys: readonly string[],
    loadMissing: (missing: readonly string[]) => Promise<ReadonlyMap<string, V>>,
  ): Promise<ReadonlyMap<string, V | null>>;
  invalidate(key: string): void;
  clear(): void;
}

interface CachePort {
  region<V extends object>(namespace: string, options: { readonly toldBy: object }): PortRegion<V>;
}

test('a cache manager is a cache port', async () => {
  const port: CachePort = await openCacheManager();
  const region: PortRegion<{ readonly id: string }> = port.region('models', { toldBy: {} });
  expect(await region.getOrLoad('a', async () => ({ id: 'a' }))).toEqual({ id: 'a' });
  region.invalidate('a');
  const loaded = await region.getOrLoadMany(['a', 'b'], async (missing) => new Map(missing.map((id) => [id, { id }])));
  expect([...loaded]).toEqual([
    ['a', { id: 'a' }],
    ['b', { id: 'b' }],
  ]);
});
