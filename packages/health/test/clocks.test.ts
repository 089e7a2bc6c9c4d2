// The clock of the machine is set while it is watched: by NTP, by hand, by whoever repairs it. Nothing here waits for time to pass.

import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import type { ManagerEvent } from '@cc/tx';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHealthMonitor, healthReportPage } from '../src/index.js';
import type { HealthSource } from '../src/source.js';
import { onlyWhenAsked, openDatabase } from './database.js';

const hour = 3_600_000;
const year = 365 * 24 * hour;

/** The clock of the machine, and a way to set it. */
function setClock(): (byMs: number) => void {
  const real = Date.now.bind(Date);
  let by = 0;
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => real() + by);
  onTestFinished(() => spy.mockRestore());
  return (byMs) => {
    by = byMs;
  };
}

test.each([hour, -hour, year])('statements stay recent when the clock is set by %d ms', async (byMs) => {
  const set = setClock();
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  for (let i = 0; i < 30; i += 1) await expect(manager.db.run('select * from nowhere')).rejects.toThrow(/nowhere/);
  expect(monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
  set(byMs);
  expect(monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
  expect((await monitor.generateHealthReport()).queries.recent).toMatchObject({ errors: 30, errorRate: 1 });
});

test('a replica is as far behind as it was, whatever the clock is set to', async () => {
  const set = setClock();
  const told: ((event: ManagerEvent) => void)[] = [];
  const source: HealthSource = {
    url: 'file:replica.db',
    capabilities: { target: 'replica' },
    subscribe(listener) {
      told.push(listener);
      return () => undefined;
    },
    stats: () => ({
      ...{ writerBusy: false, writersWaiting: 0, readersOpen: 0, readersBusy: 0, readersWaiting: 0 },
      ...{ openTransactions: 0, connectionsReplaced: 0 },
    }),
    getConnection: () => Promise.reject(new Error('there is none')),
  };
  const monitor = createHealthMonitor(source, onlyWhenAsked);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const lag = async (): Promise<unknown> =>
    (await monitor.getHealthMetrics({ name: 'cc_db_replica_lag_seconds' })).map(({ value }) => value);
  const before = await lag();
  for (const byMs of [hour, -hour, year]) {
    set(byMs);
    expect(await lag()).toEqual([expect.closeTo(Number(before), -2)]);
    for (const listener of told) listener({ type: 'sync', durationMs: 1, error: null });
  }
  set(0);
  expect(monitor.getActiveAlerts().map(({ rule }) => rule)).not.toContain('replicaLagMs');
});

test('an alert of a monitor that was killed while the clock was a year ahead has ended with it', async () => {
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2025, 0, 1) + year };
  const options = {
    ...{ ...onlyWhenAsked, intervalMs: 10_000, now: () => clock.at },
    history: { path: join(await temporaryFolder(), 'history.db') },
    rules: [{ id: 'sick', check: () => ({ severity: 'CRITICAL', reason: 'It is sick' }) as const }],
  };
  // It never says a last word.
  const killed = createHealthMonitor(manager, options);
  await killed.startMonitoring();
  onTestFinished(() => killed.stopMonitoring());
  const states = async (): Promise<unknown> =>
    (await createHealthMonitor(manager, options).getAlertHistory({ rule: 'sick' })).map(({ state }) => state);
  expect(await states()).toEqual(['firing']);
  clock.at -= year;
  expect(await states()).toEqual(['resolved']);
});

test('readings are told in order of time, and charts go on from where the clock was set back to', async () => {
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2025, 0, 1) };
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => clock.at });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  for (const byMs of [10_000, 10_000, -hour, 10_000, 10_000]) {
    clock.at += byMs;
    await monitor.getHealthMetrics();
  }
  const kept = await monitor.getHealthMetrics({ name: 'cc_db_pages', since: new Date(0) });
  const times = kept.map(({ at }) => at.getTime());
  expect(times).toHaveLength(6);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const report = await monitor.generateHealthReport();
  const [chart] = report.charts.filter(({ title }) => title === 'Write-ahead log');
  expect(chart?.points.map(({ at }) => at.getTime() - clock.at)).toEqual([-20_000, -10_000, 0, 0]);
  const places = [...healthReportPage(report).matchAll(/points="([^"]*)"/g)].flatMap(([, points = '']) =>
    points.split(' ').map((point) => Number(point.split(',')[0])),
  );
  expect(places.every((x) => x >= 0 && x <= 300)).toBe(true);
});
