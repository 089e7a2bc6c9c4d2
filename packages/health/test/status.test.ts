import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createHealthMonitor, type HealthSource } from '../src/index.js';
import { onlyWhenAsked, openDatabase } from './database.js';

test('without monitoring and without statements the status is unknown, never OK', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    status: 'UNKNOWN',
    reasons: ['Monitoring is off: call startMonitoring()'],
  });
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'OK', reasons: [] });
});

test.each([
  [1, 'OK'],
  [2, 'WARNING'],
  [5, 'WARNING'],
  [6, 'CRITICAL'],
])('%i failures in 100 statements are %s', async (failures, status) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  for (let i = 0; i < 100; i += 1) {
    monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1, success: i >= failures });
  }
  const health = monitor.getCurrentHealthStatus();
  expect(health.status).toBe(status);
  if (status === 'CRITICAL') expect(health.reasons).toEqual(['6 of 100 recent statements failed (6 %, limit 5 %)']);
});

test('broken constraints and aborted work are counted but do not make a database sick', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  for (let i = 0; i < 100; i += 1) {
    const errorType = i % 2 === 0 ? 'constraint' : 'aborted';
    monitor.recordQueryExecution({ sql: 'insert', durationMs: 1, success: false, errorType });
  }
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  expect((await monitor.generateHealthReport()).queries).toMatchObject({ errors: 100, recent: { errorRate: 0 } });
});

test.each([
  [90, 'OK', undefined],
  [200, 'WARNING', /^5 % of the recent statements take \d+ ms or longer \(limit 100 ms\)$/],
  [900, 'CRITICAL', /limit 500 ms/],
])('a 95th percentile of %i ms is %s', async (durationMs, status, reason) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  for (let i = 0; i < 100; i += 1)
    monitor.recordQueryExecution({ sql: 'select 1', durationMs: i < 90 ? 1 : durationMs });
  const health = monitor.getCurrentHealthStatus();
  expect(health.status).toBe(status);
  if (reason !== undefined) expect(health.reasons).toEqual([expect.stringMatching(reason)]);
});

test('a few bad statements are too few to judge by', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  for (let i = 0; i < 19; i += 1) monitor.recordQueryExecution({ sql: 'select 1', durationMs: 9_000, success: false });
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  monitor.recordQueryExecution({ sql: 'select 1', durationMs: 9_000, success: false });
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'CRITICAL', reasons: { length: 2 } });
});

test('what went wrong is forgotten by the status after two windows, by the statistics never', async () => {
  const { manager } = await openDatabase();
  let time = 1_000_000;
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => time, windowMs: 1_000 });
  await monitor.startMonitoring();
  for (let i = 0; i < 50; i += 1) monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1, success: false });
  expect(monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
  time += 1_500;
  expect(monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
  time += 500;
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  expect((await monitor.generateHealthReport()).queries).toMatchObject({ errors: 50, recent: { calls: 0 } });
});

test('a clock that is set back leaves old statements out', async () => {
  const { manager } = await openDatabase();
  let time = 1_000_000;
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => time });
  await monitor.startMonitoring();
  for (let i = 0; i < 50; i += 1) monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1, success: false });
  time = 5;
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1 });
  expect((await monitor.generateHealthReport()).queries.recent).toMatchObject({ calls: 1, errors: 0 });
});

test('calls that wait for the writer are seen while they wait', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, { limits: { poolWaiters: { warning: 2 } } });
  await monitor.startMonitoring();
  const held = await manager.getConnection();
  const waiting = [1, 2, 3].map(() => manager.transaction(async () => undefined));
  while (manager.stats().writersWaiting < 3) await setImmediate();
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    status: 'WARNING',
    reasons: ['3 calls wait for a connection (limit 2)'],
  });
  held.release();
  await Promise.all(waiting);
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  expect((await monitor.generateHealthReport()).waits.waits).toBeGreaterThanOrEqual(3);
});

test('a damaged file is critical', async () => {
  const { manager, file } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.all('pragma wal_checkpoint(truncate)');
  await manager.close();
  const damage = await open(file, 'r+');
  await damage.write(Buffer.alloc(100, 0x5a), 0, 100, 0);
  await damage.close();
  // What the first statement of a connection to such a file throws.
  const { openTransactionManager } = await import('@cc/tx');
  const refused: unknown = await openTransactionManager({ url: manager.url }).catch((error: unknown) => error);
  const source: HealthSource = {
    url: manager.url,
    stats: () => manager.stats(),
    subscribe: () => () => undefined,
    getConnection: () => Promise.reject(refused),
  };
  const report = await createHealthMonitor(source).generateHealthReport();
  expect(report.storage).toMatchObject({ readable: false, errorType: 'integrity' });
  expect(report.status).toBe('CRITICAL');
  expect(report.reasons[0]).toMatch(/^The database file is damaged: /);
});

test('a closed manager gives a report that says so', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.close();
  const report = await monitor.generateHealthReport();
  expect(report).toMatchObject({ status: 'WARNING', storage: { readable: false, errorType: 'closed' } });
  expect(monitor.getCurrentHealthStatus().reasons[0]).toMatch(/^The figures of the database file could not be read: /);
});
