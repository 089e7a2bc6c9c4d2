// What a bound cache answers when its manager has closed, and how it counts a lookup that had to ask a server first.
import { openCacheManager } from '@cc/cache';
import { targets } from '@cc/testkit/targets';
import { eq } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openVersions } from './fuzz/open.js';
import { versions } from './fuzz/run-fuzz.js';

describe.each(targets)('on %s', (target) => {
  test('nothing is answered from the line on in which the manager has closed', async () => {
    const { transactions } = await openVersions(target);
    const cache = await openCacheManager({ transactions, maxStaleMs: 3_600_000 });
    onTestFinished(() => cache.close());
    const region = cache.region<{ readonly version: number }>('versions');
    await region.getOrLoad('1', async () => ({ version: 1 }));
    expect(region.get('1')).toEqual({ version: 1 });
    await transactions.close();
    expect(region.get('1')).toBeUndefined();
  });

  test('every lookup is counted once', async () => {
    const { transactions } = await openVersions(target);
    const cache = await openCacheManager({ transactions, maxStaleMs: 1 });
    onTestFinished(() => cache.close());
    const region = cache.region<object>('versions');
    const load = async (): Promise<object | null> =>
      (await transactions.db.select().from(versions).where(eq(versions.id, 1)))[0] ?? null;
    for (let lookup = 1; lookup <= 12; lookup += 1) {
      await region.getOrLoad(String(lookup % 3), load);
      // For longer than the server has confirmed.
      const until = performance.now() + 3;
      while (performance.now() < until) await new Promise(setImmediate);
      const { hits, negativeHits, misses, bypassed } = cache.getCacheStats();
      expect(hits + negativeHits + misses + bypassed).toBe(lookup);
    }
  });
});
