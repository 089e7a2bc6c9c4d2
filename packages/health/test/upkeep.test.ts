import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { captureParameters, createHealthMonitor, type HealthSource } from '../src/index.js';
import type { MaintenanceResult } from '../src/maintenance/types.js';
import { items, openDatabase } from './database.js';

test('the monitor advises an index for a slow query, proven over captured values that no report shows', async () => {
  const parameterCapture = captureParameters();
  const transactions = await openTransactionManager({ url: ':memory:', logger: parameterCapture });
  onTestFinished(() => transactions.close({ drainMs: 0 }));
  const monitor = createHealthMonitor(transactions, { parameterCapture });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await transactions.db.run('create table items (id integer primary key, name text not null)');
  await transactions.db.run("insert into items (name) select 'item ' || value from generate_series(1, 5000)");
  for (const name of ['secret 1', 'secret 2', 'secret 3']) {
    await transactions.db.select().from(items).where(sql`${items.name} = ${name}`);
  }
  const slow = monitor.getSlowQueries({ by: 'total' }).find(({ statement }) => statement.startsWith('select'));
  const analysis = await monitor.analyzeQuery(slow?.statement ?? '');
  expect(analysis).toMatchObject({
    fullScans: ['items'],
    advice: [{ sql: 'CREATE INDEX idx_items_name ON items (name)' }],
  });
  await transactions.db.run('create index items_name on items (name)');
  await transactions.db.run('create index items_name_again on items (name)');
  await transactions.db.run('create index items_name_id on items (name, id)');
  expect((await monitor.reviewIndexes()).map(({ name, fault }) => `${fault} ${name}`)).toEqual([
    'doubled items_name',
    'doubled items_name_again',
  ]);
  expect(JSON.stringify([analysis, await monitor.generateHealthReport()])).not.toContain('secret');
});

test('the monitor says of a statement that it names why it cannot analyze it', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await manager.db.run(`select ${Array.from({ length: 1_000 }, (_, i) => `${i} as c${i}`).join(', ')}`);
  const [slow] = monitor.getSlowQueries({ by: 'total' });
  expect(slow?.statement).toMatch(/^select/);
  await expect(monitor.analyzeQuery(slow?.statement ?? '')).rejects.toThrow('longer than the monitor keeps');
  await expect(monitor.analyzeQuery('select nothing')).rejects.toThrow('was counted');
});

test('the monitor maintains by itself while it monitors, its own history included', async () => {
  const { manager } = await openDatabase();
  let heard: (results: readonly MaintenanceResult[] | Error) => void = () => undefined;
  const results = new Promise<readonly MaintenanceResult[] | Error>((resolve) => {
    heard = resolve;
  });
  let now = Date.now();
  const monitor = createHealthMonitor(manager, {
    ...{ now: () => now, history: { path: join(await temporaryFolder(), 'history.db'), retentionMs: 60_000 } },
    maintenance: { everyMs: 1, onResult: (run) => heard(run) },
  });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const run = await results;
  expect(run).toMatchObject(
    ['analyze', 'fullText', 'history', 'incrementalVacuum', 'checkpoint'].map((task) => ({ task, status: 'done' })),
  );
  await monitor.stopMonitoring();
  now += 120_000;
  const [trimmed] = await monitor.runMaintenance({ tasks: ['history'] });
  expect(trimmed?.message).toMatch(/^[1-9]\d* figures and alerts went/);
  const [again] = await monitor.runMaintenance({ tasks: ['history'] });
  expect(again?.message).toMatch(/^0 figures and alerts went/);
});

test('a maintenance and a capture that cannot be are refused when the monitor is made', async () => {
  const { manager } = await openDatabase();
  expect(() => createHealthMonitor(manager, { maintenance: { everyMs: 0 } })).toThrow(/everyMs must be from 1/);
  // Each run would fail, and without a listener nobody would hear of it.
  const trimming = { maintenance: { everyMs: 1_000, tasks: ['analyze', 'history'] as const } };
  expect(() => createHealthMonitor(manager, trimming)).toThrow(/the task history needs the option history/);
  const history = { path: join(await temporaryFolder(), 'history.db') };
  expect(() => createHealthMonitor(manager, { ...trimming, history })).not.toThrow();
  // The first start would fail halfway, and the second one do nothing.
  const { url } = manager;
  const watched: HealthSource = {
    ...{ url, subscribe: (listener) => manager.subscribe(listener), stats: () => manager.stats() },
    getConnection: (options) => manager.getConnection(options),
  };
  expect(() => createHealthMonitor(watched, { maintenance: { everyMs: 1_000 } })).toThrow(/was not made with/);
  const always = { parameterCapture: true } as object;
  expect(() => createHealthMonitor(manager, always)).toThrow(/what captureParameters\(\) returns/);
});
