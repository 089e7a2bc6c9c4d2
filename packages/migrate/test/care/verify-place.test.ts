// Where the copy of a verification lies: in the folder for temporary files, which may be small or gone.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { library, makeScratch, type Opened, type Scratch } from '../scratch.js';

const temporary = process.env['TMPDIR'];
let scratch: Scratch;
let opened: Opened;
let folder: string;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
  folder = join(scratch.path, 'tmp');
  await mkdir(folder);
  process.env['TMPDIR'] = folder;
});

afterEach(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await scratch[Symbol.asyncDispose]();
});

test('one that is not there is named, with what to do', async () => {
  process.env['TMPDIR'] = join(folder, 'nowhere');
  for (const look of [opened.migrations.verify(), opened.migrations.plan({ direction: 'down', measure: true })])
    await expect(look).rejects.toMatchObject({
      name: 'DatabaseError',
      code: 'ENOENT',
      reason: expect.stringContaining(join(folder, 'nowhere')),
      hint: expect.stringContaining('TMPDIR'),
    });
});

test('one that is full is named: the disk of the database is not', async ({ skip }) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', folder], { stdio: 'ignore' });
  } catch {
    skip('this user cannot mount');
  }
  try {
    await expect(opened.migrations.verify()).rejects.toMatchObject({
      type: 'full',
      code: 'SQLITE_FULL',
      reason: expect.stringContaining(`has no room in ${folder}`),
      hint: expect.stringContaining('TMPDIR'),
    });
    expect(await readdir(folder)).toEqual([]);
  } finally {
    execFileSync('umount', ['-l', folder]);
  }
});
