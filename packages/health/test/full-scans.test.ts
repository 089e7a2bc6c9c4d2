// Which tables a statement reads in full: the judge is what is written beside each statement.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor, formatHealthReport } from '../src/index.js';
import { fingerprint } from '../src/statistics/fingerprint.js';
import { onlyWhenAsked, openDatabase } from './database.js';

const schema = [
  'create table models (id integer primary key, name text, size int)',
  'create table "my table" (id integer primary key, "a b" text)',
  'create table other (id integer primary key, model int)',
  'create index other_model on other (model)',
  'create table plain (a int, b int)',
  'create index plain_b on plain (b)',
  'create view big as select m.name, p.a from models m join plain p on p.a = m.size',
  'create virtual table words using fts5(a)',
];

const scans: readonly (readonly [sql: string, fullScans: readonly string[]])[] = [
  ['select * from models where name = 1', ['models']],
  ['select * from models m where m.name = 1', ['models']],
  ['select * from main.models where name = 1', ['models']],
  ['select * from MODELS as "The M" where name = 1', ['models']],
  ['select * from "my table" where "a b" = 1', ['my table']],
  ['select * from "my table" t left join models on models.name = t."a b"', ['my table', 'models']],
  ['select o.a from models m left join plain o on o.a + 0 = m.id where m.id = 3', ['plain']],
  ['select model from other', ['other']],
  ['select o.model from other o', ['other']],
  ['select * from plain order by b', ['plain']],
  ['select * from plain order by b limit 3', []],
  ['select max(a) from plain', ['plain']],
  ['select max(b) from plain', []],
  ['select * from big', ['models', 'plain']],
  ['select * from models where id = 4', []],
  ["select * from words where words match 'a'", []],
  ["select value from json_each('[1, 2]')", []],
  ['values (1), (2), (3)', []],
  ['with c as (select 1 as x union all select x + 1 from c where x < 4) select * from c', []],
  ['with models as (select 1 as x) select * from models', []],
  ['select * from (select id from models where id = 3) s, (select 1 as a) t', []],
  ['update plain set a = 1 where a = 2', ['plain']],
  ['delete from models where name = 3', ['models']],
  ['select p.b from other right join plain p on other.id = p.a', ['other', 'plain']],
];

test('tables that are read in full are told by their own names, however they are named, joined and hidden', async () => {
  const { manager } = await openDatabase();
  for (const statement of schema) await manager.db.run(statement);
  await manager.db.run('insert into models (name, size) select value, value from generate_series(1, 500)');
  await manager.db.run('insert into plain select value, value from generate_series(1, 500)');
  const health = createHealthMonitor(manager);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  for (const [sql] of scans) await manager.db.all(sql).catch(() => manager.db.run(sql));
  await health.getHealthMetrics();
  const byStatement = new Map(
    health.getSlowQueries({ limit: 100, by: 'total' }).map((each) => [each.statement, each] as const),
  );
  for (const [sql, wanted] of scans) {
    const found = byStatement.get(fingerprint(sql));
    expect({ sql, fullScans: sorted(found?.fullScans ?? ['no plan']), plan: found?.plan }).toEqual({
      ...{ sql, fullScans: sorted(wanted) },
      plan: found?.plan,
    });
  }
  for (const [sql, wanted] of scans.filter((_, index) => index % 6 === 5)) {
    const analyzed = await health.analyzeQuery({ sql });
    expect({ sql, fullScans: sorted(analyzed.fullScans) }).toEqual({ sql, fullScans: sorted(wanted) });
  }
});

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort((a, b) => a.localeCompare(b));
}

test('a plan follows the schema: an index takes the scan away, and a table that comes gives a plan', async () => {
  const { manager } = await openDatabase();
  const health = createHealthMonitor(manager);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  await manager.db.run('create table m (a int)');
  await manager.db.all('select * from m where a = 1');
  await manager.db.all('select * from later where a = 1').catch(() => undefined);
  await health.getHealthMetrics();
  expect(health.getSlowQueries({ by: 'scan' }).map(({ fullScans }) => fullScans)).toEqual([['m']]);
  await manager.db.run('create index m_a on m (a)');
  await manager.db.run('create table later (a int)');
  await health.getHealthMetrics();
  expect(health.getSlowQueries({ by: 'scan' }).map(({ fullScans }) => fullScans)).toEqual([['later']]);
  const plan = health.getSlowQueries({ limit: 100 }).find(({ statement }) => statement.includes('from m where'))?.plan;
  expect(plan?.join()).toContain('USING');
  await manager.db.run('drop index m_a');
  await health.getHealthMetrics();
  expect(health.getSlowQueries({ by: 'scan' })).toHaveLength(2);
});

test('the SQL beside an advice is SQL: it runs as it stands', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create table m (a int, b text)');
  const health = createHealthMonitor(manager);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  const long = Array.from({ length: 100 }, (_, i) => `(a = ${i} and b <> 'x')`).join(' or ');
  const statements = ['select * from m where a in (1, 2, 3, 4)', `select * from m where ${long}`, 'select * from m'];
  for (const sql of statements) {
    await manager.db.all(sql);
    health.recordQueryExecution({ sql, durationMs: 400 });
  }
  const report = await health.generateHealthReport();
  expect(report.recommendations.length).toBeGreaterThanOrEqual(3);
  const sql = report.recommendations.flatMap((each) => each.sql ?? []).filter((text) => text.startsWith('EXPLAIN'));
  expect(sql.length).toBeGreaterThanOrEqual(2);
  using lease = await manager.getConnection({ mode: 'read' });
  for (const text of sql) {
    expect(text).not.toContain('…');
    const args = Array.from(text.matchAll(/\?/g), () => null);
    expect((await lease.client.execute({ sql: text, args })).rows).not.toEqual([]);
  }
});

test('a report names the transactions that are open, by their label', async () => {
  const { manager } = await openDatabase();
  const health = createHealthMonitor(manager);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  await manager.transaction(
    async () => {
      expect(formatHealthReport(await health.generateHealthReport())).toMatch(/open for [\d.]+ ms: checkout/);
    },
    { label: 'checkout', mode: 'read' },
  );
});

test('full-scan steps are counted by SQLite, whoever ran the statement, and not twice', async () => {
  const { manager } = await openDatabase();
  for (const statement of schema) await manager.db.run(statement);
  await manager.db.run('insert into models (name, size) select value, value from generate_series(1, 500)');
  const byName = (name: string) => manager.db.all(sql`select id from models where name = ${name}`);
  // Before monitoring: not among what it counts.
  await byName('before');
  const health = createHealthMonitor(manager, onlyWhenAsked);
  expect(await health.getHealthMetrics({ name: 'cc_db_full_scan_steps_total' })).toMatchObject([
    { value: 'unsupported' },
  ]);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  for (const name of ['a', 'b']) await byName(name);
  await manager.read(() => byName('c'));
  await manager.transaction(() => byName('d'));
  await manager.db.all(sql`select name from models where id = ${3}`);
  const steps = async (): Promise<unknown> => {
    const [total] = await health.getHealthMetrics({ name: 'cc_db_full_scan_steps_total' });
    const each = health.getSlowQueries({ by: 'total' }).map((one) => [one.statement, one.fullScanSteps]);
    return [total?.value, Object.fromEntries(each)];
  };
  const scanned = 'select id from models where name = ?';
  // 499 from the first of 500 rows to the last.
  const wanted = [4 * 499, { [scanned]: 4 * 499, 'select name from models where id = ?': 0 }];
  expect(await steps()).toEqual(wanted);
  expect(await steps()).toEqual(wanted);
  // The schema changes, every statement is prepared anew, and its count begins anew.
  await manager.db.run('create table later (a)');
  await byName('e');
  expect(await steps()).toMatchObject([5 * 499, { [scanned]: 5 * 499 }]);
  expect(health.getSlowQueries({ by: 'scan' }).map(({ statement }) => statement)).toEqual([scanned]);
});

test('with a rollback journal SQLite is not asked, and no count is never 0', async () => {
  const url = pathToFileURL(join(await temporaryFolder(), 'rollback.db')).href;
  const manager = await openTransactionManager({ url, pragmas: { journal_mode: 'DELETE' } });
  onTestFinished(() => manager.close());
  const health = createHealthMonitor(manager, onlyWhenAsked);
  await health.startMonitoring();
  onTestFinished(() => health.stopMonitoring());
  await manager.db.all('select value from generate_series(1, 9)');
  expect(await health.getHealthMetrics({ name: 'cc_db_full_scan_steps_total' })).toMatchObject([
    { value: 'unsupported', reason: expect.stringContaining('write-ahead log') },
  ]);
  expect(health.getSlowQueries()).toMatchObject([{ fullScanSteps: null }]);
});
