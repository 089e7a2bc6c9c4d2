// Replaces a damaged database file by its newest sound backup. The damaged one is moved aside, never deleted, and
// nothing is moved before the damage is confirmed and a copy of a backup has been verified.
import { existsSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { flush, verify } from '../backup/backup-file.js';
import { asyncDispose } from '../dispose.js';
import { isDatabaseError } from '../errors.js';
import { type SideProcess, startSideProcess } from '../side-process/side-process.js';
import type { Schema } from '../types.js';
import { answers, type RepairContext } from './repairs.js';
import { asideName, copyBeside, type Draft, exchange, shareAs } from './replace-file.js';

/** Restores the newest sound backup. False, and nothing touched, when there is none. */
export async function restoreBackup<S extends Schema>(
  context: RepairContext<S>,
  backups: string,
  now: () => number,
): Promise<boolean> {
  const { inside, timeoutMs, transactions } = context;
  const { target } = inside;
  const encryptionKey = inside.encryptionKey();
  if (target.kind !== 'local') return false;
  const path = await realpath(target.path);
  const found = inodeOf(path);
  const side = startSideProcess();
  let draft: Draft | undefined;
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
    // When the file is sound, it was a connection that had lost track; or it has been restored before.
    const replace = async (): Promise<void> => {
      const aside = await asideName(path, 'corrupt', now());
      // Another handler may have restored it meanwhile: what was written since then is in the file that is there now.
      if (draft && inodeOf(path) === found) await exchange(path, draft.path, aside);
    };
    await inside.exclusively(replace, { closed: true, timeoutMs });
    return await answers(transactions);
  } finally {
    await side.kill();
    await draft?.[asyncDispose]();
  }
}

function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino;
}

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

/** Copies `backup` beside `path` and returns the copy; undefined, and no copy, when it is not sound. */
async function draftOf(
  backup: string,
  path: string,
  side: SideProcess,
  encryptionKey: string | undefined,
): Promise<Draft | undefined> {
  // What is verified is the copy that will be used.
  const draft = await copyBeside(backup, path);
  try {
    if ((await isSound(side, draft.path, encryptionKey)) && (await holdsTables(side, draft.path, encryptionKey))) {
      await flush(draft.path);
      await shareAs(path, draft.path);
      return draft;
    }
  } catch (error) {
    await draft[asyncDispose]();
    throw error;
  }
  await draft[asyncDispose]();
  return undefined;
}

async function holdsTables(side: SideProcess, path: string, encryptionKey: string | undefined): Promise<boolean> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: true };
  const { rows } = await side.run({ settings, sql: 'SELECT count(*) FROM sqlite_schema', args: [] });
  return Number(rows[0]?.[0]) > 0;
}

/** The files that may be backups of `path`, newest first: those whose name begins with its name, and that nothing has put aside. */
async function candidates(path: string, folder: string): Promise<string[]> {
  const stem = basename(path, extname(path));
  const named = (name: string): boolean =>
    name.startsWith(stem) &&
    !/^[\p{L}\p{N}]/u.test(name.slice(stem.length)) &&
    !/\.(?:corrupt|before-restore)-/.test(name) &&
    !/-(wal|shm|journal)$/.test(name) &&
    // A link may lead to one that is gone.
    existsSync(join(folder, name));
  const found: { path: string; writtenMs: number }[] = [];
  for (const name of (await readdir(folder)).filter(named)) {
    const candidate = await realpath(join(folder, name));
    const stats = await stat(candidate);
    if (stats.isFile() && candidate !== path) found.push({ path: candidate, writtenMs: stats.mtimeMs });
  }
  return found.sort((a, b) => b.writtenMs - a.writtenMs).map((candidate) => candidate.path);
}
