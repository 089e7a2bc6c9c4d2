// A region is opened while others commit: what a tier has kept of an earlier process for it is not answered then.
import { expect, test } from 'vitest';
import { openCacheManager, type TierEntry } from '../../src/index.js';
import { serialise } from '../../src/tiers/serialise.js';
import { Database, declarer, type Row } from './database.js';

const old: TierEntry = {
  data: serialise({ version: 1 }),
  loadedAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  tags: [],
};

test.each([1, 2, 3, 4])('others that commit behind look %i of an opening are seen', async (looks) => {
  for (const toldBy of [undefined, declarer]) {
    const database = new Database('local', {});
    let kept: TierEntry | undefined = old;
    const drop = (): void => {
      kept = undefined;
    };
    const cache = await openCacheManager({
      transactions: database,
      tiers: [
        {
          ...{ name: 'earlier', bytes: 0, entries: 1, get: () => kept },
          ...{ set: () => undefined, delete: drop, clear: drop, close: () => undefined },
          clearExcept: (namespaces) => void (!namespaces.includes('rows') && drop()),
        },
      ],
    });
    database.looksUntilCommit = looks;
    const region = cache.region<Row>('rows', { toldBy });
    for (let look = 0; look < 6; look += 1) database.look();
    expect(database.committed).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await region.getOrLoad('row', async () => ({ version: database.committed }))).toEqual({ version: 2 });
    await cache.close();
  }
});
