// The built program as people start it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { library, makeScratch, type Scratch } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

function run(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  // The default folder is ./drizzle.
  return spawnSync(process.execPath, [program, ...args], {
    cwd: scratch.path,
    encoding: 'utf8',
    env: { ...process.env, CC_DATABASE_URL: 'file:app.db' },
  });
}

test('up, status, down: answers on standard output, refusals on standard error, and their exit codes', () => {
  expect(run('up', '--json')).toMatchObject({ status: 0, stderr: '' });
  const status = run('status', '--json');
  expect(status.status).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({ current: '0002_weight', pending: [], problems: [] });
  expect(run('down')).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('Add --yes') });
  expect(run('down', '--yes')).toMatchObject({ status: 0, stderr: '' });
  expect(run('status')).toMatchObject({ status: 2, stdout: expect.stringContaining('Pending:\n  0002_weight') });
});

test('what only looks takes a missing file for an empty database, says so, and makes none', () => {
  // The folder has no snapshots, which check tells.
  const expected = { status: 2, history: 0, plan: 0, diff: 0, check: 2, verify: 0 };
  for (const [command, exitCode] of Object.entries(expected)) {
    const { status, stderr } = run(command);
    expect({ command, status, stderr }).toMatchObject({
      status: exitCode,
      stderr: expect.stringContaining('there is no file'),
    });
    expect(existsSync(join(scratch.path, 'app.db'))).toBe(false);
  }
});

test('--backup makes its copy and goes on, in a process that has nothing else to wait for', () => {
  expect(run('up', '--steps', '1')).toMatchObject({ status: 0 });
  expect(run('up', '--backup', 'before.db')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(
      /Current: 0002_weight\nBackup: \S+before\.db\nTo go back: cc-migrate restore \S+before\.db\n$/,
    ),
  });
  expect(run('status', '--url', 'file:before.db', '--json').stdout).toContain('"current": "0000_tables"');
});

test.skipIf(process.platform !== 'linux')('an answer that cannot be written is told, and no success', () => {
  const full = openSync('/dev/full', 'w');
  const env = { ...process.env, CC_DATABASE_URL: 'file:app.db' };
  const { status, stderr } = spawnSync(process.execPath, [program, 'up'], {
    ...{ cwd: scratch.path, encoding: 'utf8', env },
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^cc-migrate: the answer cannot be written: ENOSPC.*\n$/),
  });
  expect(run('status')).toMatchObject({ status: 0 });
});

test('a migration goes on to its end when nobody reads what is said meanwhile', async () => {
  const noisy = `for (let i = 0; i < 50; i += 1) setTimeout(() => console.error('said', i), 4 * i);`;
  const config = `{ dialect: 'sqlite', out: './drizzle', dbCredentials: { url: 'file:app.db' } }`;
  await writeFile(join(scratch.path, 'drizzle.config.cjs'), `${noisy}\nmodule.exports = ${config};`);
  const child = spawn(process.execPath, [program, 'up'], { cwd: scratch.path, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(run('status')).toMatchObject({ status: 0 });
});

test('--version prints the version of the package', () => {
  expect(run('--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});
