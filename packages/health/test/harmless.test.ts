// The monitor beside an application at work: it sees what is wrong, and takes no lock, no turn and no connection from it.
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { sqldMissing, startSqld } from '@cc/testkit/sqld';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHealthMonitor, formatHealthReport, type HealthMonitorOptions } from '../src/index.js';
import { items, openDatabase, openManager } from './database.js';

async function open(options: HealthMonitorOptions = {}, readers = 2) {
  const { manager, file } = await openDatabase({ readers });
  const monitor = createHealthMonitor(manager, options);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const valueOf = async (name: string) => (await monitor.getHealthMetrics({ name }))[0]?.value;
  return { manager, file, monitor, valueOf };
}

test('a log past its limit is a WARNING that says what to do, and goes when the log is short again', async () => {
  const { manager, file, monitor, valueOf } = await open({
    limits: { walBytes: { warning: 2_000_000, keepFiringFor: 0 } },
  });
  // A reader that stays keeps the log from being folded into the database.
  const reader = await manager.getConnection({ mode: 'read' });
  await reader.client.execute('BEGIN');
  await reader.client.execute('select count(*) from items');
  const row = { name: 'x'.repeat(2_000) };
  for (let i = 0; i < 12; i += 1) {
    const rows = Array.from({ length: 100 }, (_, n) => ({ name: `${row.name}${i}.${n}` }));
    await manager.db.insert(items).values(rows);
  }
  const report = await monitor.generateHealthReport();
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(2_000_000);
  expect(report).toMatchObject({ status: 'WARNING' });
  expect(report.reasons).toEqual([expect.stringMatching(/^The write-ahead log is .* MiB long \(limit 1\.91 MiB\)$/)]);
  expect(report.recommendations).toContainEqual(expect.objectContaining({ sql: 'PRAGMA wal_checkpoint(TRUNCATE)' }));
  expect(monitor.getActiveAlerts()[0]).toMatchObject({ rule: 'walBytes', state: 'firing' });
  await reader.client.execute('ROLLBACK');
  reader.release();
  await manager.db.all(sql.raw('pragma wal_checkpoint(truncate)'));
  expect(await monitor.generateHealthReport()).toMatchObject({ status: 'OK', reasons: [] });
  expect(await valueOf('cc_db_wal_bytes')).toBe(0);
});

test('a reader that was left open shows as frames that cannot be folded in, also when it is the only one', async () => {
  const limits = { checkpointLagFrames: { for: 0 }, walBytes: false } as const;
  const { manager, monitor, valueOf } = await open({ limits }, 1);
  const reader = await manager.getConnection({ mode: 'read' });
  await reader.client.execute('BEGIN');
  await reader.client.execute('select count(*) from items');
  for (let i = 0; i < 1_100; i += 1) await manager.db.insert(items).values({ name: `${i}` });
  expect(await valueOf('cc_db_checkpoint_lag_frames')).toBeGreaterThan(1_000);
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    status: 'WARNING',
    reasons: [expect.stringMatching(/frames of the write-ahead log cannot be folded/)],
  });
  await reader.client.execute('ROLLBACK');
  reader.release();
  expect(await valueOf('cc_db_checkpoint_lag_frames')).toBeLessThan(1_000);
});

test('between readings it holds no lock: the log can be truncated and the schema changed after each', async () => {
  const { manager, monitor } = await open({ intervalMs: 5 });
  for (let i = 0; i < 20; i += 1) {
    await manager.db.insert(items).values({ name: `${i}` });
    await manager.db.run(sql.raw(`create table extra${i} (id integer)`));
    await manager.db.all(`select * from extra${i} order by id`);
    await monitor.getHealthMetrics();
    const [checkpoint] = await manager.db.all<{ busy: number; log: number }>('pragma wal_checkpoint(truncate)');
    expect(checkpoint).toMatchObject({ busy: 0, log: 0 });
    await manager.db.run(sql.raw(`drop table extra${i}`));
  }
  expect(manager.stats()).toMatchObject({ readersBusy: 0, readersWaiting: 0, writersWaiting: 0 });
});

test('readings go on while every connection of the pool is held, and no reading waits for one', async () => {
  const { manager, monitor } = await open({}, 1);
  const [writer, reader] = [await manager.getConnection(), await manager.getConnection({ mode: 'read' })];
  const report = await monitor.generateHealthReport();
  expect(report.storage).toMatchObject({ readable: true });
  expect(report.waits.waits).toBe(0);
  writer.release();
  reader.release();
});

test('a stop during a reading ends it, and start and stop can follow each other in any order', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, { intervalMs: 1 });
  const starts = [
    monitor.startMonitoring(),
    monitor.startMonitoring(),
    monitor.stopMonitoring(),
    monitor.startMonitoring(),
  ];
  const report = monitor.generateHealthReport();
  await Promise.all([...starts, monitor.stopMonitoring(), monitor.stopMonitoring()]);
  await report;
  const at = monitor
    .toPrometheus()
    .split('\n')
    .find((line) => line.startsWith('cc_process_uptime_seconds'));
  for (let i = 0; i < 50; i += 1) await setImmediate();
  expect(monitor.toPrometheus()).toContain(at);
});

test('what a database in memory does not have is unsupported with a reason, never 0', async () => {
  const manager = await openManager(':memory:');
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const metrics = await monitor.getHealthMetrics();
  for (const name of [
    'cc_db_wal_bytes',
    'cc_db_checkpoint_lag_frames',
    'cc_disk_free_bytes',
    'cc_db_replica_lag_seconds',
    'cc_cache_hit_ratio',
  ]) {
    const metric = metrics.find((each) => each.name === name);
    expect(metric).toMatchObject({ value: 'unsupported', reason: expect.stringMatching(/\w/) });
    expect(monitor.toPrometheus()).not.toContain(`${name} `);
  }
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
});

test('where the system does not tell how much memory the process has, as without /proc, all else is read', async () => {
  const { monitor } = await open();
  const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(() => {
    throw Object.assign(new Error('ENOENT: no such file or directory, uv_resident_set_memory'), { code: 'ENOENT' });
  });
  const all = vi.spyOn(process, 'memoryUsage').mockImplementation(() => {
    throw new Error('ENOENT');
  });
  onTestFinished(() => {
    all.mockRestore();
    rss.mockRestore();
  });
  const metrics = await monitor.getHealthMetrics();
  const valueOf = (name: string) => metrics.find((metric) => metric.name === name)?.value;
  expect(valueOf('cc_process_resident_bytes')).toBe('unsupported');
  expect(valueOf('cc_process_heap_bytes')).toBeGreaterThan(0);
  expect(valueOf('cc_db_pages')).toBeGreaterThan(0);
  expect(formatHealthReport(await monitor.generateHealthReport())).toMatch(/^Process +[\d.]+ MiB heap$/m);
});

test.skipIf(sqldMissing !== null)(
  'a server that goes down is told, never OK, and is well again when it is up',
  async () => {
    await using server = await startSqld();
    const manager = await openManager(server.url.http);
    const monitor = createHealthMonitor(manager);
    await monitor.startMonitoring();
    onTestFinished(() => monitor.stopMonitoring());
    expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'OK', reasons: [] });
    const [log] = await monitor.getHealthMetrics({ name: 'cc_db_wal_bytes' });
    expect(log).toMatchObject({ value: 'unsupported', reason: 'a remote database has no file that can be looked at' });
    await server.kill();
    expect(await monitor.readyz()).toBe(false);
    const down = await monitor.generateHealthReport();
    expect(down).toMatchObject({ status: 'WARNING', storage: { readable: false } });
    expect(await monitor.getHealthMetrics({ name: 'cc_db_size_bytes' })).toMatchObject([{ value: 'unknown' }]);
    await server.restart();
    expect(await monitor.generateHealthReport()).toMatchObject({ status: 'OK', storage: { readable: true } });
  },
);

test('the oldest open transaction has its age and its label, and the caller of a slow statement is named', async () => {
  const { manager, monitor } = await open({ limits: { openTransactionMs: { warning: 0 } } });
  await manager.transaction(
    async () => {
      await manager.db.insert(items).values({ name: 'a' });
      await manager.db.all("select * from items where name like '%b%'");
      const report = await monitor.generateHealthReport();
      expect(report.transactions.open).toMatchObject([{ label: 'nightly import' }]);
      expect(report.reasons).toEqual([expect.stringMatching(/^A transaction is open for/)]);
    },
    { label: 'nightly import' },
  );
  const [scan] = monitor.getSlowQueries({ by: 'scan' });
  expect(scan).toMatchObject({
    statement: 'select * from items where name like ?',
    plan: ['SCAN items'],
    fullScans: ['items'],
    labels: [{ label: 'nightly import', calls: 1 }],
  });
});

test('a million different statements are counted in bounded memory, and the sums are exact', async () => {
  const { monitor } = await open();
  for (let i = 0; i < 1_000_000; i += 1) {
    monitor.recordQueryExecution({ sql: `select "c${i}" from t`, durationMs: 1, rows: 2, label: `call ${i}` });
  }
  const { queries } = await monitor.generateHealthReport();
  expect(queries).toMatchObject({ calls: 1_000_000, totalMs: 1_000_000, rows: 2_000_000, statements: 500 });
  const [others] = monitor.getSlowQueries({ by: 'total', limit: 1 });
  expect(others).toMatchObject({ statement: '(others)', calls: 999_500 });
  expect(others?.labels).toHaveLength(8);
});
