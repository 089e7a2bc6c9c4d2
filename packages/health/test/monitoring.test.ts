import { pathToFileURL } from 'node:url';
import type { ManagerEvent } from '@cc/tx';
import { eq, sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor, type HealthMetric, type HealthSource } from '../src/index.js';
import { items, onlyWhenAsked, openDatabase, openManager } from './database.js';

test('statements and transactions of the application are counted while it monitors', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await manager.db.insert(items).values({ name: 'before' });
  await monitor.startMonitoring();
  await manager.db.insert(items).values({ name: 'a' });
  const read = manager.db
    .select()
    .from(items)
    .where(eq(items.name, sql.placeholder('name')))
    .prepare();
  await read.all({ name: 'a' });
  await read.all({ name: 'b' });
  await expect(
    manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'undone' });
      throw new Error('undone');
    }),
  ).rejects.toThrow('undone');
  await monitor.stopMonitoring();
  await manager.db.insert(items).values({ name: 'after' });

  const report = await monitor.generateHealthReport();
  expect(report.queries).toMatchObject({ calls: 4, errors: 0, statements: 2, rows: 1, otherCalls: 0 });
  expect(report.queries.maxMs).toBeGreaterThan(0);
  expect(report.transactions).toMatchObject({ rolledBack: 1, retries: 0 });
  const [select] = monitor.getSlowQueries().filter(({ statement }) => statement.startsWith('select'));
  expect(select).toMatchObject({
    statement: 'select "id", "name" from "items" where "items"."name" = ?',
    calls: 2,
    rows: 1,
  });
});

test('what was tried again, who was in the way, and hooks that threw are counted', async () => {
  const { manager, file } = await openDatabase();
  const other = await openManager(pathToFileURL(file).href);
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  let retries = 0;
  const met = new Promise<void>((resolve) => {
    const count = ({ type }: ManagerEvent): void => {
      if (type !== 'retry') return;
      retries += 1;
      resolve();
    };
    onTestFinished(manager.subscribe(count));
  });
  let waiting: Promise<void> | undefined;
  await other.transaction(async () => {
    waiting = manager.transaction(async () => {
      // Its end is that of a part: it counts as no transaction.
      await manager.current()?.savepoint(() => manager.db.insert(items).values({ name: 'late' }));
      manager.current()?.afterCommit(() => {
        throw new Error('a broken hook');
      });
    });
    await met;
  });
  await waiting;
  const valueOf = async (name: string) => (await monitor.getHealthMetrics({ name }))[0]?.value;
  expect(retries).toBeGreaterThan(0);
  expect(await valueOf('cc_db_transaction_retries_total')).toBe(retries);
  expect(await valueOf('cc_db_busy_errors_total')).toBe(retries);
  expect(await valueOf('cc_db_hook_errors_total')).toBe(1);
  expect((await monitor.generateHealthReport()).transactions).toMatchObject({ committed: 1, retries, hookErrors: 1 });
});

test('a second start counts nothing twice, and a stop can be followed by a start', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await monitor.startMonitoring();
  await manager.db.select().from(items);
  await monitor.stopMonitoring();
  await monitor.stopMonitoring();
  await manager.db.select().from(items);
  await monitor.startMonitoring();
  await manager.db.select().from(items);
  expect((await monitor.generateHealthReport()).queries.calls).toBe(2);
  await monitor[Symbol.asyncDispose]();
  await manager.db.select().from(items);
  expect((await monitor.generateHealthReport()).queries.calls).toBe(2);
});

test('failures are counted by their type', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.insert(items).values({ name: 'a' });
  await expect(manager.db.insert(items).values({ name: 'a' })).rejects.toMatchObject({ type: 'constraint' });
  await expect(manager.db.run('select * from nowhere')).rejects.toMatchObject({ type: 'syntax' });
  expect((await monitor.generateHealthReport()).queries).toMatchObject({
    errors: 2,
    errorsByType: { constraint: 1, syntax: 1 },
    recent: { errorRate: 1 / 3 },
  });
});

test('its own reads of the storage are not counted', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await monitor.generateHealthReport();
  await monitor.getHealthMetrics();
  expect((await monitor.generateHealthReport()).queries.calls).toBe(0);

  // A manager that reports the statements of leases, too.
  let listener: (event: ManagerEvent) => void = () => undefined;
  const telling: HealthSource = {
    url: manager.url,
    stats: () => manager.stats(),
    subscribe: (given) => {
      listener = given;
      return () => undefined;
    },
    async getConnection(options) {
      const lease = await manager.getConnection(options);
      const execute: typeof lease.client.execute = async (statement: unknown) => {
        const sql = String(statement);
        const fields = {
          durationMs: 1,
          rows: 1,
          rowsAffected: 0,
          mode: 'read',
          transactionId: null,
          error: null,
        } as const;
        listener({ type: 'query', sql, ...fields });
        return lease.client.execute(sql);
      };
      return Object.assign(Object.create(lease), { client: Object.assign(Object.create(lease.client), { execute }) });
    },
  };
  const told = createHealthMonitor(telling);
  await told.startMonitoring();
  const report = await told.generateHealthReport();
  expect(report.storage).toMatchObject({ readable: true });
  expect(report.queries.calls).toBe(0);
});

test('the monitor leaves no statement open: the schema can change right after a report', async () => {
  const { manager } = await openDatabase({ readers: 1 });
  const monitor = createHealthMonitor(manager);
  for (let i = 0; i < 5; i += 1) {
    await monitor.generateHealthReport();
    await manager.db.run(sql.raw(`create table extra${i} (id integer)`));
    await manager.db.run(sql.raw(`drop table extra${i}`));
  }
  const [checkpoint] = await manager.db.all<{ busy: number }>('pragma wal_checkpoint(truncate)');
  expect(checkpoint).toMatchObject({ busy: 0 });
  expect(manager.stats()).toMatchObject({ readersBusy: 0, readersWaiting: 0 });
});

test('listeners beside the monitor may throw', async () => {
  const { manager } = await openDatabase();
  manager.subscribe(() => {
    throw new Error('a broken listener');
  });
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.select().from(items);
  expect((await monitor.generateHealthReport()).queries.calls).toBe(1);
});

test('recordQueryExecution takes what ran elsewhere and never throws', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  monitor.recordQueryExecution({ sql: "select 'x'", durationMs: 120, rows: 3 });
  monitor.recordQueryExecution({ sql: "select 'y'", durationMs: 80, success: false });
  const nonsense: unknown[] = [null, undefined, 7, {}, { sql: 5 }, { sql: 'select ?', durationMs: Number.NaN }];
  for (const execution of nonsense) monitor.recordQueryExecution(execution as never);
  expect(monitor.getSlowQueries()).toMatchObject([
    { statement: 'select ?', calls: 3, errors: 1, rows: 3, totalMs: 200, slowCalls: 1 },
  ]);
  expect((await monitor.generateHealthReport()).queries.errorsByType).toEqual({ unknown: 1 });
});

test('a hundred who ask at once share one reading, and the charts keep their hour', async () => {
  const { manager } = await openDatabase();
  let at = 1_000_000;
  const monitor = createHealthMonitor(manager, { now: () => at });
  await monitor.startMonitoring();
  for (let i = 0; i < 20; i += 1) {
    at += 10_000;
    await monitor.getHealthMetrics();
  }
  const chart = (await monitor.generateHealthReport()).charts[0]?.points ?? [];
  let readings = 0;
  const source: HealthSource = {
    ...{ capabilities: manager.capabilities, url: manager.url },
    subscribe: (listener) => manager.subscribe(listener),
    stats: () => manager.stats(),
    getConnection: (options) => manager.getConnection(options),
  };
  const counting = createHealthMonitor(source, {
    cacheStats: () => {
      readings += 1;
      return { hits: 1, misses: 0 };
    },
  });
  await Promise.all(Array.from({ length: 100 }, () => counting.getHealthMetrics({ name: 'cc_health_status' })));
  // Each answer asks the cache once, each reading once more.
  expect(readings).toBe(101);
  for (let i = 0; i < 500; i += 1) await monitor.getHealthMetrics({ name: 'cc_db_pages' });
  const crowded = (await monitor.generateHealthReport()).charts[0]?.points ?? [];
  expect(chart.length).toBeGreaterThan(20);
  expect(crowded.slice(0, 21)).toEqual(chart.slice(0, 21));
  await monitor.stopMonitoring();
});

test('the figures of one name are those that all of them have', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, {
    ...{ ...onlyWhenAsked, cacheStats: () => ({ hits: 1, misses: 0 }), now: () => 5_000 },
  });
  await monitor.startMonitoring();
  await manager.db.select().from(items);
  await monitor.measure('work', () => 1);
  const all = await monitor.getHealthMetrics();
  const steady = (metrics: readonly HealthMetric[]): unknown =>
    metrics.map(({ name, labels, value }) => [name, labels, /^cc_(?:process|disk|health)/.test(name) ? null : value]);
  for (const name of new Set(all.map((metric) => metric.name))) {
    const named = all.filter((metric) => metric.name === name);
    expect(steady(await monitor.getHealthMetrics({ name }))).toEqual(steady(named));
  }
  await monitor.stopMonitoring();
});
