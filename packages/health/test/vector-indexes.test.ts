// Vector indexes of libSQL: VACUUM writes what it keeps of each twice, which its own check takes for damage, and which leaves an
// index empty that is made anew. So what is advised drops them before and makes them after; each SQL is run as it stands.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sqldMissing, startSqld } from '@cc/testkit/sqld';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../src/checks/run-checks.js';
import { createHealthMonitor, formatHealthReport } from '../src/index.js';
import { runMaintenance } from '../src/maintenance/run-maintenance.js';
import { onlyWhenAsked, openManager } from './database.js';

const vectors = `
  create table places (id integer primary key, at F32_BLOB(3));
  create index "Üb_1" on places (libsql_vector_idx(at));
  create index other -- of the same
on places (libsql_vector_idx(at, 'metric=l2'));
  insert into places (at) select vector32('[' || value || ',' || (value % 7) || ',1]') from generate_series(1, 40);`;
/** Above the least that is worth it. */
const freed = `create table t (a); insert into t select randomblob(1000000) from generate_series(1, 14); delete from t;`;

async function fileWith(script: string): Promise<string> {
  const path = join(await temporaryFolder(), 'vectors.db');
  await run(path, script);
  return path;
}

/** With the file to itself. */
async function run(
  path: string,
  script: string,
  look?: (db: TransactionManager['db']) => Promise<void>,
): Promise<void> {
  const url = pathToFileURL(path).href;
  await using manager = await openTransactionManager({ url, pragmas: { journal_mode: 'DELETE' } });
  const lease = await manager.getConnection();
  await lease.client.executeMultiple(script);
  lease.release();
  await look?.(manager.db);
}

async function reportOf(path: string) {
  const manager = await openTransactionManager({ url: pathToFileURL(path).href });
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  await monitor.startMonitoring();
  const report = await monitor.generateHealthReport();
  const { message } = (await runMaintenance(manager, { tasks: ['incrementalVacuum'] }))[0] ?? {};
  await monitor.stopMonitoring();
  await manager.close();
  return { report, maintenance: message ?? '' };
}

/** Runs what was advised on a copy, which nobody has open, and looks at that. Returns where another copy of it lies. */
async function expectSound(path: string, sql = 'no SQL'): Promise<string> {
  const [mended, copy] = [`${path}.mended`, `${path}.copy`];
  await copyFile(path, mended);
  await run(mended, sql, async (db) => {
    const ask = async (text: string): Promise<unknown[]> => (await db.values(text)).flat();
    expect(await ask('pragma integrity_check')).toEqual(['ok']);
    expect(await ask('select count(*) from libsql_vector_meta_shadow')).toEqual([2]);
    for (const index of ['Üb_1', 'other']) {
      const near = `select count(distinct id) from vector_top_k('${index}', vector32('[5,5,1]'), 30)`;
      expect(await ask(near)).toEqual([30]);
    }
    expect(await ask('pragma freelist_count')).toEqual([0]);
  });
  await copyFile(mended, copy);
  return copy;
}

const note = 'VACUUM writes what libSQL keeps of each vector index twice';

test.each([
  ['as it is', ''],
  ['after a plain VACUUM of others', 'vacuum;'],
])('what gives free pages back leaves the vector indexes sound, %s', async (_, before) => {
  const path = await fileWith(`${vectors} ${before} ${freed}`);
  const { report, maintenance } = await reportOf(path);
  const advice = report.alerts.find(({ rule }) => rule === 'freePageRatio')?.advice;
  expect(advice?.text).toContain(note);
  expect(maintenance).toContain(`PRAGMA auto_vacuum = INCREMENTAL; ${advice?.sql}`);
  // Cut off, it would drop the indexes and not make them.
  const lines = formatHealthReport(report)
    .split('\n')
    .map((line) => line.trim());
  expect(lines).toEqual(expect.arrayContaining(advice?.sql?.split('\n') ?? []));
  await expectSound(path, advice?.sql);
});

test.each([
  ['page_size', 'pragma page_size = 2048;'],
  ['auto_vacuum', 'pragma auto_vacuum = 1;'],
])('what mends %s leaves the vector indexes sound', async (setting, before) => {
  const path = await fileWith(`${before} ${vectors}`);
  const { report } = await reportOf(path);
  const finding = report.settings?.find((each) => each.setting === setting);
  expect(finding?.text).toContain(note);
  const mended = await expectSound(path, finding?.sql);
  expect((await reportOf(mended)).report.settings).toEqual([]);
});

test('without vector indexes VACUUM alone is advised', async () => {
  const { report, maintenance } = await reportOf(await fileWith(freed));
  const advice = report.alerts.find(({ rule }) => rule === 'freePageRatio')?.advice;
  expect(advice).toMatchObject({ sql: 'VACUUM', text: expect.not.stringContaining('vector') });
  expect(maintenance).toContain('PRAGMA auto_vacuum = INCREMENTAL; VACUUM, while nobody writes');
});

test('the check says what a plain VACUUM has doubled, and how that is mended', async () => {
  const path = await fileWith(`${vectors} vacuum;`);
  const manager = await openManager(pathToFileURL(path).href);
  const [result] = await runChecks(manager, ['integrity']);
  expect(result).toMatchObject({
    status: 'failed',
    findings: [{ fault: 'index', name: 'libsql_vector_meta_shadow', message: expect.stringContaining(note) }],
  });
  await manager.close();
  await expectSound(path, result?.findings[0]?.hint);
});

test.skipIf(sqldMissing !== null)('a server, which takes no VACUUM, is advised none', async () => {
  const server = await startSqld();
  onTestFinished(() => server.close());
  const manager = await openManager(server.url.http);
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  await monitor.startMonitoring();
  await manager.db.run('create table t (a)');
  for (let i = 0; i < 14; i += 1) await manager.db.run('insert into t values (randomblob(1000000))');
  await manager.db.run('delete from t');
  const report = await monitor.generateHealthReport();
  const advice = report.alerts.find(({ rule }) => rule === 'freePageRatio')?.advice;
  expect(advice?.text).toContain('takes no VACUUM');
  expect(advice?.sql).toBeUndefined();
  await monitor.stopMonitoring();
});
