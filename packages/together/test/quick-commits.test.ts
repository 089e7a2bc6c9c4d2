// Another connection of this process commits between two lines of one callback, as quickly as a file can be written.
import { fileURLToPath } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { eq } from 'drizzle-orm';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { openVersions } from './fuzz/open.js';
import { type Version, versions } from './fuzz/run-fuzz.js';

type Key = readonly string[];

test.each(['getOrLoad', 'getOrLoadMany', 'fetch', 'wrap'] as const)('%s sees it in the next line', async (way) => {
  const { transactions, url } = await openVersions('file');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const other = new Database(fileURLToPath(url));
  onTestFinished(() => void other.close());
  other.exec('PRAGMA synchronous = OFF');
  const increment = other.prepare('UPDATE versions SET version = version + 1 WHERE id = 1');
  const region = cache.region<Version>('versions');
  const load = async (): Promise<Version> => {
    const [row] = await transactions.db.select({ version: versions.version }).from(versions).where(eq(versions.id, 1));
    return { version: row?.version ?? 0 };
  };
  const loadMany = async (keys: Key) =>
    new Map(await Promise.all(keys.map(async (key) => [key, await load()] as const)));
  const ways = {
    getOrLoad: () => region.getOrLoad('1', load),
    getOrLoadMany: async () => (await region.getOrLoadMany(['1'], loadMany)).get('1'),
    fetch: async () => (await region.fetch('1', load)).value,
    wrap: region.wrap(load, { key: () => '1' }),
  };
  const read = ways[way];
  let stale = 0;
  // Often enough for the engine to have made it as quick as it gets.
  for (let version = 2; version < 10_000; version += 1) {
    await read();
    await read();
    increment.run([]);
    const found = await read();
    if (found?.version !== version) stale += 1;
  }
  expect(stale).toBe(0);
});
