// Two versions of the package in two folders of packages, as npm installs them for a program and a library that it uses. Two drivers
// in one process would know nothing of each other's locks (https://sqlite.org/howtocorrupt.html, 2.2.1): each acknowledged what
// the other wrote over.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { databaseWith } from './database.js';

const own = fileURLToPath(new URL('../../', import.meta.url));

/** Copies the package and its driver, as another installation of them would lie beside this one. Returns its entry. */
async function installCopy(): Promise<string> {
  const packages = join(await temporaryFolder(), 'node_modules');
  const driver = dirname(dirname(await realpath(createRequire(import.meta.url).resolve('libsql'))));
  for (const name of await readdir(driver))
    await cp(join(driver, name), join(packages, name), { recursive: true, dereference: true });
  const copy = join(packages, '@cc/tx');
  for (const name of ['package.json', 'dist']) await cp(join(own, name), join(copy, name), { recursive: true });
  await mkdir(join(copy, 'node_modules'));
  for (const name of ['@libsql', 'drizzle-orm'])
    await symlink(await realpath(join(own, 'node_modules', name)), join(copy, 'node_modules', name));
  return pathToFileURL(join(copy, 'dist/index.js')).href;
}

it('two copies of the package with a driver each take turns on one file, and lose nothing', async () => {
  const { url, all } = await databaseWith('create table t (a)');
  const program = fileURLToPath(new URL('two-copies.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, await installCopy(), url]);
  expect(stdout).toBe('SQLITE_BUSY\n');
  expect(all('select a from t')).toEqual(['one', 'other, after it', 'one, at last']);
});
