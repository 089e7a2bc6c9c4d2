// Where the copy of a verification lies: in the folder for temporary files, which may be small, gone, or full of what killed
// programs have left.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
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

test('what a killed program has left there goes after a day, and nothing else does', async () => {
  const [old, young, others] = ['cc-verify-Old123', 'cc-verify-New123', 'somebody-else'].map((name) =>
    join(folder, name),
  );
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  for (const place of [old, young, others]) {
    await mkdir(place ?? '');
    await writeFile(join(place ?? '', 'copy.db'), 'as much as a database');
  }
  // In the young one the copy is still written to.
  for (const path of [old, young, others, join(old ?? '', 'copy.db'), join(others ?? '', 'copy.db')])
    await utimes(path ?? '', yesterday, yesterday);
  expect(await opened.migrations.verify()).toMatchObject({ ok: true });
  expect((await readdir(folder)).sort()).toEqual(['cc-verify-New123', 'somebody-else']);
});
