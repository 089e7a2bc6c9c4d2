// Any order of reads, commits, rollbacks and late loads: a reader that starts after a commit never gets what the commit
// replaced, and what was rolled back is never seen.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCacheManager } from '../src/index.js';
import { DatabaseModel, keys, type Row } from './database-model.js';

const key = fc.constantFrom(...keys);
const onKey = fc.constantFrom('get', 'commit', 'delete', 'commitAndSet', 'readAndSetLater');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('getOrLoad' as const), key }) },
  { weight: 6, arbitrary: fc.record({ do: onKey, key }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('finish' as const), which: fc.nat(10), fails: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('rollback', 'commitAll', 'tick', 'turn', 'turn') }) },
);

test('no interleaving of reads, writes and late loads serves a replaced or rolled-back value', async () => {
  let reads = 0;
  let hits = 0;
  let voidedFills = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.boolean(), async (steps, small) => {
      let time = 0;
      const cache = await openCacheManager({ now: () => time, ...(small && { maxBytes: 1_000 }) });
      const model = new DatabaseModel(cache.region<Row>('rows', { ttlMs: 50, negativeTtlMs: 5 }), () => cache.lease());
      for (const current of steps) {
        if ('which' in current) model.finish(current.which, current.fails);
        else if ('key' in current) model[current.do](current.key);
        else if (current.do === 'tick') time += 3;
        // Lets every promise that can settle do so; real time plays no part.
        else if (current.do === 'turn') await new Promise((resolve) => setImmediate(resolve));
        else model[current.do]();
      }
      await model.settle();
      expect(model.violations).toEqual([]);
      const stats = cache.getCacheStats();
      reads += model.reads.length;
      hits += stats.hits;
      voidedFills += stats.voidedFills;
      cache.clearAllCache();
      expect(cache.getCacheStats()).toMatchObject({ entries: 0, bytes: 0 });
    }),
    { numRuns: 1_500 },
  );
  // The steps reach what they are meant to reach.
  expect(reads).toBeGreaterThan(5_000);
  expect(hits).toBeGreaterThan(500);
  expect(voidedFills).toBeGreaterThan(500);
});
