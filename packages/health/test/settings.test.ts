// Settings that are wrong or dear: read from real databases that are opened so, judged beside what SQLite itself says.
import type * as fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHealthMonitor, formatHealthReport, type SettingFinding } from '../src/index.js';
import { onlyWhenAsked, openDatabase, openManager } from './database.js';

const told = vi.hoisted(() => ({ type: undefined as number | undefined }));
// No network disk can be mounted here: what statfs says is a double.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const statfsSync = (path: string): { readonly type: number } => ({ type: told.type ?? real.statfsSync(path).type });
  return { ...real, statfsSync };
});

interface Pragmas {
  readonly [name: string]: string | number | boolean;
}

async function openWith(pragmas: Pragmas, script = ''): Promise<TransactionManager> {
  const url = pathToFileURL(join(await temporaryFolder(), 'set.db')).href;
  if (script !== '') {
    await using first = await openTransactionManager({ url, pragmas: { journal_mode: 'DELETE' } });
    const lease = await first.getConnection();
    await lease.client.executeMultiple(script);
    lease.release();
  }
  const manager = await openTransactionManager({ url, pragmas });
  onTestFinished(() => manager.close());
  return manager;
}

async function reviewed(manager: TransactionManager) {
  const monitor = createHealthMonitor(manager, onlyWhenAsked);
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const report = await monitor.generateHealthReport();
  return { monitor, report, found: report.settings ?? [] };
}

function inShort(found: readonly SettingFinding[]): string[] {
  return found.map(({ severity, setting, value }) => `${severity} ${setting} ${value}`);
}

test('what openTransactionManager sets by itself is neither wrong nor dear', async () => {
  for (const manager of [(await openDatabase()).manager, await openManager(':memory:')]) {
    const { found, report, monitor } = await reviewed(manager);
    expect(found).toEqual([]);
    expect(report.status).toBe('OK');
    expect(monitor.toPrometheus()).toContain('cc_db_setting_findings{severity="WARNING"} 0\n');
    expect(monitor.toPrometheus()).toContain('cc_db_shared_storage 0\n');
    expect(manager.stats()).toMatchObject({ connectionsReplaced: 0 });
  }
});

test.each<[Pragmas, string[]]>([
  [{ synchronous: 'OFF' }, ['WARNING synchronous 0']],
  [{ synchronous: 'FULL' }, ['NOTE synchronous 2']],
  [{ synchronous: 'EXTRA' }, ['NOTE synchronous 3']],
  [{ foreign_keys: false }, ['WARNING foreign_keys 0']],
  [{ journal_mode: 'DELETE', synchronous: 'FULL' }, ['NOTE journal_mode delete']],
  [{ journal_mode: 'DELETE' }, ['NOTE journal_mode delete', 'NOTE synchronous 1']],
  [{ journal_mode: 'MEMORY', synchronous: 'FULL' }, ['WARNING journal_mode memory']],
  [{ wal_autocheckpoint: 0 }, ['WARNING wal_autocheckpoint 0']],
  [{ wal_autocheckpoint: 100_000 }, ['NOTE wal_autocheckpoint 100000']],
  [{ wal_autocheckpoint: 2_000 }, []],
  [{ mmap_size: 268_435_456 }, ['NOTE mmap_size 268435456']],
  [{ temp_store: 'FILE' }, ['NOTE temp_store 1']],
  [{ temp_store: 'DEFAULT' }, ['NOTE temp_store 0']],
  [{ journal_size_limit: -1 }, ['NOTE journal_size_limit -1']],
  [{ cache_size: -1_000_000_000 }, ['WARNING cache_size -1000000000']],
  [{ cache_size: -100 }, []],
  [
    { temp_store: 'FILE', foreign_keys: false, synchronous: 'OFF' },
    ['WARNING synchronous 0', 'WARNING foreign_keys 0', 'NOTE temp_store 1'],
  ],
])('%o is told as %o', async (pragmas, wanted) => {
  const { found, report, monitor } = await reviewed(await openWith(pragmas));
  expect(inShort(found)).toEqual(wanted);
  const risky = wanted.filter((each) => each.startsWith('WARNING')).length;
  expect(report.status).toBe(risky > 0 ? 'WARNING' : 'OK');
  expect(monitor.toPrometheus()).toContain(`cc_db_setting_findings{severity="WARNING"} ${risky}\n`);
  // Each has words and something to run, in the recommendations as well.
  for (const { reason, text, sql, command } of found) {
    expect(report.recommendations).toContainEqual(expect.objectContaining({ reason, text }));
    expect([sql, command].filter((each) => each !== undefined).length).toBeGreaterThan(0);
    expect(formatHealthReport(report)).toContain(text.slice(0, 40));
  }
  expect(report.recommendations).toHaveLength(found.length);
});

test.each([
  ['pragma page_size = 1024; create table t (a)', ['NOTE page_size 1024']],
  ['pragma auto_vacuum = 1; create table t (a)', ['NOTE auto_vacuum 1']],
  ['pragma auto_vacuum = 2; create table t (a)', []],
])('of the file (%s) %o is told', async (script, wanted) => {
  expect(inShort((await reviewed(await openWith({}, script))).found)).toEqual(wanted);
});

test('a small cache is dear for a database that is much larger', async () => {
  const script = 'create table t (a); insert into t select randomblob(1000) from generate_series(1, 2000)';
  const { found } = await reviewed(await openWith({ cache_size: -100 }, script));
  expect(inShort(found)).toEqual(['NOTE cache_size -100']);
});

test.skipIf(process.platform !== 'linux')(
  'a network disk is told whenever monitoring begins, and its event is counted',
  async () => {
    told.type = 0x6969;
    onTestFinished(() => {
      told.type = undefined;
    });
    const opened = await openWith({});
    const { found, monitor } = await reviewed(opened);
    expect(inShort(found)).toEqual(['WARNING storage nfs']);
    expect(monitor.toPrometheus()).toContain('cc_db_shared_storage 1\n');
    expect(monitor.getCurrentHealthStatus().reasons).toEqual([
      'The database lies on nfs with a write-ahead log, which two machines cannot share',
    ]);
    const rollback = await reviewed(await openWith({ journal_mode: 'DELETE', synchronous: 'FULL' }));
    expect(inShort(rollback.found)).toEqual(['NOTE storage nfs']);

    let tell: (event: never) => void = () => undefined;
    const source = {
      ...{ url: opened.url, capabilities: opened.capabilities, stats: () => opened.stats() },
      getConnection: opened.getConnection.bind(opened),
      subscribe: (listener: (event: never) => void) => {
        tell = listener;
        return () => undefined;
      },
    };
    const counting = createHealthMonitor(source, onlyWhenAsked);
    await counting.startMonitoring();
    onTestFinished(() => counting.stopMonitoring());
    tell({ type: 'storage', fileSystem: 'nfs', journal: 'wal', hint: '' } as never);
    expect(counting.toPrometheus()).toContain('cc_db_storage_warnings_total 1\n');
    // What has the shape of a manager has no connections that can be asked.
    const report = await counting.generateHealthReport();
    expect([report.settings, report.storageWarnings]).toEqual([null, 1]);
  },
);
