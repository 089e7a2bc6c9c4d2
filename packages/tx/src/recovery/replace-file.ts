// The moves that put one database file into the place of another, which is kept. restore.ts replaces damaged files by them,
// restore-file.ts any file that its owner names.
import { randomBytes } from 'node:crypto';
import { constants, lstatSync, renameSync, rmSync } from 'node:fs';
import { chown, copyFile, link, lstat, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeAbandonedDrafts } from '../backup/abandoned-drafts.js';
import { flushFolder, setMode } from '../backup/backup-file.js';
import { asyncDispose } from '../dispose.js';
import { isError } from '../errors/is-error.js';

/** What SQLite keeps beside a file while it works on it. */
const companions = ['-wal', '-shm', '-journal'];

/** A copy beside a database. Disposed of, it is removed, unless it has become the database. */
export interface Draft extends AsyncDisposable {
  readonly path: string;
}

/** So much of a name that a file system takes it with a mark, a time and `-journal` behind it: most take 255 bytes. */
function begun(name: string): string {
  return Buffer.byteLength(name) > 190 ? name.slice(0, 60) : name;
}

/**
 * Copies `file` beside `path` under a name that nothing else uses. A process that is told to end in the middle leaves no copy
 * either.
 */
export async function copyBeside(file: string, path: string): Promise<Draft> {
  const draft = join(dirname(path), `.${begun(basename(path))}.${randomBytes(6).toString('hex')}.restore`);
  const atExit = (): void => {
    for (const suffix of ['', ...companions]) rmSync(draft + suffix, { force: true });
  };
  await removeAbandonedDrafts(dirname(path));
  process.on('exit', atExit);
  const remove = async (): Promise<void> => {
    try {
      await removeFile(draft);
    } finally {
      process.off('exit', atExit);
    }
  };
  try {
    await copyFile(file, draft, constants.COPYFILE_FICLONE);
    // A backup that nobody may write has come with its mode: the copy could not be flushed.
    await setMode(draft, 0o600);
    return { path: draft, [asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Lets those read and write `draft` who may do so with the file that it replaces: a copy may have another mode and owner. */
export async function shareAs(path: string, draft: string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  // Only an administrator gives files away.
  if (process.getuid?.() === 0) await chown(draft, uid, gid);
  await setMode(draft, mode & 0o777);
}

/** Removes a file with its companions, where there are any. */
async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
  await removeCompanions(path);
}

/** Removes what SQLite keeps beside `path`. */
export async function removeCompanions(path: string): Promise<void> {
  for (const suffix of companions) await rm(path + suffix, { force: true });
}

/** `path` with `mark` and the time, or a number behind them, such that nothing has the name. */
export async function asideName(path: string, mark: string, at: number): Promise<string> {
  const name = `${join(dirname(path), begun(basename(path)))}.${mark}-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}`;
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!(await exists(candidate))) return candidate;
  }
}

/**
 * Moves a file with its companions to `aside` and the draft into its place; back again when that fails. In one turn, so that a
 * program that ends itself, on Ctrl-C for example, never does so between the two.
 */
export async function exchange(path: string, draft: string, aside: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const suffix of ['', ...companions]) {
      if (lstatSync(path + suffix, { throwIfNoEntry: false }) === undefined) continue;
      renameSync(path + suffix, aside + suffix);
      moved.push(suffix);
    }
    renameSync(draft, path);
  } catch (error) {
    for (const suffix of moved) renameSync(aside + suffix, path + suffix);
    throw error;
  }
  await flushFolder(dirname(path));
}

/**
 * As `exchange`, for a file without companions: nobody ever finds no file at `path`, where the file system has links.
 */
export async function exchangeAtOnce(path: string, draft: string, aside: string): Promise<void> {
  try {
    await link(path, aside);
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'EEXIST') throw error;
    return exchange(path, draft, aside);
  }
  // The name that keeps the old file must be on disk before the other one leaves it.
  await flushFolder(dirname(path));
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(aside);
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Whether somebody works on the database at `path`, as a log beside it tells: what is in that would be lost. */
export async function hasLog(path: string): Promise<boolean> {
  for (const log of [`${path}-wal`, `${path}-journal`])
    if ((await exists(log)) && (await stat(log)).size > 0) return true;
  return false;
}

/** Whether there is anything at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
