// What @cc/health looks through: a connection beside the pool, and names for calls.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { type ManagerEvent, openTransactionManager, type TransactionManager } from '../src/index.js';
import { countingConnections, openOwnConnection, sharedFileSystemOf } from '../src/own-connection.js';

async function openFile(
  options: { readonly encryptionKey?: string } = {},
): Promise<TransactionManager & { file: string }> {
  const file = join(await temporaryFolder(), 'own.db');
  const manager = await openTransactionManager({ url: pathToFileURL(file).href, readers: 1, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run('create table t (id integer primary key, name text)');
  return Object.assign(manager, { file });
}

test('an own connection reads what is committed while writer and reader are held, and tells no event', async () => {
  const manager = await openFile();
  const [writer, reader] = [await manager.getConnection(), await manager.getConnection({ mode: 'read' })];
  const events: ManagerEvent[] = [];
  manager.subscribe((event) => events.push(event));
  const own = openOwnConnection(manager);
  expect(own?.all('select count(*) as n from t')).toEqual([{ n: 0 }]);
  expect(own?.all('explain query plan select * from t where name = ?')).toMatchObject([{ detail: 'SCAN t' }]);
  own?.close();
  own?.close();
  expect(events).toEqual([]);
  writer.release();
  reader.release();
  await manager.db.run('drop table t');
});

test('an encrypted file is opened with its key', async () => {
  const manager = await openFile({ encryptionKey: 'a key of the test' });
  const own = openOwnConnection(manager);
  expect(own?.all('select count(*) as n from t')).toEqual([{ n: 0 }]);
  own?.close();
});

test('there is none beside a database in memory, none of a closed manager, and no new file of one that was moved', async () => {
  await using memory = await openTransactionManager({ url: ':memory:' });
  expect(openOwnConnection(memory)).toBeNull();
  const manager = await openFile();
  await manager.close();
  expect(() => openOwnConnection(manager)).toThrow(expect.objectContaining({ type: 'closed' }));
  const moved = await openFile();
  for (const end of ['', '-wal', '-shm']) rmSync(`${moved.file}${end}`, { force: true });
  expect(() => openOwnConnection(moved)).toThrow(expect.objectContaining({ code: 'SQLITE_READONLY_DBMOVED' }));
  expect(existsSync(moved.file)).toBe(false);
});

test('the label of a call is in the events of its transaction, its savepoints and their statements, and in no other', async () => {
  const manager = await openFile();
  const told: (string | undefined)[] = [];
  manager.subscribe((event) => {
    if (event.type === 'query') told.push(`${event.label}: ${event.sql}`);
    if (event.type === 'transaction') told.push(`${event.label}: ${event.phase}`);
  });
  await manager.transaction(
    async (tx) => {
      await manager.db.run('select 1');
      await tx.savepoint(async () => manager.db.run('select 2'));
      await manager.transaction(async () => manager.db.run('select 3'), { propagation: 'nested', label: 'part' });
      await manager.transaction(async () => manager.db.run('select 4'), { label: 'joins' });
    },
    { label: 'import' },
  );
  await manager.read(async () => manager.db.run('select 5'));
  expect(told).toEqual([
    ...['import: begin', 'import: select 1', 'import: begin', 'import: select 2', 'import: commit'],
    ...['part: begin', 'part: select 3', 'part: commit', 'import: select 4', 'import: commit'],
    ...['undefined: begin', 'undefined: select 5', 'undefined: commit'],
  ]);
  for (const label of ['', 'x'.repeat(101), 5, 'a\0b'])
    await expect(manager.transaction(async () => 1, { label: label as string })).rejects.toThrow(
      /label must be a text/,
    );
});

test('full-scan steps are those that SQLite has counted, on every connection that is free', async () => {
  const manager = await openFile();
  await manager.db.run('insert into t select value, value from generate_series(1, 1000)');
  const byName = "select * from t where name = '7'";
  await manager.db.all(byName);
  await manager.db.all('select * from t where id = 7');
  await manager.read((tx) => tx.db.all(byName));
  await manager.transaction((tx) => tx.db.run("update t set name = 'x' where name = '9'"));
  const counted = (): Record<string, number>[] =>
    (countingConnections(manager) ?? []).map((each) =>
      Object.fromEntries((each.scanCounts() ?? []).map(({ sql, fullScanSteps }) => [sql, fullScanSteps])),
    );
  const all = counted();
  expect(all).toHaveLength(3);
  // A scan of 1,000 rows steps 999 times.
  expect(all.filter((each) => each[byName] === 999)).toHaveLength(2);
  expect(Object.values(Object.assign({}, ...all) as Record<string, number>)).toEqual(expect.arrayContaining([999]));
  expect(JSON.stringify(all)).not.toContain('id = 7');
  const keys = countingConnections(manager)?.map(({ key }) => key);
  expect(countingConnections(manager)?.map(({ key }) => key)).toEqual(keys);
  await manager.transaction(async () => {
    expect(countingConnections(manager)).toHaveLength(2);
  });
  const [first] = countingConnections(manager) ?? [];
  await manager.close();
  expect(first?.scanCounts()).toBeNull();
  expect(countingConnections(manager)).toEqual([]);
});

test('counting takes no lock that anybody waits for, and tells no event', async () => {
  const manager = await openFile();
  await manager.db.run('insert into t select value, value from generate_series(1, 100)');
  await manager.db.all('select * from t where name = 1');
  const events: ManagerEvent[] = [];
  manager.subscribe((event) => events.push(event));
  for (const each of countingConnections(manager) ?? []) each.scanCounts();
  expect(events).toEqual([]);
  const own = openOwnConnection(manager);
  expect(own?.all('pragma wal_checkpoint(truncate)')).toMatchObject([{ busy: 0 }]);
  own?.close();
  await manager.db.run('drop table t');
  expect(sharedFileSystemOf(manager)).toBeNull();
});
