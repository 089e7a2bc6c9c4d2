// The process beside an application starts whatever flags the application was started with, and says why where it may not.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

const program = fileURLToPath(new URL('backup-alone.mjs', import.meta.url));
const offloads = fileURLToPath(new URL('offloads-alone.mjs', import.meta.url));
const code = await readFile(program, 'utf8');

/** Runs a backup in a process started with `flags`; returns what it prints, and its error output. */
async function backUp(flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { path, url } = await databaseWith('create table t (a); insert into t values (1)');
  const { stdout, stderr } = await run([...flags, url, `${path}.copy`], env);
  return { isCopied: stdout === `${path}.copy\n`, stderr };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { cwd: import.meta.dirname, env: { ...process.env, ...env } };
  return promisify(execFile)(process.execPath, args, options).catch((error: unknown) => {
    if (error instanceof Error && 'stderr' in error) return { stdout: '', stderr: String(error.stderr) };
    throw error;
  });
}

/** Flags with which a process may read and write every file, and start no other process. */
function aloneFlags(): readonly string[] {
  const known = process.allowedNodeEnvironmentFlags;
  const permission = known.has('--permission') ? '--permission' : '--experimental-permission';
  const addons = known.has('--allow-addons') ? ['--allow-addons'] : [];
  return [permission, ...addons, '--allow-fs-read=*', '--allow-fs-write=*'];
}

it.each([
  ['under a debugger', ['--inspect=127.0.0.1:0', program], {}],
  ['from code on the command line', ['--input-type=module', '-e', code, 'a word'], {}],
  ['with flags in the environment', [program], { NODE_OPTIONS: '--conditions=other --max-old-space-size=512' }],
  ['with a debugger in the environment', [program], { NODE_OPTIONS: '--inspect=127.0.0.1:0' }],
])('a backup is made %s', async (_, flags, env) => {
  const { isCopied, stderr } = await backUp(flags, env);
  expect(stderr.replaceAll(/^(Debugger listening|For help).*\n/gm, '')).toBe('');
  expect(isCopied).toBe(true);
});

/** From Node 24 on its permission model lets nobody flush a file, by descriptor or by handle. */
const flushes = Number(process.versions.node.split('.')[0]) < 24;

it("a backup is made, and put back, under Node's permission model where processes and threads may be started", async () => {
  const { path, url } = await databaseWith('create table t (a); insert into t values (1)');
  // From Node 24 on a child has the flags of its parent, and the process for long statements is watched by a thread.
  const flags = [...aloneFlags(), '--allow-child-process', '--allow-worker'];
  const backup = `${path}.copy`;
  const backedUp = await run([...flags, program, url, backup]);
  if (!flushes) {
    expect(backedUp.stderr).toContain('make backups in one without it');
    expect(await readdir(dirname(path))).not.toContain(basename(backup));
    return;
  }
  expect(backedUp).toMatchObject({ stdout: `${backup}\n` });
  const restore = `import { restoreFile } from '@cc/tx/restore';
    await restoreFile({ database: ${JSON.stringify(path)}, backup: ${JSON.stringify(backup)} });
    console.log('restored');`;
  expect(await run([...flags, '--input-type=module', '-e', restore])).toMatchObject({ stdout: 'restored\n' });
});

it('a backup where no process may be started says that, and not to run it again', async () => {
  const { stderr } = await backUp([...aloneFlags(), program]);
  expect(stderr).toContain('SIDE_PROCESS_MISSING');
  expect(stderr).toContain('docs/guides/bundlers.md');
  expect(stderr).not.toContain('Run it again');
});

it('where no native code may be loaded the driver is not said to be missing', async () => {
  const { stderr } = await backUp(['--no-addons', program]);
  expect(stderr).toContain('DRIVER_MISSING');
  expect(stderr).toContain('Start Node without --no-addons, and under its permission model with --allow-addons');
  expect(stderr).not.toContain('Install libsql');
});

it('each of many offloads where no process may be started says that', async () => {
  const { url } = await databaseWith('create table t (a); insert into t values (1)');
  const { stdout } = await run([...aloneFlags(), offloads, url, '5']);
  expect(stdout).toBe('SIDE_PROCESS_MISSING\n'.repeat(5));
});
