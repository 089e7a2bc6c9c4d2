// Tests of users that fake `process.nextTick`, as jest's fake timers do: the end of a callback of the event loop is the engine's all the same.
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { sql } from 'drizzle-orm';
import Database from 'libsql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openVersions } from './fuzz/open.js';

interface Row {
  readonly version: number;
}

test('a cache sees what another connection has written, also where no tick of a test ever comes', async () => {
  const { transactions, url } = await openVersions('file');
  const cache = await openCacheManager({ transactions });
  onTestFinished(() => cache.close());
  const other = new Database(fileURLToPath(url));
  onTestFinished(() => void other.close());
  const region = cache.region<Row>('versions');
  const load = async () => transactions.db.get<Row>(sql`select version from versions where id = 1`);
  const version = () => region.getOrLoad('1', load);

  // Held, and called at the end: others of this process wait for theirs.
  const held: (() => void)[] = [];
  const faked = vi.spyOn(process, 'nextTick').mockImplementation((call, ...args: unknown[]) => {
    held.push(() => call(...args));
  });
  try {
    expect(await version()).toEqual({ version: 1 });
    expect(await version()).toEqual({ version: 1 });
    other.exec('update versions set version = 2 where id = 1');
    await setImmediate();
    expect(region.get('1')).toBeUndefined();
    expect(await version()).toEqual({ version: 2 });
  } finally {
    faked.mockRestore();
    for (const call of held) call();
  }
});
