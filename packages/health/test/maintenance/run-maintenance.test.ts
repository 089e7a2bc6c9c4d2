import { stat } from 'node:fs/promises';
import { placeIn, type TargetName, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runChecks } from '../../src/checks/run-checks.js';
import { runMaintenance, scheduleMaintenance } from '../../src/maintenance/run-maintenance.js';
import type { MaintenanceResult, MaintenanceTask } from '../../src/maintenance/types.js';
import { openDatabase } from '../database.js';

async function one(manager: TransactionManager, task: MaintenanceTask): Promise<MaintenanceResult> {
  const [result] = await runMaintenance(manager, { tasks: [task] });
  if (!result) throw new Error('no result');
  return result;
}

describe.each(targets)('on %s', (name: TargetName) => {
  test('every task is done or said to be unsupported, and the database is sound after it', async () => {
    const manager = await openTransactionManager(await placeIn(await temporaryFolder(), name));
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await manager.db.run('create virtual table words using fts5(t)');
    await manager.db.run('create virtual table terms using fts5vocab(words, row)');
    for (let part = 0; part < 5; part += 1) {
      await manager.db.run(
        `insert into words select 'word ' || value from generate_series(${part * 100}, ${part * 100 + 99})`,
      );
    }
    const results = await runMaintenance(manager);
    const status = Object.fromEntries(results.map((result) => [result.task, result.status]));
    const server = { analyze: 'unsupported', incrementalVacuum: 'unsupported', checkpoint: 'unsupported' };
    const expected = {
      file: { analyze: 'done', incrementalVacuum: 'done', checkpoint: 'done' },
      ':memory:': { analyze: 'done', incrementalVacuum: 'unsupported', checkpoint: 'unsupported' },
      ...{ http: server, ws: server, replica: server },
    };
    expect(status).toEqual({ ...expected[name], fullText: 'done' });
    expect(await runChecks(manager, ['integrity', 'fts'])).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
  });
});

test('statistics are seen by connections that were open before', async () => {
  const { manager } = await openDatabase({ readers: 1 });
  await manager.db.run('create table t (a, b)');
  await manager.db.run('create index t_b on t (b)');
  await manager.db.run('create index t_a on t (a)');
  // All rows have the same `a`; which index is better only statistics can tell.
  await manager.db.run('insert into t select 1, value from generate_series(1, 5000)');
  const plan = async (): Promise<string> =>
    JSON.stringify(await manager.db.all('explain query plan select * from t where a = 1 and b = 7'));
  expect(await plan()).toContain('t_a');
  const first = await one(manager, 'analyze');
  expect(first).toMatchObject({
    status: 'done',
    message: expect.stringMatching(/of \d+ tables and indexes: \d+ of them are new/),
  });
  expect(await plan()).toContain('t_b');
  expect((await one(manager, 'analyze')).message).toContain('none has changed');
});

test('a full-text index of many parts becomes one, and finds the same', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create virtual table words using fts5(t)');
  await manager.db.run('create virtual table terms using fts5vocab(words, row)');
  await manager.db.run("insert into words(words, rank) values ('automerge', 0), ('crisismerge', 1999)");
  for (let part = 0; part < 40; part += 1)
    await manager.db.run(`insert into words select 'common w' || (${part} * 50 + value) from generate_series(1, 50)`);
  await manager.db.run('delete from words where rowid % 3 = 0');
  const found = () => manager.db.all("select count(*) as n from words where words match 'common'");
  const parts = () => manager.db.values<[number]>('select count(distinct segid) from words_idx');
  const [before, many] = [await found(), (await parts())[0]?.[0]];
  const result = await one(manager, 'fullText');
  expect(result).toMatchObject({ status: 'done', message: expect.stringContaining('merged') });
  expect(result.bytesFreed).toBeGreaterThan(0);
  expect(many).toBeGreaterThan(10);
  expect((await parts())[0]?.[0]).toBe(1);
  expect(await found()).toEqual(before);
  expect(await runChecks(manager, ['fts'])).toMatchObject([{ status: 'ok' }]);
});

test('free pages are given back where the file allows it, and told where it does not', async () => {
  const { file, manager } = await openDatabase();
  const fill = async (): Promise<void> => {
    await manager.db.run('create table big (a)');
    await manager.db.run('insert into big select randomblob(1000) from generate_series(1, 4000)');
    await manager.db.run('drop table big');
  };
  await fill();
  expect(await one(manager, 'incrementalVacuum')).toMatchObject({
    ...{ status: 'done', bytesFreed: 0 },
    message: expect.stringMatching(/are free and stay in the file .* auto_vacuum = INCREMENTAL/),
  });
  const lease = await manager.getConnection();
  await lease.client.executeMultiple('pragma auto_vacuum = 2; vacuum');
  lease.release();
  await fill();
  const given = await one(manager, 'incrementalVacuum');
  expect(given.bytesFreed).toBeGreaterThan(3_000_000);
  await one(manager, 'checkpoint');
  expect((await stat(file)).size).toBeLessThan(1_000_000);
});

test('the log is emptied, and what a reader still needs stays', async () => {
  const { file, manager } = await openDatabase();
  await manager.db.run("insert into items (name) select 'item ' || value from generate_series(1, 20000)");
  const emptied = await one(manager, 'checkpoint');
  expect(emptied.bytesFreed).toBeGreaterThan(500_000);
  expect((await stat(`${file}-wal`)).size).toBe(0);
  await manager.read(async (tx) => {
    await tx.db.all('select count(*) from items');
    await manager.transaction(
      () => manager.db.run("insert into items (name) select 'more ' || value from generate_series(1, 20000)"),
      { propagation: 'requires_new' },
    );
    const held = await manager.transaction(() => one(manager, 'checkpoint'), { propagation: 'not_supported' });
    expect(held).toMatchObject({
      status: 'done',
      bytesFreed: 0,
      message: expect.stringMatching(/\d+ pages wait for a reader/),
    });
  });
  expect((await one(manager, 'checkpoint')).bytesFreed).toBeGreaterThan(500_000);
});

test('writers go on meanwhile and lose nothing', async () => {
  const { manager } = await openDatabase();
  await manager.db.run('create virtual table words using fts5(t)');
  await manager.db.run('create virtual table terms using fts5vocab(words, row)');
  let written = 0;
  let isRunning = true;
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    while (isRunning) {
      await manager.transaction(async (tx) => {
        await tx.db.run(`insert into items (name) values ('${writer} ${written}')`);
        await tx.db.run(`insert into words values ('word ${writer} ${written}')`);
        written += 1;
      });
    }
  });
  for (let round = 0; round < 3; round += 1) {
    const results = await runMaintenance(manager);
    expect(results.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done']);
  }
  isRunning = false;
  await Promise.all(writers);
  expect(await manager.db.values('select count(*) from items')).toEqual([[written]]);
  expect(await runChecks(manager, ['integrity', 'fts'])).toMatchObject([{ status: 'ok' }, { status: 'ok' }]);
});

test('an abort starts no other task, and wrong tasks and options are refused by name', async () => {
  const { manager } = await openDatabase();
  await expect(runMaintenance(manager, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  const vacuum = 'vacuum' as MaintenanceTask;
  await expect(runMaintenance(manager, { tasks: [vacuum] })).rejects.toThrow(/unknown task 'vacuum'; it takes analyze/);
  await expect(runMaintenance(manager, { tasks: ['history'] })).rejects.toThrow(/needs the option history/);
  await expect(runMaintenance(manager, { task: [] } as object)).rejects.toThrow(/did you mean 'tasks'/);
  await manager.close();
  await expect(runMaintenance(manager)).rejects.toMatchObject({ type: 'closed' });
});

test('the history is told as its keeper tells it, and its failure is a result', async () => {
  const { manager } = await openDatabase();
  const kept = await runMaintenance(manager, { tasks: ['history'], history: async () => '12 rows went.' });
  expect(kept).toMatchObject([{ task: 'history', status: 'done', message: '12 rows went.' }]);
  const failing = { tasks: ['history'] as const, history: () => Promise.reject(new Error('disk full')) };
  expect(await runMaintenance(manager, failing)).toMatchObject([{ status: 'failed' }]);
});

test('a schedule runs again and again, tells each run, and ends when it is stopped', async () => {
  const { manager } = await openDatabase();
  let runs = 0;
  const thrice = await new Promise<readonly MaintenanceResult[] | Error>((resolve) => {
    const schedule = scheduleMaintenance(manager, {
      everyMs: 1,
      tasks: ['checkpoint'],
      onResult: (results) => {
        runs += 1;
        if (runs === 3) void schedule.stop().then(() => resolve(results));
        throw new Error('a listener that throws');
      },
    });
  });
  expect(thrice).toMatchObject([{ task: 'checkpoint', status: 'done' }]);
  expect(runs).toBe(3);
  expect(() => scheduleMaintenance(manager, { everyMs: 0 })).toThrow(/everyMs must be from 1/);
});
