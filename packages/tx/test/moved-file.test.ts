// A file that is moved, deleted or replaced below an open manager: nothing is acknowledged that is gone with the old one.
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { createErrorHandler, openTransactionManager, type TransactionManager } from '../src/index.js';

const all = (path: string): string[] => ['', '-wal', '-shm'].map((suffix) => `${path}${suffix}`);

async function opened(path: string): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url: pathToFileURL(path).href });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

it.each<[name: string, act: (path: string) => Promise<void>]>([
  ['moved', (path) => rename(path, `${path}.elsewhere`)],
  ['deleted', (path) => rm(path)],
  [
    'deleted with all that is beside it',
    (path) => Promise.all(all(path).map((file) => rm(file))).then(() => undefined),
  ],
  ['replaced', (path) => copyFile(path, `${path}.copy`).then(() => rename(`${path}.copy`, path))],
])('a file that was %s takes no write, and no other file is opened in its place', async (_, act) => {
  const folder = await temporaryFolder();
  const path = join(folder, 'app.db');
  const manager = await opened(path);
  await manager.db.run(sql`create table notes (note text)`);
  await act(path);
  // Under load not every write looks; from a moment later on each one does.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const files = await readdir(folder);
  const insert = () => manager.db.run(sql`insert into notes values ('lost')`);
  const gone = { type: 'readonly', code: 'SQLITE_READONLY_DBMOVED', recoverable: false, outcome: 'none' };
  await expect(insert()).rejects.toMatchObject(gone);
  await expect(manager.transaction(insert)).rejects.toMatchObject(gone);
  await expect(manager.db.$client.batch([`insert into notes values ('lost')`])).rejects.toMatchObject(gone);
  await expect(manager.getConnection()).rejects.toMatchObject(gone);
  await expect(manager.read(() => manager.db.all(sql`select * from notes`))).rejects.toMatchObject(gone);
  await expect(createErrorHandler(manager).run(insert)).rejects.toMatchObject(gone);
  expect(await readdir(folder)).toEqual(files);
});

it('goes on after the file was put back', async () => {
  const path = join(await temporaryFolder(), 'app.db');
  const manager = await opened(path);
  await manager.db.run(sql`create table notes (note text)`);
  await rename(path, `${path}.elsewhere`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await expect(manager.db.run(sql`insert into notes values ('lost')`)).rejects.toThrow('moved');
  await rename(`${path}.elsewhere`, path);
  await manager.db.run(sql`insert into notes values ('kept')`);
  expect(await manager.db.values(sql`select note from notes`)).toEqual([['kept']]);
});

it.skipIf(process.platform !== 'linux').each<[name: string, act: (log: string) => Promise<void>]>([
  ['deleted', (log) => rm(log)],
  ['replaced', (log) => copyFile(log, `${log}.copy`).then(() => rename(`${log}.copy`, log))],
])('a log that was %s takes no write, and what was committed is there once it is closed', async (_, act) => {
  const path = join(await temporaryFolder(), 'app.db');
  const manager = await opened(path);
  await manager.db.run(sql`create table notes (note text)`);
  await manager.db.run(sql`insert into notes values ('kept')`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await manager.db.run(sql`insert into notes values ('kept, too')`);
  await act(`${path}-wal`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await expect(manager.db.run(sql`insert into notes values ('lost')`)).rejects.toMatchObject({
    code: 'SQLITE_READONLY_DBMOVED',
    reason: `${path}-wal was deleted or replaced while it was open`,
    outcome: 'none',
  });
  await manager.close();
  // A second reader, on the file alone.
  await rm(`${path}-wal`, { force: true });
  const reader = createClient({ url: pathToFileURL(path).href });
  onTestFinished(() => reader.close());
  expect((await reader.execute('select note from notes')).rows.map(({ note }) => note)).toEqual(['kept', 'kept, too']);
});

it('a log that SQLite itself folds in and puts away stops nothing', async () => {
  const path = join(await temporaryFolder(), 'app.db');
  const manager = await opened(path);
  await manager.db.run(sql`create table notes (note text)`);
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    await manager.db.run(sql`insert into notes values (${round})`);
    const other = createClient({ url: pathToFileURL(path).href });
    await other.execute('pragma wal_checkpoint(truncate)');
    other.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await manager.db.run(sql`insert into notes values (${round})`);
  }
  expect(await manager.db.values(sql`select count(*) from notes`)).toEqual([[6]]);
});
