// A disk, or a limit of the system, that takes only the beginning of a file: nothing half written stays, and trying again works.
import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { library, makeScratch } from './scratch.js';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** Runs the program; no file that it writes may become larger than a block of 512 bytes. */
function within(cwd: string, ...args: string[]): { readonly status: number | null; readonly stderr: string } {
  const line = 'ulimit -f 1; exec "$@"';
  return spawnSync('sh', ['-c', line, 'sh', process.execPath, program, ...args], { cwd, encoding: 'utf8' });
}

test.runIf(process.platform === 'linux')(
  'what cannot be written whole is not there, so that it can be tried again',
  async () => {
    await using scratch = await makeScratch();
    await scratch.write(library);
    await writeFile(join(scratch.path, 'long.sql'), `-- ${'long '.repeat(2_000)}\nCREATE TABLE long (x);\n`);
    const before = await readdir(scratch.folder, { recursive: true });
    const create = ['create', '--name', 'long', '--up', 'long.sql', '--no-config'];
    expect(within(scratch.path, ...create)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/0003_long\.sql cannot be written: EFBIG \[MIGRATION_FOLDER\]/),
    });
    expect(await readdir(scratch.folder, { recursive: true })).toEqual(before);
    const again = spawnSync(process.execPath, [program, ...create], { cwd: scratch.path, encoding: 'utf8' });
    expect(again).toMatchObject({ status: 0, stderr: '' });
  },
);

test.runIf(process.platform === 'linux')(
  'init leaves no half of a file, which it would leave alone the next time',
  async () => {
    await using scratch = await makeScratch();
    expect(within(scratch.path, 'init', '--yes')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('EFBIG'),
    });
    const again = spawnSync(process.execPath, [program, 'init', '--yes'], { cwd: scratch.path, encoding: 'utf8' });
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).not.toMatch(/test.*: it is there/);
  },
);
