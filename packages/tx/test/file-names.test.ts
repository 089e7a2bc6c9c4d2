// A file under another name than its own: a relative path in a process that changes its folder, and symbolic links, whose file
// has its log beside itself, not beside the link.
import { copyFile, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import Database from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';

async function opened(url: string): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

/** A file with one row, and a link to it in another folder. */
async function linked(): Promise<{ readonly folder: string; readonly path: string; readonly link: string }> {
  const around = await temporaryFolder();
  const [folder, links] = [join(around, 'library'), join(around, 'links')];
  await mkdir(folder);
  await mkdir(links);
  const [path, link] = [join(folder, 'app.db'), join(links, 'current.db')];
  const database = new Database(path);
  database.exec('pragma journal_mode = wal; create table t (a); insert into t values (1)');
  database.close();
  await symlink(path, link);
  return { folder, path, link };
}

/** Longer than a write is too young to be a proof, or under load keeps others from looking where the file is. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

it('a relative path stays where it was when the process changes its folder', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'below'));
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  const manager = await opened('file:app.db');
  await manager.db.run('create table t (a)');
  process.chdir('below');
  await aMoment();
  await manager.db.run('insert into t values (1)');
  await manager.transaction(({ db }) => db.run('insert into t values (2)'));
  const rows = [[1], [2]];
  expect(await manager.read(({ db }) => db.values('select a from t'))).toEqual(rows);
  expect(await manager.offload(() => manager.db.values('select a from t'), { timeoutMs: 60_000 })).toEqual(rows);
  await manager.backup('copy.db');
  await aMoment();
  expect(manager.changes.proof()).toBeTypeOf('string');
  await manager.close();
  expect(await readdir(join(folder, 'below'))).toEqual(['copy.db']);
  const reader = new Database(join(folder, 'app.db'));
  expect(reader.prepare('select a from t').raw().all()).toEqual(rows);
  reader.close();
});

it.skipIf(process.platform === 'win32')('a relative path needs a folder', async () => {
  const folder = await temporaryFolder();
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  await rm(folder, { recursive: true });
  await expect(openTransactionManager({ url: 'file:app.db' })).rejects.toMatchObject({
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    outcome: 'none',
  });
});

it.each(['http://127.0.0.1:4/', 'file:other.db?mode=memory', ':memory:'])(
  'a file that is named %s is a file',
  async (name) => {
    const folder = await temporaryFolder();
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    await mkdir('http:/127.0.0.1:4', { recursive: true });
    const url = `file:${encodeURIComponent(name.replace(/\/$/, '/app.db'))}`;
    const manager = await opened(url);
    await manager.db.run('create table t (a)');
    await manager.close();
    const again = await opened(url);
    expect(await again.db.values('select count(*) from t')).toEqual([[0]]);
  },
);

it('what others write to the file behind a link is no proof of it any more', async () => {
  const { path, link } = await linked();
  const manager = await opened(pathToFileURL(link).href);
  await aMoment();
  const proof = manager.changes.proof();
  expect(proof).toBeTypeOf('string');
  const told: unknown[] = [];
  manager.changes.onClose((each) => told.push(each));
  const other = new Database(path);
  onTestFinished(() => void other.close());
  await manager.close();
  other.exec('insert into t values (2)');
  await aMoment();
  const again = await opened(pathToFileURL(link).href);
  expect(await again.db.values('select a from t')).toEqual([[1], [2]]);
  expect(told).toHaveLength(1);
  expect(again.changes.proof()).not.toBe(proof);
  expect(again.changes.proof()).not.toBe(told[0]);
});

it('two managers of one file know of each other, whatever they call it', async () => {
  const { path, link } = await linked();
  const [direct, behind] = [await opened(pathToFileURL(path).href), await opened(pathToFileURL(link).href)];
  expect(await direct.changes.witness(() => behind.db.values('select a from t'))).toEqual({
    value: [[1]],
    doubt: undefined,
  });
});

it.skipIf(process.platform !== 'linux')('the log of the file behind a link is missed when it is deleted', async () => {
  const { path, link } = await linked();
  const manager = await opened(pathToFileURL(link).href);
  await manager.db.run('insert into t values (2)');
  await aMoment();
  await manager.db.run('insert into t values (3)');
  await rm(`${path}-wal`);
  await aMoment();
  await expect(manager.db.run('insert into t values (4)')).rejects.toMatchObject({
    code: 'SQLITE_READONLY_DBMOVED',
    reason: `${path}-wal was deleted or replaced while it was open`,
  });
});

it('another file behind the link is another file', async () => {
  const { path, link } = await linked();
  const manager = await opened(pathToFileURL(link).href);
  await copyFile(path, `${path}.2`);
  await rm(link);
  await symlink(`${path}.2`, link);
  await aMoment();
  await expect(manager.db.run('insert into t values (4)')).rejects.toMatchObject({
    code: 'SQLITE_READONLY_DBMOVED',
    reason: `${link} was moved, deleted or replaced while it was open`,
  });
});
