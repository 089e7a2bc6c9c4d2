// A file that is mounted without its folder, as `docker run -v ./app.db:/data/app.db` does it: whoever has it so keeps its log in
// another folder than the others, so that none sees what another commits, and what lies in the log goes with the container.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { expect, it, onTestFinished, type TestContext } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { restoreFile } from '../src/restore.js';
import { failureOf } from './broken-database.js';
import { temporaryFolder } from './target.js';

/** A database, and the same file mounted in another folder: alone, or with its folder. */
async function mounted(
  { skip }: TestContext,
  what: 'file' | 'folder',
): Promise<{ readonly mount: string; readonly copy: string }> {
  const around = await temporaryFolder();
  const [home, there] = [join(around, 'home'), join(around, 'there is a space')];
  await mkdir(home);
  await mkdir(there);
  const database = new Database(join(home, 'app.db'));
  database.exec(`create table t (a); insert into t values (1); vacuum into '${join(around, 'copy.db')}'`);
  database.close();
  const mount = join(there, 'app.db');
  if (what === 'file') await writeFile(mount, '');
  const [from, to] = what === 'file' ? [join(home, 'app.db'), mount] : [home, there];
  try {
    execFileSync('mount', ['--bind', from, to], { stdio: 'ignore' });
    onTestFinished(() => void execFileSync('umount', ['-l', to]));
  } catch {
    skip('this user cannot mount');
  }
  return { mount, copy: join(around, 'copy.db') };
}

it('a file that is mounted alone is not opened to be written, and the error says what to mount', async (context) => {
  const { mount } = await mounted(context, 'file');
  const failure = await failureOf(() => openTransactionManager({ url: pathToFileURL(mount).href }));
  expect(failure).toMatchObject({
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    outcome: 'none',
    reason: `${mount} is mounted without its folder, so that its log would not lie where others look for it`,
    hint: expect.stringContaining('Mount the folder'),
  });
  expect(await readdir(join(mount, '..'))).toEqual(['app.db']);
});

it('a file that is mounted alone may be read', async (context) => {
  const { mount } = await mounted(context, 'file');
  await using manager = await openTransactionManager({ url: pathToFileURL(mount).href, readOnly: true });
  expect(await manager.db.values('select a from t')).toEqual([[1]]);
});

it('nothing is restored over a file that is mounted alone: no other can take its place', async (context) => {
  const { mount, copy } = await mounted(context, 'file');
  expect(await failureOf(() => restoreFile({ database: mount, backup: copy }))).toMatchObject({
    type: 'connection',
    reason: expect.stringContaining('is mounted without its folder'),
    operation: 'restore',
  });
  expect(await readdir(join(mount, '..'))).toEqual(['app.db']);
});

it('a file in a folder that is mounted is one like any other', async (context) => {
  const { mount, copy } = await mounted(context, 'folder');
  const manager = await openTransactionManager({ url: pathToFileURL(mount).href });
  await manager.db.run('insert into t values (2)');
  await manager.close();
  await restoreFile({ database: mount, backup: copy });
});
