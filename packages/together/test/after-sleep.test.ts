// A machine that slept, or a process that was frozen as serverless platforms do between two calls: performance.now() has stood
// meanwhile, the wall's clock has not. What a server had confirmed before is as old as the wall says.
import { openCacheManager } from '@cc/cache';
import { targets } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openVersions } from './fuzz/open.js';
import { type Manager, schema } from './fuzz/run-fuzz.js';

interface Row {
  readonly version: number;
}

/** However long a busy machine takes between two lines. */
const maxStaleMs = 3_600_000;
/** What the machine sleeps. */
const nightMs = 8 * maxStaleMs;

/** A cache whose machine can sleep. */
async function sleeper(transactions: Manager) {
  let sleptMs = 0;
  const cache = await openCacheManager({
    ...{ transactions, maxStaleMs },
    now: () => performance.timeOrigin + performance.now() + sleptMs,
  });
  onTestFinished(() => cache.close());
  const sleep = (): void => {
    sleptMs += nightMs;
  };
  return { region: cache.region<Row>('versions'), cache, sleep };
}

async function read({ db }: Manager): Promise<Row> {
  return await db.get<Row>(sql`select version from versions where id = 1`);
}

/** Another process on the same server. */
async function writeElsewhere(url: string, version: number): Promise<void> {
  const other = await openTransactionManager({ url, schema });
  await other.db.run(sql`update versions set version = ${version} where id = 1`);
  await other.close();
}

describe.each(targets.filter((target) => target === 'http' || target === 'ws'))('on %s', (target) => {
  test('what others have written while the machine slept is answered after it', async () => {
    const { transactions, url } = await openVersions(target);
    const { region, sleep } = await sleeper(transactions);
    expect(await region.getOrLoad('1', () => read(transactions))).toEqual({ version: 1 });
    for (const version of [2, 3]) {
      expect(await transactions.changes.ask()).toBe(true);
      await writeElsewhere(url, version);
      sleep();
      expect(region.get('1')).toBeUndefined();
      expect(await region.getOrLoad('1', () => read(transactions))).toEqual({ version });
      expect(await region.fetch('1', () => read(transactions))).toEqual({ value: { version }, from: 'memory' });
    }
  });

  test('and a load that was begun before it is for those who asked before it', async () => {
    const { transactions, url } = await openVersions(target);
    const { region, sleep } = await sleeper(transactions);
    const before = await read(transactions);
    let land: (row: Row) => void = () => undefined;
    const early = region.getOrLoad('1', () => new Promise<Row>((resolve) => (land = resolve)));
    await writeElsewhere(url, 2);
    sleep();
    const late = region.getOrLoad('1', () => read(transactions));
    land(before);
    expect(await late).toEqual({ version: 2 });
    expect(await early).toEqual({ version: 1 });
    expect(await region.getOrLoad('1', () => read(transactions))).toEqual({ version: 2 });
  });

  test('what is kept is asked about once after it, and answered again', async () => {
    const { transactions } = await openVersions(target);
    const { region, cache, sleep } = await sleeper(transactions);
    await region.getOrLoad('1', () => read(transactions));
    sleep();
    const asks = cache.getCacheStats().coherence.asks;
    expect(await region.fetch('1', () => read(transactions))).toEqual({ value: { version: 1 }, from: 'memory' });
    expect(await region.fetch('1', () => read(transactions))).toEqual({ value: { version: 1 }, from: 'memory' });
    expect(cache.getCacheStats().coherence.asks).toBe(asks + 1);
  });
});
