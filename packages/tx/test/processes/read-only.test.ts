// Libraries that may only be read: as a user whom permissions bind, and on a file system that is mounted for reading only.
import { execFileSync } from 'node:child_process';
import { access, chmod, copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isRoot } from '@cc/testkit/child';
import { startProgram } from '@cc/testkit/program';
import Database from 'libsql';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../target.js';

const all = [[1], [2]];
const refused = 'readonly SQLITE_READONLY';
const told = {
  readOnly: true,
  rows: all,
  inside: all,
  snapshot: all,
  offloaded: [{ a: 1 }, { a: 2 }],
  refusals: Array.from({ length: 6 }, () => refused),
  verified: true,
};

interface Place {
  readonly folder: string;
  readonly path: string;
  readonly url: string;
  /** Where the program may write. */
  readonly copy: string;
}

/** A library with two rows, in a folder of its own. */
async function library(journalMode: string): Promise<Place> {
  const around = await temporaryFolder();
  await chmod(around, 0o755);
  const [folder, open] = [join(around, 'library'), join(around, 'open')];
  await mkdir(folder);
  await mkdir(open);
  await chmod(open, 0o777);
  const path = join(folder, 'x.db');
  const database = new Database(path);
  database.exec(`pragma journal_mode = ${journalMode}; create table t (a); insert into t values (1), (2)`);
  database.close();
  onTestFinished(() => chmod(folder, 0o755));
  return { folder, path, url: pathToFileURL(path).href, copy: join(open, 'copy.db') };
}

async function lock({ folder, path }: Place): Promise<void> {
  await chmod(path, 0o444);
  await chmod(folder, 0o555);
}

it.each(['wal', 'delete'])(
  'reads a file with journal mode %s that it may not write, in a folder it may not',
  async (mode) => {
    const place = await library(mode);
    await lock(place);
    const program = startProgram(new URL('read-only.mjs', import.meta.url), [place.url, place.copy], {
      unprivileged: true,
    });
    expect(JSON.parse(await program.line())).toEqual(told);
    program.send('end');
    expect((await program.ended()).code).toBe(0);
    expect(await readdir(place.folder)).toEqual(['x.db']);
  },
);

it.for(['wal', 'delete'])(
  'reads a file with journal mode %s on a file system that is read-only',
  async (mode, { skip }) => {
    const place = await library(mode);
    try {
      execFileSync('mount', ['--bind', place.folder, place.folder], { stdio: 'ignore' });
      onTestFinished(() => void execFileSync('umount', ['-l', place.folder]));
      execFileSync('mount', ['-o', 'remount,bind,ro', place.folder], { stdio: 'ignore' });
    } catch {
      skip('this user cannot mount');
    }
    const program = startProgram(new URL('read-only.mjs', import.meta.url), [place.url, place.copy]);
    expect(JSON.parse(await program.line())).toEqual(told);
    program.send('end');
    expect((await program.ended()).code).toBe(0);
  },
);

it('reads what a writer has in its log while it has the file open', async () => {
  const place = await library('wal');
  const writer = new Database(place.path);
  onTestFinished(() => void writer.close());
  writer.exec('delete from t; insert into t values (1), (2)');
  await lock(place);
  const program = startProgram(new URL('read-only.mjs', import.meta.url), [place.url, place.copy], {
    unprivileged: true,
  });
  expect(JSON.parse(await program.line())).toEqual(told);
});

it.skipIf(!isRoot)('sees what a writer writes that opens the file afterwards', async () => {
  const place = await library('wal');
  await lock(place);
  const program = startProgram(new URL('read-only.mjs', import.meta.url), [place.url, place.copy], {
    unprivileged: true,
  });
  expect(JSON.parse(await program.line())).toEqual(told);
  const writer = new Database(place.path);
  writer.exec('insert into t values (3)');
  program.send('again');
  expect(JSON.parse(await program.line())).toEqual([
    [[1], [2], [3]],
    [[1], [2], [3]],
  ]);
  writer.exec('insert into t values (4)');
  writer.close();
  program.send('again');
  expect(JSON.parse(await program.line())).toEqual([
    [[1], [2], [3], [4]],
    [[1], [2], [3], [4]],
  ]);
});

it.skipIf(!isRoot)('tells by a look what a writer writes, because nothing can be locked beside it', async () => {
  const place = await library('wal');
  await lock(place);
  const reader = startProgram(new URL('read-only-looks.mjs', import.meta.url), [place.url], { unprivileged: true });
  expect(await reader.line()).toBe('number');
  const look = async (): Promise<string> => {
    reader.send('look');
    return reader.line();
  };
  expect(await look()).toBe('number the same');
  const writer = new Database(place.path);
  onTestFinished(() => void writer.close());
  writer.exec('insert into t values (3)');
  expect(await look()).toBe('number another');
  expect(await look()).toBe('number the same');
  writer.exec('insert into t values (4)');
  expect(await look()).toBe('number another');
});

it.each(['by its own name', 'by a link'])(
  'says where the last writes are when their log cannot be read, %s',
  async (name) => {
    const place = await library('wal');
    const writer = new Database(place.path);
    writer.exec('insert into t values (3)');
    const copy = { ...place, folder: join(place.folder, 'copied'), path: join(place.folder, 'copied', 'x.db') };
    await mkdir(copy.folder);
    for (const suffix of ['', '-wal']) await copyFile(place.path + suffix, copy.path + suffix);
    writer.close();
    await lock(copy);
    onTestFinished(() => chmod(copy.folder, 0o755));
    const link = `${place.copy}.link`;
    await symlink(copy.path, link);
    const url = pathToFileURL(name === 'by a link' ? link : copy.path).href;
    const program = startProgram(new URL('read-only.mjs', import.meta.url), [url, place.copy], { unprivileged: true });
    expect(JSON.parse(await program.line())).toEqual({
      refused: 'SQLITE_READONLY_DIRECTORY',
      hint: expect.stringContaining('-wal'),
    });
    await expect(access(`${copy.path}-shm`)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);

it('nothing is restored over a file that may not be written, and the error says so', async () => {
  const place = await library('delete');
  await copyFile(place.path, place.copy);
  await chmod(place.path, 0o444);
  await chmod(place.folder, 0o777);
  const program = startProgram(new URL('restore-alone.mjs', import.meta.url), [place.path, place.copy], {
    unprivileged: true,
  });
  expect(JSON.parse(await program.line())).toEqual({
    name: 'DatabaseError',
    type: 'readonly',
    code: 'SQLITE_READONLY',
    reason: `${place.path} may not be written`,
  });
  expect(await readdir(place.folder)).toEqual(['x.db']);
});
