// Replaces a damaged database file by its newest sound backup. The damaged one is moved aside, never deleted, and
// nothing is moved before the damage is confirmed and a copy of a backup has been verified.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { flush, flushFolder, verify } from '../backup/backup-file.js';
import { isDatabaseError } from '../errors.js';
import { type SideProcess, startSideProcess } from '../side-process.js';
import type { Schema } from '../types.js';
import { answers, type RepairContext } from './repairs.js';

/** Restores the newest sound backup. False, and nothing touched, when there is none. */
export async function restoreBackup<S extends Schema>(
  context: RepairContext<S>,
  backups: string,
  now: () => number,
): Promise<boolean> {
  const { inside, timeoutMs, transactions } = context;
  const { target, encryptionKey } = inside;
  if (target.kind !== 'local') return false;
  const path = await realpath(target.path);
  const side = startSideProcess();
  let draft: string | undefined;
  try {
    const damaged = !(await isSound(side, path, encryptionKey));
    if (damaged) {
      for (const candidate of await candidates(path, backups)) {
        draft = await draftOf(candidate, path, side, encryptionKey);
        if (draft) break;
      }
      if (!draft) return false;
    }
    // Its connection to the damaged file must be gone before the file is.
    await side.kill();
    // When the file is sound, it was a connection that had lost track; or it has been restored meanwhile.
    const replace = async (): Promise<void> => {
      if (draft) await exchange(path, draft, now());
    };
    await inside.exclusively(replace, { closed: true, timeoutMs });
    return await answers(transactions);
  } finally {
    await side.kill();
    if (draft) await remove(draft);
  }
}

const companions = ['-wal', '-shm', '-journal'];

/** Whether the file can be read as a whole. @throws DatabaseError when that cannot be told, as for a lock */
async function isSound(side: SideProcess, path: string, encryptionKey: string | undefined): Promise<boolean> {
  try {
    await verify(side, path, encryptionKey, 'recovery');
    return true;
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'integrity') return false;
    throw error;
  }
}

/** Copies `backup` beside `path` and returns the copy's name; undefined, and no copy, when it is not sound. */
async function draftOf(
  backup: string,
  path: string,
  side: SideProcess,
  encryptionKey: string | undefined,
): Promise<string | undefined> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.restore`);
  try {
    // What is verified is the copy that will be used.
    await copyFile(backup, draft, constants.COPYFILE_FICLONE);
    if ((await isSound(side, draft, encryptionKey)) && (await holdsTables(side, draft, encryptionKey))) {
      await flush(draft);
      return draft;
    }
  } catch (error) {
    await remove(draft);
    throw error;
  }
  await remove(draft);
  return undefined;
}

async function remove(draft: string): Promise<void> {
  for (const suffix of ['', ...companions]) await rm(draft + suffix, { force: true });
}

async function holdsTables(side: SideProcess, path: string, encryptionKey: string | undefined): Promise<boolean> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: true };
  const { rows } = await side.run({ settings, sql: 'SELECT count(*) FROM sqlite_schema', args: [] });
  return Number(rows[0]?.[0]) > 0;
}

/** The files that may be backups of `path`, newest first: those whose name begins with its name. */
async function candidates(path: string, folder: string): Promise<string[]> {
  const stem = basename(path, extname(path));
  const named = (name: string): boolean =>
    name.startsWith(stem) &&
    !/^[\p{L}\p{N}]/u.test(name.slice(stem.length)) &&
    !name.includes('.corrupt-') &&
    !companions.some((suffix) => name.endsWith(suffix));
  const found: { path: string; writtenMs: number }[] = [];
  for (const name of (await readdir(folder)).filter(named)) {
    const candidate = await realpath(join(folder, name));
    const stats = await stat(candidate);
    if (stats.isFile() && candidate !== path) found.push({ path: candidate, writtenMs: stats.mtimeMs });
  }
  return found.sort((a, b) => b.writtenMs - a.writtenMs).map((candidate) => candidate.path);
}

/** Moves the damaged file aside and the draft into its place; back again when that fails. */
async function exchange(path: string, draft: string, at: number): Promise<void> {
  const aside = await freeName(`${path}.corrupt-${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}`);
  const moved: string[] = [];
  try {
    for (const suffix of ['', ...companions]) {
      if (!(await exists(path + suffix))) continue;
      await rename(path + suffix, aside + suffix);
      moved.push(suffix);
    }
    await rename(draft, path);
  } catch (error) {
    for (const suffix of moved) await rename(aside + suffix, path + suffix);
    throw error;
  }
  await flushFolder(dirname(path));
}

async function freeName(name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!(await exists(candidate))) return candidate;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
