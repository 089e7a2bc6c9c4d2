// What makes each case of docs/troubleshooting.md happen that is seen in code, and the mend that the page names for it. Each
// returns the message that was seen, where the page shows one.

import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openCacheManager } from '@cc/cache';
import { createHealthMonitor } from '@cc/health';
import type { ModelId } from '@cc/schema';
import { sqldMissing, startSqld } from '@cc/testkit/sqld';
import { createErrorHandler, isDatabaseError, openTransactionManager, type TransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished } from 'vitest';
import { open, type Place } from '../temporary-library.js';

/** A case. */
export interface CodeCase {
  readonly impossible?: string | null;
  readonly show: (place: Place) => Promise<string | null>;
}

async function opened(
  folder: string,
  options: Omit<Parameters<typeof openTransactionManager>[0], 'url'> = {},
): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url: `file:${join(folder, 'parts.db')}`, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run(sql`create table if not exists parts (id integer primary key, name text not null unique)`);
  return manager;
}

const add = ({ db }: TransactionManager, name: string) => db.run(sql`insert into parts (name) values (${name})`);
const names = ({ db }: TransactionManager) => db.values(sql`select name from parts order by name`);

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!isDatabaseError(error)) throw new Error('it did not fail as a DatabaseError', { cause: error });
  return error.message;
}

export const codeCases: Readonly<Record<string, CodeCase>> = {
  'It did not end in time': {
    show: async ({ folder }) => {
      const holder = await opened(folder);
      const waiting = await opened(folder, { acquireTimeoutMs: 20, retry: false });
      // Begun outside: the transaction of one manager is none of the other's.
      using lease = await holder.getConnection({ mode: 'write' });
      await lease.client.execute('begin immediate');
      const message = await messageOf(() => add(waiting, 'gear'));
      const run = createErrorHandler(waiting).run(async () => await add(waiting, 'gear'));
      await setImmediate();
      await lease.client.execute('rollback');
      lease.release();
      await run;
      expect(await names(waiting)).toEqual([['gear']]);
      return message;
    },
  },
  'A statement reads a whole table': {
    show: async ({ folder }) => {
      const manager = await opened(folder);
      await manager.db.run(sql`create table screws (id integer primary key, name text)`);
      await manager.db.run(sql`insert into screws (name) select 'M' || value from generate_series(1, 2000)`);
      const health = createHealthMonitor(manager);
      const query = { sql: 'select id from screws where name = ?', parameterSets: [['M1'], ['M77'], ['M1999']] };
      const { fullScans, advice, message } = await health.analyzeQuery(query);
      expect(fullScans).toEqual(['screws']);
      expect(advice[0]?.command).toContain('cc-migrate create');
      await manager.db.run(sql.raw(advice[0]?.sql ?? ''));
      expect((await health.analyzeQuery(query)).fullScans).toEqual([]);
      return message;
    },
  },
  'A cache that is bound to nothing': {
    show: async ({ folder }) => {
      const manager = await opened(folder);
      await add(manager, 'gear');
      const asked = async (transactions?: TransactionManager): Promise<readonly unknown[]> => {
        await using cache = await openCacheManager({ transactions });
        const region = cache.region<{ count: number }>('parts');
        const count = () => region.getOrLoad('count', async () => ({ count: (await names(manager)).length }));
        const first = await count();
        await add(manager, `another ${(first?.count ?? 0) + 1}`);
        return [cache.bound, first?.count, (await count())?.count];
      };
      expect(await asked()).toEqual([false, 1, 1]);
      expect(await asked(manager)).toEqual([true, 2, 3]);
      return null;
    },
  },
  'A replica is behind': {
    impossible: sqldMissing,
    show: async ({ folder }) => {
      await using server = await startSqld();
      await using primary = await openTransactionManager({ url: server.url.http });
      await primary.db.run(sql`create table parts (name text)`);
      const url = `file:${join(folder, 'replica.db')}`;
      await using replica = await openTransactionManager({ url, syncUrl: server.url.http });
      await primary.db.run(sql`insert into parts values ('gear')`);
      expect(await names(replica)).toEqual([]);
      await using health = createHealthMonitor(replica);
      await health.startMonitoring();
      const [lag] = await health.getHealthMetrics({ name: 'cc_db_replica_lag_seconds' });
      expect(lag?.value).toEqual(expect.any(Number));
      await replica.sync();
      expect(await names(replica)).toEqual([['gear']]);
      return null;
    },
  },
  'A joined block had failed': {
    show: async ({ folder }) => {
      const manager = await opened(folder);
      const both = (propagation: 'nested' | 'required') =>
        manager.transaction(async () => {
          await add(manager, 'gear');
          await manager.transaction(async () => await add(manager, 'gear'), { propagation }).catch(() => undefined);
        });
      const message = await messageOf(() => both('required'));
      expect(await names(manager)).toEqual([]);
      await both('nested');
      expect(await names(manager)).toEqual([['gear']]);
      return message;
    },
  },
  'Work was not awaited': {
    show: async ({ folder }) => {
      const manager = await opened(folder);
      let late: Promise<unknown> = Promise.resolve();
      const inner = () =>
        manager.transaction(async () => {
          await setImmediate();
          await add(manager, 'gear');
        });
      const message = await messageOf(() =>
        manager.transaction(async () => {
          late = inner();
          // Its failure is looked at below.
          late.catch(() => undefined);
        }),
      );
      await expect(late).rejects.toMatchObject({ type: 'aborted' });
      expect(await names(manager)).toEqual([]);
      await manager.transaction(inner);
      expect(await names(manager)).toEqual([['gear']]);
      return message;
    },
  },
  'It ran for too long': {
    show: async ({ folder }) => {
      const manager = await opened(folder);
      const endless = async (): Promise<void> => {
        for (;;) await names(manager);
      };
      return await messageOf(() => manager.transaction(endless, { timeoutMs: 20 }));
    },
  },
  'Somebody else was quicker': {
    show: async (place) => {
      const { models } = (await open(place)).repositories;
      const { items } = await models.list();
      const { id, version } = items[0] ?? { id: '' as ModelId, version: 0 };
      await models.update(id, { rating: 3 }, { ifVersion: version });
      const message = await messageOf(() => models.update(id, { rating: 4 }, { ifVersion: version }));
      const now = await models.read(id);
      await models.update(id, { rating: 4 }, { ifVersion: now?.version });
      expect(await models.read(id)).toMatchObject({ rating: 4 });
      return message;
    },
  },
  'The cache is too large': {
    show: async () => {
      await using cache = await openCacheManager();
      const region = cache.region<{ text: string }>('texts');
      for (let i = 0; i < 1_000; i += 1) region.set(String(i), { text: `${i} `.repeat(1_000) });
      expect(cache.getCacheStats().bytes).toBeGreaterThan(2_000_000);
      cache.shrink(100_000);
      expect(cache.getCacheStats().bytes).toBeLessThanOrEqual(100_000);
      await using small = await openCacheManager({ maxBytes: 100_000 });
      const bounded = small.region<{ text: string }>('texts');
      for (let i = 0; i < 1_000; i += 1) bounded.set(String(i), { text: `${i} `.repeat(1_000) });
      expect(small.getCacheStats().bytes).toBeLessThanOrEqual(100_000);
      return null;
    },
  },
  'A list is read at once': {
    show: async (place) => {
      const { models } = (await open(place)).repositories;
      const seen: string[] = [];
      for await (const model of models.listAll({ batchSize: 1 })) seen.push(model.name);
      expect(seen).toHaveLength(await models.count());
      return null;
    },
  },
  'The page caches': {
    show: async ({ folder }) => {
      const sizeOf = async (manager: TransactionManager) =>
        await manager.db.values(sql`select cache_size from pragma_cache_size`);
      expect(await sizeOf(await opened(folder))).toEqual([[-24_576]]);
      expect(await sizeOf(await opened(folder, { pragmas: { cache_size: -8192 } }))).toEqual([[-8192]]);
      return null;
    },
  },
};
