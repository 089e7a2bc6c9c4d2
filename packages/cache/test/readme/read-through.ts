import { openCacheManager } from '@cc/cache';

const cache = await openCacheManager({ maxBytes: 32 * 1024 * 1024 });
const models = cache.region<{ name: string }>('models');

let queries = 0;
const readModel = (id: string) =>
  models.getOrLoad(id, async () => {
    queries += 1; // a query of yours
    return { name: `Gear ${id}` };
  });

await Promise.all([readModel('7'), readModel('7')]); // two callers, one query
models.invalidate('7'); // after the COMMIT of a change
await readModel('7');

export const { hits, misses, fills } = cache.getCacheStats();
export { queries };

await cache.close();
