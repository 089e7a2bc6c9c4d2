// Alerts of a monitor as people meet them: with a clock of the test, a real database, listeners and a real web server.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { Alerts } from '../../src/alerts/alerts.js';
import { ruleOf } from '../../src/alerts/rule.js';
import {
  type AlertHistoryOptions,
  createHealthMonitor,
  type HealthAlert,
  type HealthMonitorOptions,
} from '../../src/index.js';
import { figuresOf } from '../../src/metrics/figures.js';
import { onlyWhenAsked, openDatabase } from '../database.js';

/** A monitor whose one own rule judges `level`, and whose clock and readings are the test's. */
async function openMonitor(options: HealthMonitorOptions = {}) {
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2024, 0, 1), level: 0 };
  const rule = {
    id: 'level',
    for: 30_000,
    keepFiringFor: 20_000,
    check: () =>
      clock.level === 0
        ? null
        : ({
            severity: clock.level === 1 ? 'WARNING' : 'CRITICAL',
            reason: `level ${clock.level}`,
            value: clock.level,
          } as const),
  };
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => clock.at, rules: [rule], ...options });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const read = async (level: number, seconds: number): Promise<void> => {
    clock.level = level;
    clock.at += seconds * 1_000;
    await monitor.generateHealthReport();
  };
  return { monitor, clock, read };
}

const levelOf = (alerts: readonly HealthAlert[]): HealthAlert | undefined =>
  alerts.find(({ rule }) => rule === 'level');

test('an alert is pending, fires when the fault has lasted, gets worse, and is resolved after calm that has lasted', async () => {
  const { monitor, read } = await openMonitor();
  const told: string[] = [];
  monitor.onAlert(({ state, severity }) => told.push(`${state} ${severity}`));
  await read(1, 10);
  expect(levelOf(monitor.getActiveAlerts())).toMatchObject({ state: 'pending', severity: 'WARNING', firedAt: null });
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'OK', reasons: [] });
  await read(1, 29);
  expect(levelOf(monitor.getActiveAlerts())?.state).toBe('pending');
  await read(1, 1);
  expect(levelOf(monitor.getActiveAlerts())).toMatchObject({ state: 'firing', reason: 'level 1', value: 1 });
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'WARNING', reasons: ['level 1'] });
  await read(2, 1);
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'CRITICAL', reasons: ['level 2'] });
  await read(0, 1);
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    status: 'CRITICAL',
    reasons: ['level 2; it is not clear for long enough yet'],
  });
  await read(0, 20);
  expect(levelOf(monitor.getActiveAlerts())).toBeUndefined();
  expect(monitor.getCurrentHealthStatus().status).toBe('OK');
  expect(told).toEqual(['firing WARNING', 'firing CRITICAL', 'resolved CRITICAL']);
  const [kept] = await monitor.getAlertHistory({ rule: 'level' });
  expect(kept).toMatchObject({ state: 'resolved', severity: 'CRITICAL', reason: 'level 2' });
  expect(kept?.resolvedAt?.getTime()).toBe(Date.UTC(2024, 0, 1) + 62_000);
});

test('a fault that goes before it has lasted is never told, and a clock that is set back adds no time', async () => {
  const { monitor, read, clock } = await openMonitor();
  const told: unknown[] = [];
  monitor.onAlert((alert) => told.push(alert));
  await read(1, 10);
  await read(0, 25);
  expect(monitor.getActiveAlerts()).toEqual([]);
  await read(1, 1);
  await read(1, 20);
  clock.at -= 3_600_000;
  await read(1, 5);
  expect(levelOf(monitor.getActiveAlerts())?.state).toBe('pending');
  await read(1, 9);
  expect(levelOf(monitor.getActiveAlerts())?.state).toBe('pending');
  await read(1, 1);
  expect(levelOf(monitor.getActiveAlerts())?.state).toBe('firing');
  expect(told).toHaveLength(1);
  expect(await monitor.getAlertHistory({ rule: 'level' })).toHaveLength(1);
});

test('no fault and no calm lasts while monitoring is off, whoever asks for a report meanwhile', async () => {
  const { monitor, clock, read } = await openMonitor();
  const state = (): string | undefined => levelOf(monitor.getActiveAlerts())?.state;
  const beAway = async (): Promise<void> => {
    await monitor.stopMonitoring();
    await read(clock.level, 3_600);
    clock.at += 3_600_000;
    await monitor.startMonitoring();
  };
  await read(1, 10);
  await beAway();
  expect(state()).toBe('pending');
  await read(1, 29);
  expect(state()).toBe('pending');
  await read(1, 1);
  expect(state()).toBe('firing');
  await read(0, 10);
  await beAway();
  expect(state()).toBe('firing');
  await read(0, 19);
  expect(state()).toBe('firing');
  await read(0, 1);
  expect(state()).toBeUndefined();
});

test('the worst is told first, and the history is that of a time, the newest first, without what never fired', async () => {
  const { manager } = await openDatabase();
  const clock = { at: Date.UTC(2024, 0, 1), sick: new Set<string>() };
  const rule = (id: string, severity: 'WARNING' | 'CRITICAL', lasts = 0) => ({
    ...{ id, for: lasts, keepFiringFor: 0 },
    check: () => (clock.sick.has(id) ? ({ severity, reason: `${id} is sick` } as const) : null),
  });
  const rules = [
    ...[rule('slow', 'WARNING', 60_000), rule('slow and bad', 'CRITICAL', 60_000)],
    ...[rule('first', 'WARNING'), rule('second', 'CRITICAL'), rule('third', 'WARNING')],
  ];
  const monitor = createHealthMonitor(manager, { ...onlyWhenAsked, now: () => clock.at, rules });
  onTestFinished(() => monitor.stopMonitoring());
  await monitor.startMonitoring();
  const times: Date[] = [];
  for (const id of ['first', 'second', 'third']) {
    clock.at += 1_000;
    times.push(new Date(clock.at));
    clock.sick.add(id);
    await monitor.getHealthMetrics();
  }
  clock.sick.delete('first');
  for (const id of ['slow', 'slow and bad']) clock.sick.add(id);
  await monitor.getHealthMetrics();
  expect(monitor.getActiveAlerts().map(({ rule: id }) => id)).toEqual(['second', 'third', 'slow and bad', 'slow']);
  const told = async (options?: AlertHistoryOptions): Promise<readonly string[]> =>
    (await monitor.getAlertHistory(options)).map(({ rule: id }) => id);
  expect(await told()).toEqual(['third', 'second', 'first']);
  expect(await told({ since: times[1] })).toEqual(['third', 'second']);
  expect(await told({ until: times[1] })).toEqual(['second', 'first']);
  expect(await told({ since: times[1], until: times[1] })).toEqual(['second']);
  expect(await told({ rule: 'first' })).toEqual(['first']);
  expect(await told({ limit: 2 })).toEqual(['third', 'second']);
});

test('an acknowledged alert says by whom and goes on; a silenced one is told to nobody and still counts', async () => {
  const { monitor, read } = await openMonitor();
  const told: unknown[] = [];
  monitor.onAlert((alert) => told.push(alert));
  expect(() => monitor.silence({ rule: 'levl', forMs: 1 })).toThrow("there is no rule 'levl'");
  monitor.silence({ rule: 'level', forMs: 60_000 });
  await read(1, 1);
  await read(1, 30);
  const alert = levelOf(monitor.getActiveAlerts());
  expect(alert).toMatchObject({ state: 'firing', silenced: true });
  expect(monitor.getCurrentHealthStatus().status).toBe('WARNING');
  expect(told).toEqual([]);
  expect(monitor.acknowledgeAlert(alert?.id ?? '', { by: 'Ada' })).toBe(true);
  expect(monitor.acknowledgeAlert('nothing')).toBe(false);
  await read(2, 31);
  expect(levelOf(monitor.getActiveAlerts())).toMatchObject({ acknowledged: { by: 'Ada' }, silenced: false });
  expect(told).toMatchObject([{ severity: 'CRITICAL', acknowledged: { by: 'Ada' } }]);
});

test('one that was acknowledged before it fired, and never did, is no part of the history', async () => {
  const { monitor, read } = await openMonitor({ history: { path: join(await temporaryFolder(), 'history.db') } });
  await read(1, 1);
  const alert = levelOf(monitor.getActiveAlerts());
  expect(alert).toMatchObject({ state: 'pending', firedAt: null });
  expect(monitor.acknowledgeAlert(alert?.id ?? '')).toBe(true);
  await read(0, 1);
  expect(await monitor.getAlertHistory({ rule: 'level' })).toEqual([]);
});

test('what begins or ends while it is silenced is told when the silence ends, as far as somebody has to know', async () => {
  const { monitor, read } = await openMonitor();
  const told: string[] = [];
  monitor.onAlert(({ state, severity, silenced }) => told.push(`${state} ${severity} ${silenced}`));
  await read(1, 1);
  monitor.silence({ rule: 'level', forMs: 60_000 });
  expect(levelOf(monitor.getActiveAlerts())?.silenced).toBe(true);
  await read(1, 40);
  await read(1, 10);
  expect(told).toEqual([]);
  await read(1, 10);
  await Promise.resolve();
  expect(told).toEqual(['firing WARNING false']);
  expect(levelOf(monitor.getActiveAlerts())?.silenced).toBe(false);
  // Worse and over meanwhile: who has heard of it hears of its end.
  monitor.silence({ forMs: 100_000 });
  await read(2, 10);
  await read(0, 1);
  await read(0, 20);
  expect(told).toHaveLength(1);
  await read(0, 80);
  await Promise.resolve();
  expect(told).toEqual(['firing WARNING false', 'resolved CRITICAL false']);
  // One that nobody has heard of ends unheard.
  monitor.silence({ rule: 'level', forMs: 100_000 });
  await read(1, 1);
  await read(1, 30);
  await read(0, 1);
  await read(0, 20);
  await read(0, 60);
  expect(told).toHaveLength(2);
  expect(await monitor.getAlertHistory({ rule: 'level' })).toHaveLength(2);
});

test('a silence lasts as long as it was asked for, also when that was long after a reading', async () => {
  const { monitor, read, clock } = await openMonitor();
  const told: unknown[] = [];
  monitor.onAlert((alert) => told.push(alert));
  await read(1, 1);
  clock.at += 40_000;
  monitor.silence({ rule: 'level', forMs: 30_000 });
  await read(1, 29);
  expect(levelOf(monitor.getActiveAlerts())).toMatchObject({ state: 'firing', silenced: true });
  await Promise.resolve();
  expect(told).toEqual([]);
  await read(1, 1);
  await Promise.resolve();
  expect(told).toHaveLength(1);
});

test('listeners hear what a plain model of silences says, whatever comes in whatever order', async () => {
  const step = fc.record({
    level: fc.integer({ min: 0, max: 2 }),
    seconds: fc.integer({ min: 0, max: 40 }),
    silenceMs: fc.option(fc.integer({ min: 0, max: 90_000 }), { freq: 4, nil: null }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const alerts = new Alerts([levelRule()], '00000000');
      alerts.evaluate(figuresOf([]), 0);
      let [at, silentUntil, heard] = [0, 0, ''];
      for (const { level, seconds, silenceMs } of steps) {
        if (silenceMs !== null) {
          alerts.silence(undefined, silenceMs, at);
          silentUntil = Math.max(silentUntil, at + silenceMs);
        }
        at += seconds * 1_000;
        current = level;
        const told = alerts.untold(alerts.evaluate(figuresOf([]), at));
        if (at < silentUntil) {
          expect(told).toEqual([]);
          continue;
        }
        for (const alert of told) heard = alert.state === 'firing' ? `${alert.id} ${alert.severity}` : '';
        // Whoever listens knows what is firing, by its id and severity, and nothing else.
        const firing = alerts.active().find(({ state }) => state === 'firing');
        expect(heard).toBe(firing ? `${firing.id} ${firing.severity}` : '');
      }
    }),
    { numRuns: 300 },
  );
});

let current = 0;

function levelRule() {
  return ruleOf({
    ...{ id: 'level', for: 10_000, keepFiringFor: 20_000 },
    check: () => (current === 0 ? null : { severity: current === 1 ? 'WARNING' : 'CRITICAL', reason: 'it is so' }),
  });
}

test('listeners that throw, reject or hang keep neither the monitor nor the others', async () => {
  const { monitor, read } = await openMonitor();
  const told: unknown[] = [];
  monitor.onAlert(() => {
    throw new Error('a broken listener');
  });
  monitor.onAlert(() => Promise.reject(new Error('a broken listener')));
  monitor.onAlert(() => new Promise(() => undefined));
  monitor.onAlert((alert) => told.push(alert));
  const end = monitor.onAlert((alert) => told.push(alert));
  end();
  await read(1, 1);
  await read(1, 30);
  await read(2, 1);
  expect(told).toHaveLength(2);
  expect(monitor.toPrometheus()).toContain('cc_health_notification_errors_total 4\n');
});

test('a webhook gets each alert, again when it answered with an error, and one that hangs stops nothing', async () => {
  const received: HealthAlert[] = [];
  let calls = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls += 1;
    if (calls === 1) return void response.writeHead(500).end();
    let body = '';
    for await (const piece of request) body += String(piece);
    received.push(...(JSON.parse(body) as { alerts: HealthAlert[] }).alerts);
    response.end();
    server.emit('received');
  };
  const server = createServer((request, response) => void answer(request, response));
  const url = await listening(server);
  const { monitor, read } = await openMonitor({ webhook: { url, headers: { authorization: 'Bearer secret' } } });
  const arrived = once(server, 'received');
  await read(1, 1);
  await read(1, 30);
  await arrived;
  expect(received).toMatchObject([{ rule: 'level', state: 'firing', reason: 'level 1' }]);
  expect(JSON.stringify(await monitor.generateHealthReport())).not.toContain('secret');

  const hanging = createServer(() => undefined);
  const deaf = await openMonitor({ webhook: { url: await listening(hanging), timeoutMs: 60_000 } });
  const asked = once(hanging, 'request');
  await deaf.read(2, 1);
  await deaf.read(2, 30);
  await asked;
  await deaf.read(2, 1);
  expect(deaf.monitor.getCurrentHealthStatus().status).toBe('CRITICAL');
  await deaf.monitor.stopMonitoring();
});

test('after a stop nothing is sent any more, and after the next start what comes then is', async () => {
  let asked = 0;
  let answers = false;
  const server = createServer((_, response) => {
    asked += 1;
    if (answers) response.end();
    server.emit('asked');
  });
  const closed = new Set<Socket>();
  server.on('connection', (socket: Socket) => void socket.on('close', () => closed.add(socket)));
  const webhook = { url: await listening(server), timeoutMs: 60_000 };
  const { monitor, read } = await openMonitor({ webhook });
  const first = once(server, 'asked');
  await read(1, 1);
  await read(1, 30);
  await first;
  await monitor.stopMonitoring();
  // What hangs is hung up.
  while (closed.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(asked).toBe(1);
  answers = true;
  const second = once(server, 'asked');
  await monitor.startMonitoring();
  await read(2, 30);
  await read(2, 30);
  await second;
  await monitor.stopMonitoring();
  expect(asked).toBe(2);
});

test('an own rule as data judges a figure by its labels, and what cannot be read is unknown, never OK', async () => {
  const { manager } = await openDatabase();
  const broken = (): never => {
    throw new Error('no counts');
  };
  const monitor = createHealthMonitor(manager, {
    cacheStats: broken,
    rules: [
      { id: 'few hits', metric: 'cc_cache_hits_total', labels: { region: 'models' }, op: '<', warning: 2 },
      { id: 'many errors', metric: 'cc_db_query_errors_total', labels: { type: 'lock' }, warning: 2, for: 0 },
      { id: 'throws', check: () => JSON.parse('{') as null },
    ],
  });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const reasons = (): readonly string[] => monitor.getCurrentHealthStatus().reasons;
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'UNKNOWN' });
  expect(reasons()).toContain('few hits: cc_cache_hits_total could not be read');
  expect(reasons().join()).not.toContain('many errors');
  expect(reasons()).toContainEqual(expect.stringMatching(/^throws: the rule failed: /));
  for (let i = 0; i < 3; i += 1)
    monitor.recordQueryExecution({ sql: 'select 1', durationMs: 1, success: false, errorType: 'lock' });
  expect(reasons()).toContain('many errors: cc_db_query_errors_total is 3, the limit is 2');
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
}
