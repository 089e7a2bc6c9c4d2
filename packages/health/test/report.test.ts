import { stat } from 'node:fs/promises';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createHealthMonitor, formatHealthReport, type HealthMetric } from '../src/index.js';
import { items, onlyWhenAsked, openDatabase, openManager } from './database.js';

test('the storage figures are those of the file', async () => {
  const { manager, file } = await openDatabase();
  await manager.db
    .insert(items)
    .values(Array.from({ length: 500 }, (_, i) => ({ name: `item ${i} ${'x'.repeat(200)}` })));
  await manager.db.delete(items);
  const { storage } = await createHealthMonitor(manager).generateHealthReport();
  expect(storage).toMatchObject({ readable: true, journalMode: 'wal', walBytes: (await stat(`${file}-wal`)).size });
  if (!storage.readable) throw new Error('unreachable');
  expect(storage.bytes).toBe(storage.pageCount * storage.pageSize);
  expect(storage.freePages).toBeGreaterThan(10);
  await manager.db.all('pragma wal_checkpoint(truncate)');
  expect((await stat(file)).size).toBe(storage.bytes);
});

test('a database in memory has no log', async () => {
  const manager = await openManager(':memory:');
  await manager.db.run('create table t (id integer)');
  const monitor = createHealthMonitor(manager);
  const { storage } = await monitor.generateHealthReport();
  expect(storage).toMatchObject({ readable: true, journalMode: 'memory', walBytes: null });
  expect(valueOf(await monitor.getHealthMetrics(), 'cc_db_wal_bytes')).toBe('unsupported');
});

test('a report can be made inside a transaction', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  const report = await manager.transaction(async () => {
    await manager.db.insert(items).values({ name: 'a' });
    return monitor.generateHealthReport();
  });
  expect(report).toMatchObject({ status: 'OK', storage: { readable: true }, pool: { openTransactions: 1 } });
});

test('no value of the application is in a report, its text or its metrics', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.insert(items).values({ name: 'secret-bound' });
  await expect(manager.db.insert(items).values({ name: 'secret-bound' })).rejects.toMatchObject({ type: 'constraint' });
  await manager.db.run(sql.raw("insert into items (name) values ('secret-literal') -- secret-comment"));
  await expect(manager.db.run("select 'secret-wrong' from nowhere")).rejects.toMatchObject({ type: 'syntax' });
  const report = await monitor.generateHealthReport();
  expect(report.queries.calls).toBe(4);
  const everything = [report, formatHealthReport(report), await monitor.getHealthMetrics(), monitor.getSlowQueries()];
  expect(JSON.stringify(everything)).not.toContain('secret');
});

test('the hit ratio is the one of the application cache', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, {
    cacheStats: () => ({
      ...{ hits: 6, negativeHits: 2, misses: 2, bytes: 2_048, evictions: 3 },
      tiers: { disk: { hits: 1, misses: 2, errors: 0, bytes: 4_096 } },
      coherence: { foreignFlushes: 5, steppedAside: 1 },
    }),
  });
  const report = await monitor.generateHealthReport();
  expect(report.cache).toMatchObject({ hits: 8, misses: 2, hitRatio: 0.8, entries: null, bytes: 2_048, flushes: 5 });
  const metrics = await monitor.getHealthMetrics();
  expect(valueOf(metrics, 'cc_cache_hit_ratio')).toBe(0.8);
  expect(valueOf(metrics, 'cc_cache_evictions_total')).toBe(3);
  expect(valueOf(metrics, 'cc_cache_bypassed_total')).toBe('unsupported');
  expect(valueOf(metrics, 'cc_cache_tier_bytes')).toBe(4_096);
  expect(valueOf(metrics, 'cc_cache_stepped_aside_total')).toBe(1);
  expect(formatHealthReport(report)).toContain('80 % hits (application cache): 8 hits, 2 misses, 2 KiB');
});

test('a cache or pool that fails takes only its own lines out of the report', async () => {
  const { manager } = await openDatabase();
  const broken = (): never => {
    throw new Error('closed');
  };
  const monitor = createHealthMonitor(
    {
      url: manager.url,
      subscribe: (listener) => manager.subscribe(listener),
      getConnection: (options) => manager.getConnection(options),
      stats: broken,
    },
    { cacheStats: broken },
  );
  await monitor.startMonitoring();
  const report = await monitor.generateHealthReport();
  expect(report).toMatchObject({
    cache: null,
    pool: null,
    status: 'UNKNOWN',
    reasons: ['The connection pool does not answer'],
    storage: { readable: true },
  });
  expect(formatHealthReport(report)).toContain('Pool         does not answer');
});

test('the text says everything in lines, and nothing in it steers a terminal', async () => {
  const { manager } = await openDatabase();
  let time = Date.UTC(2024, 4, 1);
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => time });
  monitor.recordQueryExecution({
    sql: 'select "\u001b[31mred" from t',
    durationMs: 250,
    errorType: 'lock',
    success: false,
  });
  for (let i = 0; i < 1_999; i += 1) monitor.recordQueryExecution({ sql: 'select 1', durationMs: 0.5 });
  await monitor.measure('import', () => 1);
  const report = await monitor.generateHealthReport();
  const text = formatHealthReport(report);
  expect(text.split('\n')).toEqual([
    `Health of ${manager.url} at 2024-05-01T00:00:00.000Z: OK`,
    '  Every figure is inside its limits.',
    'Statements   2,000 calls, 1 failed, 1 slow; 2 different',
    expect.stringMatching(/^ +p50 0\.\d+ ms, p95 0\.\d+ ms, p99 0\.\d+ ms, longest 250 ms$/),
    '             failures: 1 lock',
    expect.stringMatching(/^ +2\d\d ms p95 × 1 \(20 % of the time\) {2}select "�\[31mred" from t$/),
    expect.stringMatching(/^ +0\.\d+ ms p95 × 1,999 \(80 % of the time\) {2}select \?$/),
    'Transactions 0 committed, 0 rolled back, 0 retries',
    '             p95 0 ms, longest 0 ms',
    expect.stringMatching(
      /^Pool +writer free, 0 waiting; readers \d of \d busy, 0 waiting; 0 waits, p95 0 ms; 0 connections replaced$/,
    ),
    expect.stringMatching(/^Storage +[\d.]+ KiB in \d pages, 0 % free, journal wal, log [\d.]+ KiB$/),
    expect.stringMatching(/^Operation +import: 1 calls, 0 failed, p95 .+ ms, longest .+ ms$/),
    expect.stringMatching(/^Process +[\d.]+ MiB resident, [\d.]+ MiB heap$/),
  ]);
  time += 1;
  expect(monitor.getCurrentHealthStatus().asOf).toEqual(new Date(time));
});

test('the text has names with joined emoji and letters as they are', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  const names = ['👨‍👩‍👧 gears', 'می‌خواهم'];
  for (const name of [...names, 'a\u202eb']) await monitor.measure(name, () => 1);
  const text = formatHealthReport(await monitor.generateHealthReport());
  for (const name of [...names, 'a�b']) expect(text).toContain(`Operation    ${name}: 1 calls`);
});

test('metrics are one flat list with distinct names', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.select().from(items);
  const metrics = await monitor.getHealthMetrics();
  expect(new Set(metrics.map(({ name, labels }) => name + JSON.stringify(labels))).size).toBe(metrics.length);
  expect(valueOf(metrics, 'cc_db_queries_total')).toBe(1);
  expect(valueOf(metrics, 'cc_cache_hit_ratio')).toBe('unsupported');
  expect(metrics.find(({ name }) => name === 'cc_db_query_duration_seconds')).toMatchObject({
    type: 'histogram',
    unit: 'seconds',
    value: 1,
  });
});

function valueOf(metrics: readonly HealthMetric[], name: string): HealthMetric['value'] | undefined {
  return metrics.find((metric) => metric.name === name)?.value;
}
