// What a configuration has loaded neither ends `cc-migrate` before its command is done, nor keeps it from ending.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** Runs `status` where the configuration begins with `code`. It ends by itself, or the test does not. */
async function status(code: string): Promise<{ readonly exitCode: number; readonly said: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'cc-foreign-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  await mkdir(join(cwd, 'drizzle', 'meta'), { recursive: true });
  await writeFile(join(cwd, 'drizzle', 'meta', '_journal.json'), '{ "dialect": "sqlite", "entries": [] }');
  const config = `{ dialect: 'sqlite', dbCredentials: { url: 'app.db' }, tablesFilter: '!__cc_*' }`;
  await writeFile(join(cwd, 'drizzle.config.cjs'), `${code}\nmodule.exports = ${config};`);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'status'], { cwd });
    return { exitCode: 0, said: stdout };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'stderr' in error)) throw error;
    return { exitCode: Number(error.code), said: String(error.stderr) };
  }
}

test('a timer that is left running does not', async () => {
  expect(await status('setInterval(() => undefined, 1_000);')).toEqual({ exitCode: 0, said: 'Current: none\n' });
}, 600_000);

test('a later process.exit() is told, and is no success', async () => {
  const { exitCode, said } = await status(
    'Promise.resolve().then(() => process.nextTick(() => setImmediate(() => process.exit())));',
  );
  expect([exitCode, said]).toEqual([1, expect.stringContaining('has ended the process before the command was done')]);
}, 600_000);
