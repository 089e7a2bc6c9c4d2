// The history file: what is in it is judged by a second reader, and what happens to it never reaches the application.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { items, onlyWhenAsked, openDatabase } from './database.js';

const start = Date.UTC(2024, 0, 1);

interface Settings {
  readonly retentionMs?: number;
  readonly intervalMs?: number;
}

/** Readings come when the test asks for them: a timer of that length writes, at most, what has been written already. */
async function open(path: string, { intervalMs = 10_000, ...more }: Settings = {}) {
  const { manager } = await openDatabase();
  const clock = { at: start, sick: false };
  const monitor = createHealthMonitor(manager, {
    ...onlyWhenAsked,
    intervalMs,
    now: () => clock.at,
    history: { path, ...more },
    limits: { eventLoopDelayMs: false, diskFreeBytes: false },
    rules: [
      {
        id: 'sick',
        keepFiringFor: 0,
        check: () => (clock.sick ? { severity: 'CRITICAL', reason: 'It is sick' } : null),
      },
    ],
  });
  onTestFinished(() => monitor.stopMonitoring());
  const read = async (seconds: number): Promise<void> => {
    clock.at += seconds * 1_000;
    await monitor.getHealthMetrics();
  };
  return { manager, monitor, clock, read };
}

test('figures and alerts are there after a restart, in order of time, and a second reader sees the same', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const first = await open(path);
  await first.monitor.startMonitoring();
  await first.manager.db.insert(items).values({ name: 'a' });
  await first.read(10);
  first.clock.sick = true;
  await first.read(10);
  const [alert] = first.monitor.getActiveAlerts();
  first.monitor.acknowledgeAlert(alert?.id ?? '', { by: 'Ada' });
  first.clock.sick = false;
  await first.read(10);
  await first.monitor.stopMonitoring();

  const second = await open(path);
  second.clock.at = start + 60_000;
  await second.monitor.startMonitoring();
  const calls = await second.monitor.getHealthMetrics({ name: 'cc_db_queries_total', since: new Date(start) });
  expect(calls.map(({ at, value, type }) => [at.getTime() - start, value, type])).toEqual([
    [0, 0, 'counter'],
    [10_000, 1, 'counter'],
    [20_000, 1, 'counter'],
    [30_000, 1, 'counter'],
    [60_000, 0, 'counter'],
  ]);
  const between = { since: new Date(start + 1), until: new Date(start + 20_000), name: 'cc_db_transactions_total' };
  expect((await second.monitor.getHealthMetrics(between)).map(({ labels }) => labels['outcome'])).toEqual([
    ...['commit', 'rollback', 'unknown', 'commit', 'rollback', 'unknown'],
  ]);
  const history = await second.monitor.getAlertHistory({ rule: 'sick' });
  expect(history).toMatchObject([
    { id: alert?.id, state: 'resolved', severity: 'CRITICAL', reason: 'It is sick', acknowledged: { by: 'Ada' } },
  ]);
  expect(history[0]?.resolvedAt).toEqual(new Date(start + 30_000));
  expect(second.monitor.getActiveAlerts()).toEqual([]);
  await second.monitor.stopMonitoring();

  await using reader = await openTransactionManager({ url: pathToFileURL(path).href, readOnly: true });
  expect(await reader.db.all('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(await reader.db.all('select count(distinct at) as readings from samples')).toEqual([{ readings: 5 }]);
});

test('what is older than the retention goes', async () => {
  const { monitor, clock, read } = await open(join(await temporaryFolder(), 'history.db'), { retentionMs: 100_000 });
  await monitor.startMonitoring();
  for (let i = 0; i < 130; i += 1) await read(10);
  const kept = await monitor.getHealthMetrics({ name: 'cc_db_queries_total', since: new Date(0) });
  // It is swept every sixty readings.
  expect(kept.length).toBeLessThan(75);
  expect(kept.at(-1)?.at.getTime()).toBe(clock.at);
});

test('a reading is written to the last pages alone, however many there are', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const { monitor, read } = await open(path);
  await monitor.startMonitoring();
  for (let i = 0; i < 150; i += 1) await read(10);
  const before = statSync(`${path}-wal`).size;
  for (let i = 0; i < 10; i += 1) await read(10);
  const pages = (statSync(`${path}-wal`).size - before) / 4_120;
  expect(pages).toBeGreaterThanOrEqual(10);
  expect(pages).toBeLessThanOrEqual(50);
});

test('a figure of long ago is read without all others, and lets the event loop go on', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const { monitor, clock } = await open(path);
  await monitor.startMonitoring();
  await monitor.stopMonitoring();
  const url = pathToFileURL(path).href;
  await using manager = await openTransactionManager({ url });
  const readings = 5_000;
  await manager.db.run(`insert into samples (at, series, value)
    select ${start} + 10000 * reading.value, series.id, reading.value
    from generate_series(1, ${readings}) reading, series`);
  await manager.db.run(`update samples set value = value + 0.5
    where series = (select id from series where name = 'cc_db_wal_bytes')`);
  clock.at = start + 10_000 * readings;
  // A statement keeps the event loop for as long as it has rows.
  let mostRows = 0;
  const listen = (event: unknown): void => {
    mostRows = Math.max(mostRows, Number(Reflect.get(Object(event), 'rows')));
  };
  subscribe('cc:db:query', listen);
  onTestFinished(() => void unsubscribe('cc:db:query', listen));
  const [since, until] = [new Date(start + 20_000), new Date(start + 10_000 * (readings - 1))];
  const found = await monitor.getHealthMetrics({ name: 'cc_db_wal_bytes', since, until });
  const expected = Array.from({ length: readings - 2 }, (_, i) => [start + 10_000 * (i + 2), i + 2.5]);
  expect(found.map(({ at, value }) => [at.getTime(), value])).toEqual(expected);
  expect(mostRows).toBe(1_000);
  const all = await monitor.getHealthMetrics({
    since: new Date(start + 10_000 * (readings - 9)),
    until: new Date(clock.at),
  });
  const { rows } = await manager.db.$client.execute('select count(*) from series');
  expect(all.length).toBe(10 * Number(rows[0]?.[0]));
});

test('without a file the last readings are in memory', async () => {
  const { manager } = await openDatabase();
  const clock = { at: start };
  const monitor = createHealthMonitor(manager, { now: () => clock.at });
  for (let i = 0; i < 3; i += 1) {
    clock.at += 1_000;
    await monitor.getHealthMetrics();
  }
  const kept = await monitor.getHealthMetrics({ name: 'cc_db_pages', since: new Date(start + 1_500) });
  expect(kept.map(({ at }) => at.getTime() - start)).toEqual([2_000, 3_000]);
});

test.each([
  [
    'cannot be opened',
    (folder: string) => {
      mkdirSync(join(folder, 'history.db'));
      return join(folder, 'history.db');
    },
  ],
  ['lies in a folder that is not there', (folder: string) => join(folder, 'nowhere', 'history.db')],
])('a history that %s is a WARNING with its reason, and changes nothing else', async (_, place) => {
  const { monitor, manager, read } = await open(place(await temporaryFolder()));
  await monitor.startMonitoring();
  await manager.db.insert(items).values({ name: 'a' });
  await read(10);
  expect(await manager.db.select().from(items)).toEqual([{ id: 1, name: 'a' }]);
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    status: 'WARNING',
    reasons: [expect.stringMatching(/^The history of health is not written: /)],
  });
  expect(monitor.toPrometheus()).toContain('cc_health_history_errors_total 2\n');
  expect(await monitor.getHealthMetrics({ name: 'cc_db_queries_total', since: new Date(start) })).toHaveLength(2);
});

test('whoever asks between two readings leaves nothing in the history, and an alert that begins then is in it', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const { monitor, read, clock } = await open(path);
  await monitor.startMonitoring();
  for (let i = 0; i < 25; i += 1) await read(1);
  clock.sick = true;
  await read(1);
  await monitor.stopMonitoring();
  await using reader = await openTransactionManager({ url: pathToFileURL(path).href, readOnly: true });
  expect(await reader.db.values('select distinct at from samples order by at')).toEqual([
    [start],
    [start + 9_000],
    [start + 18_000],
  ]);
  expect(await reader.db.values('select rule, started_at from alerts')).toEqual([['sick', start + 26_000]]);
});

test.each([
  ['without tables', 'pragma user_version = 7'],
  ['without tables and marks', 'create table a (b); drop table a'],
  ['with a view alone', 'create view numbers as select 1'],
  ['whose table has the name of one of a history', 'create table alerts (id integer primary key, said text)'],
])('a database of somebody else, %s, is never taken for a history and stays as it is', async (_, script) => {
  const path = join(await temporaryFolder(), 'other.db');
  const other = await openTransactionManager({ url: pathToFileURL(path).href, pragmas: { journal_mode: 'DELETE' } });
  await other.db.$client.executeMultiple(script);
  await other.close();
  const before = readFileSync(path);
  const { monitor } = await open(path);
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus().reasons).toEqual([
    expect.stringMatching(/^The history of health is not written: .*give the history a file of its own/),
  ]);
  await monitor.stopMonitoring();
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('an empty file is a place for a history', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  writeFileSync(path, '');
  const { monitor } = await open(path);
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus().reasons).toEqual([]);
  expect(await monitor.getHealthMetrics({ name: 'cc_db_pages', since: new Date(start) })).toHaveLength(1);
});

test('a database with tables of its own is never taken for a history', async () => {
  const { manager } = await openDatabase();
  const other = await openDatabase();
  const monitor = createHealthMonitor(manager, { history: { path: other.file } });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await monitor.getHealthMetrics();
  expect(monitor.getCurrentHealthStatus().reasons).toEqual([
    "The history of health is not written: the file holds the table 'items': give the history a file of its own",
  ]);
  const tables = await other.manager.db.all("select name from sqlite_schema where type = 'table'");
  expect(tables).toEqual([{ name: 'items' }]);
});

test('the watched database is refused as the place of its history, by whatever name, and so is a URL', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'app.db');
  const manager = await openTransactionManager({ url: pathToFileURL(file).href });
  onTestFinished(() => manager.close());
  symlinkSync(file, join(folder, 'soft.db'));
  linkSync(file, join(folder, 'hard.db'));
  symlinkSync(folder, join(folder, 'around'));
  const names = ['app.db', 'soft.db', 'hard.db', './app.db', 'around/app.db', 'app.db-wal', 'app.db-shm'];
  for (const name of names) {
    expect(() => createHealthMonitor(manager, { history: { path: join(folder, name) } })).toThrow(
      /give the history a file of its own/,
    );
  }
  for (const path of ['file:health.db', pathToFileURL(file).href, 'http://localhost/health.db', ':memory:', 'a\0b']) {
    expect(() => createHealthMonitor(manager, { history: { path } })).toThrow(/^history: path must be/);
  }
  // One that comes to lie there later is not written to either.
  const later = join(folder, 'later.db');
  const monitor = createHealthMonitor(manager, { history: { path: later } });
  linkSync(file, later);
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'WARNING' });
  await monitor.stopMonitoring();
  expect(await manager.db.all('select name from sqlite_schema')).toEqual([]);
  expect(existsSync('file:')).toBe(false);
});

test('the status is kept over time; figures that are not kept say so', async () => {
  const { monitor, clock, read } = await open(join(await temporaryFolder(), 'history.db'));
  await monitor.startMonitoring();
  clock.sick = true;
  await read(10);
  const since = new Date(start);
  const status = await monitor.getHealthMetrics({ name: 'cc_health_status', since });
  expect(status.map(({ value, at }) => [value, at.getTime() - start])).toEqual([
    [0, 0],
    [2, 10_000],
  ]);
  for (const name of [
    'cc_db_statement_duration_seconds',
    'cc_db_statement_rows_total',
    'cc_operation_duration_seconds',
  ])
    await expect(monitor.getHealthMetrics({ name, since })).rejects.toThrow('is not kept over time');
  // Every other figure that there is now is there over time; the alert is among them since the reading after it began.
  await read(10);
  const now = await monitor.getHealthMetrics();
  const numbers = now.filter(({ value, name }) => typeof value === 'number' && !/_statement_|_operation_/.test(name));
  const kept = new Set((await monitor.getHealthMetrics({ since })).map(({ name }) => name));
  expect(numbers.map(({ name }) => name).filter((name) => !kept.has(name))).toEqual([]);
});

test('an alert that fired when its monitor stopped or was killed has ended with it; those of one that lives have not', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const stopped = await open(path);
  await stopped.monitor.startMonitoring();
  stopped.clock.sick = true;
  await stopped.read(10);
  await stopped.monitor.stopMonitoring();
  // Killed: it never says a last word. It says that it writes every 10 s.
  const killed = await open(path, { intervalMs: 10_000 });
  killed.clock.at = start + 100_000;
  killed.clock.sick = true;
  await killed.monitor.startMonitoring();
  const states = async (at: number): Promise<unknown[]> => {
    const reader = await open(path);
    reader.clock.at = at;
    const alerts = await reader.monitor.getAlertHistory({ rule: 'sick' });
    return alerts.map(({ state, resolvedAt }) => [state, resolvedAt && resolvedAt.getTime() - start]);
  };
  expect(await states(start + 110_000)).toEqual([
    ['firing', null],
    ['resolved', 10_000],
  ]);
  expect(await states(start + 140_000)).toEqual([
    ['resolved', 100_000],
    ['resolved', 10_000],
  ]);
  // It lives after all, and was only slow.
  await killed.read(60);
  expect(await states(start + 165_000)).toEqual([
    ['firing', null],
    ['resolved', 10_000],
  ]);
  expect(await killed.monitor.getAlertHistory({ rule: 'sick' })).toMatchObject([
    { state: 'firing' },
    { state: 'resolved', reason: 'It is sick; monitoring ended meanwhile' },
  ]);
});

test('a history that is deleted or moved while it is open is made anew, with a word for one that is damaged', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const { monitor, read } = await open(path);
  await monitor.startMonitoring();
  for (const remove of [
    () => ['', '-wal', '-shm'].forEach((end) => rmSync(path + end, { force: true })),
    () => renameSync(path, `${path}.old`),
  ]) {
    remove();
    await read(10);
    expect(monitor.getCurrentHealthStatus().reasons).toEqual([]);
    expect(existsSync(path)).toBe(true);
    const kept = await monitor.getHealthMetrics({ name: 'cc_db_queries_total', since: new Date(start) });
    expect(kept.length).toBeGreaterThanOrEqual(1);
  }
  await monitor.stopMonitoring();
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
  writeFileSync(path, Buffer.alloc(8_192, 7));
  await monitor.startMonitoring();
  await read(10);
  const [alert] = monitor.getActiveAlerts();
  expect(alert?.reason).toMatch(/^The history of health is not written: /);
  expect(alert?.reason).not.toMatch(/backup/);
  expect(alert?.advice?.text).toContain('deleted');
  rmSync(path);
  await read(10);
  await read(10);
  expect(monitor.getActiveAlerts()).toEqual([]);
});

test('all who ask at once are answered, although each that asks without monitoring closes the file behind it', async () => {
  const path = join(await temporaryFolder(), 'history.db');
  const first = await open(path);
  await first.monitor.startMonitoring();
  first.clock.sick = true;
  for (let i = 0; i < 5; i += 1) await first.read(10);
  await first.monitor.stopMonitoring();

  const { monitor, clock } = await open(path);
  clock.at = start + 60_000;
  const since = new Date(start);
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all([
      monitor.getHealthMetrics({ name: 'cc_db_pages', since }),
      monitor.getAlertHistory(),
      monitor.getHealthMetrics({ name: 'cc_db_free_pages', since }),
      monitor.getAlertHistory({ rule: 'sick' }),
    ]);
    expect(answers.map(({ length }) => length)).toEqual([6, 1, 6, 1]);
  }
  expect(existsSync(`${path}-wal`)).toBe(false);
});
