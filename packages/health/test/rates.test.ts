// Figures over time: what is per minute is of a minute, what is old has an age, and a clock that is set changes neither.
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHealthMonitor, type HealthMonitorOptions } from '../src/index.js';
import { onlyWhenAsked, openDatabase } from './database.js';

const start = Date.UTC(2024, 0, 1);

async function open(options: HealthMonitorOptions = {}) {
  const { manager } = await openDatabase();
  const clock = { at: start };
  const monitor = createHealthMonitor(manager, {
    now: () => clock.at,
    limits: { eventLoopDelayMs: false, errorRate: false },
    ...options,
  });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const value = async (name: string) => (await monitor.getHealthMetrics({ name }))[0]?.value;
  return { manager, monitor, clock, value };
}

test.each([1_000, 60_000, 300_000])(
  'six lock errors a minute are six a minute, with windows of %i ms',
  async (windowMs) => {
    const { monitor, clock, value } = await open({ windowMs });
    for (let second = 0; second < 900; second += 10) {
      monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1, success: false, errorType: 'lock' });
      clock.at += 10_000;
      const perMinute = await value('cc_db_recent_busy_errors_per_minute');
      if (second > 120) expect(perMinute).toBeGreaterThan(5);
      expect(perMinute).toBeLessThanOrEqual(7);
    }
    expect(monitor.getCurrentHealthStatus().reasons).toEqual([]);
  },
);

test('a transaction that was open before monitoring is as old as that, at least, until it ends', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, { limits: { openTransactionMs: { warning: 1 } } });
  onTestFinished(() => monitor.stopMonitoring());
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let enter = (): void => undefined;
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const before = manager.transaction(
    () => {
      enter();
      return left;
    },
    { mode: 'read' },
  );
  await entered;
  const age = async () => (await monitor.getHealthMetrics({ name: 'cc_db_oldest_transaction_seconds' }))[0]?.value;
  for (let time = 0; time < 2; time += 1) {
    await monitor.startMonitoring();
    await vi.waitFor(async () => expect(await age()).toBeGreaterThan(0.001));
    expect(monitor.getActiveAlerts().map(({ rule }) => rule)).toContain('openTransactionMs');
    // One that begins and ends beside it does not hide it.
    await manager.transaction(async () => undefined, { mode: 'read' });
    expect(await age()).toBeGreaterThan(0.001);
    if (time === 0) await monitor.stopMonitoring();
  }
  leave();
  await before;
  expect(await age()).toBe(0);
  await monitor.stopMonitoring();
  expect(await age()).toBe('unsupported');
});

test('a system clock that is set back and right again is no hour: nothing fires, and no silence ends', async () => {
  const { manager } = await openDatabase();
  const real = Date.now;
  let shift = 0;
  const shifted = (): number => real() + shift;
  vi.spyOn(Date, 'now').mockImplementation(shifted);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const rule = { id: 'sick', for: 60_000, check: () => ({ severity: 'WARNING', reason: 'It is sick' }) as const };
  const monitor = createHealthMonitor(manager, { rules: [rule] });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  monitor.silence({ rule: 'sick', forMs: 60_000 });
  for (shift of [-3_600_000, 0, 7_200_000]) await monitor.getHealthMetrics();
  expect(monitor.getActiveAlerts().find(({ rule: id }) => id === 'sick')).toMatchObject({
    state: 'pending',
    silenced: true,
  });
});

test('figures grow no older by a system clock that is set', async () => {
  const { manager } = await openDatabase();
  const real = Date.now;
  let shift = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => real() + shift);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  const monitor = createHealthMonitor(manager, { limits: onlyWhenAsked.limits });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  for (shift of [-(2 ** 36), 2 ** 36]) expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'OK' });
});
