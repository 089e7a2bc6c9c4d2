import { openCacheManager } from '@cc/cache';

const cache = await openCacheManager();
const counts = cache.region<{ models: number }>('counts');

const lease = cache.lease(); // before the read
const read = { models: 41 }; // a query of yours
counts.invalidate('all'); // meanwhile somebody commits another model
export const kept = counts.set('all', read, { lease });

await cache.close();
