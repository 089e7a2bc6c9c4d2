// Puts a copy of a database into its place while nobody has the database open, and keeps the present one beside it. Nothing is
// moved before the copy that will be used has been verified and the whole file is ours.
import { access, constants, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { flush, setMode, verify } from '../backup/backup-file.js';
import { checkEncryptionKey, checkFunction, checkPath } from '../call-arguments.js';
import { closedFiles } from '../connections/local/closed-files.js';
import { refuseMountedAlone } from '../connections/local/mounted-file.js';
import { refuseReplicaCopy } from '../connections/local/replica-copy.js';
import { asyncDispose } from '../dispose.js';
import { isError } from '../errors/is-error.js';
import { DatabaseError, isDatabaseError, toDatabaseError } from '../errors.js';
import { refuseUnknownOptions } from '../known-options.js';
import { type SideProcess, startSideProcess } from '../side-process/side-process.js';
import { holdersOf, inUse } from './open-elsewhere.js';
import {
  asideName,
  copyBeside,
  exchange,
  exchangeAtOnce,
  exists,
  hasLog,
  removeCompanions,
  shareAs,
} from './replace-file.js';

/** Runs one query on the copy; rows are arrays in the order of the columns. */
export type CopyQuery = (
  sql: string,
) => Promise<{ readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] }>;

/** Options of `restoreFile`. */
export interface RestoreFileOptions {
  /** Path of the database. It may be damaged or missing. */
  readonly database: string;
  /** Path of the copy; it stays as it is. */
  readonly backup: string;
  /** Of both. */
  readonly encryptionKey?: string | undefined;
  /** Looks into the verified copy that will become the database. What it throws ends the restore with nothing changed. */
  readonly inspect?: ((query: CopyQuery) => Promise<void>) | undefined;
  /** Epoch ms, for the name of the file that is kept. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A finished restore. */
export interface RestoredFile {
  /** Absolute path of the database. */
  readonly database: string;
  readonly bytes: number;
  /** Where the database from before is now; null when there was none. */
  readonly kept: string | null;
}

const operation = 'restore';

/**
 * Replaces the file `database` by a copy of `backup`, in one step and durably. The file from before is kept under its name
 * with `.before-restore-` and the time. Close what has the database open in this process, too.
 *
 * @throws DatabaseError `lock` (`DATABASE_IN_USE`: another process has the database open), `integrity` (`BACKUP_DAMAGED`,
 * `SQLITE_NOTADB`), `readonly` (`REPLICA_COPY`: its server has the data), `connection` when the backup cannot be read, `aborted`
 * (`BACKUP_IN_USE`), or what `inspect` throws
 */
export async function restoreFile(options: RestoreFileOptions): Promise<RestoredFile> {
  refuseUnknownOptions('restoreFile', options, ['database', 'backup', 'encryptionKey', 'inspect', 'now']);
  const { encryptionKey, inspect, now = Date.now } = options;
  checkPath('restoreFile: database', options.database);
  checkPath('restoreFile: backup', options.backup);
  checkEncryptionKey(encryptionKey);
  checkFunction('restoreFile: now', now);
  if (inspect !== undefined) checkFunction('restoreFile: inspect', inspect);
  const backup = await told(realpath(options.backup));
  const { path, isThere } = await told(placeOf(options.database));
  refuseMountedAlone(path, operation);
  refuseReplicaCopy(path, operation);
  if (isThere) await told(refuseUnwritable(path));
  await told(refuseLive(backup, path));
  await using copy = await told(copyBeside(backup, path));
  const draft = copy.path;
  await using side = ended(startSideProcess());
  await verify(side, draft, encryptionKey, operation);
  const settings = { path: draft, encryptionKey, pragmas: {}, readOnly: true };
  await inspect?.((sql) => side.run({ settings, sql, args: [] }));
  await side.kill();
  return await told(takePlace({ path: draft, backup, isThere }, path, { encryptionKey, now }));
}

/** Puts the verified draft into the place of the database. */
async function takePlace(
  draft: { readonly path: string; readonly backup: string; readonly isThere: boolean },
  path: string,
  how: { readonly encryptionKey: string | undefined; readonly now: () => number },
): Promise<RestoredFile> {
  await removeCompanions(draft.path);
  await flush(draft.path);
  // Behind it: a file that nobody may write cannot be opened for that.
  if (draft.isThere) await shareAs(path, draft.path);
  else await setMode(draft.path, ((await stat(draft.backup)).mode & 0o777) | 0o600);
  const { size: bytes } = await stat(draft.path);
  return { database: path, bytes, kept: await replace(path, draft.path, how) };
}

/** What the file system refuses is told as all else is. What `inspect` throws is its own. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toDatabaseError(error, operation);
  }
}

/** Nobody can be kept from a file that cannot be locked. */
async function refuseUnwritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK);
  } catch (cause) {
    throw new DatabaseError(`${path} may not be written`, {
      type: 'readonly',
      code: 'SQLITE_READONLY',
      operation,
      hint: 'Restore it as the user who may write the file and its folder, or give this one the right to',
      cause,
    });
  }
}

/** Where the database is, or belongs: also behind a link whose file is gone. */
async function placeOf(path: string): Promise<{ readonly path: string; readonly isThere: boolean }> {
  try {
    return { path: await realpath(path), isThere: true };
  } catch (error) {
    if (!isError(error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    if (!(await exists(path))) return { path: resolve(path), isThere: false };
    return placeOf(resolve(dirname(path), await readlink(path)));
  }
}

/** A copy that somebody works on is not one. */
async function refuseLive(backup: string, path: string): Promise<void> {
  const isItself = backup === path;
  if (!isItself && !(await hasLog(backup))) return;
  throw new DatabaseError(isItself ? `${path} is the database itself` : `${backup} is in use: a log lies beside it`, {
    type: 'aborted',
    code: 'BACKUP_IN_USE',
    operation,
    hint: 'Name a finished copy, as backup() makes it',
  });
}

/** Returns where the file from before is. */
async function replace(
  path: string,
  draft: string,
  { encryptionKey, now }: { readonly encryptionKey: string | undefined; readonly now: () => number },
): Promise<string | null> {
  const kept = await asideName(path, 'before-restore', now());
  if (!(await exists(path))) {
    // A log without its file may be all that is left of something: it is kept too.
    await exchange(path, draft, kept);
    return null;
  }
  // What this process has closed stays open until it is collected, and would be in the way.
  await closedFiles.releaseAll();
  await using holder = ended(startSideProcess());
  const state = await takeWhole(holder, path, encryptionKey);
  const others = await othersWith(path, holder);
  if (others.length > 0) throw inUse(path, others, operation);
  if (state === 'damaged') {
    await holder.kill();
    await exchange(path, draft, kept);
    return kept;
  }
  // Its log is in the file now; one of another file beside the new one would be played into it.
  await removeCompanions(path);
  // Windows moves no file that is open.
  if (process.platform === 'win32') await holder.kill();
  await exchangeAtOnce(path, draft, kept);
  return kept;
}

/**
 * Makes the file the holder's alone and writes its log into it. A file that is no database any more has no locks.
 *
 * @throws DatabaseError `DATABASE_IN_USE`
 */
async function takeWhole(
  holder: SideProcess,
  path: string,
  encryptionKey: string | undefined,
): Promise<'taken' | 'damaged'> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: false };
  const ask = async (sql: string): Promise<unknown> => (await holder.run({ settings, sql, args: [] })).rows[0]?.[0];
  try {
    await ask('PRAGMA locking_mode = EXCLUSIVE');
    // Leaving WAL mode needs every other connection gone, idle ones included.
    const mode = await ask('PRAGMA journal_mode = DELETE');
    if (mode !== 'delete' && mode !== 'memory' && mode !== 'off')
      throw inUse(path, await othersWith(path, holder), operation);
    await ask('BEGIN EXCLUSIVE');
    return 'taken';
  } catch (error) {
    if (!isDatabaseError(error)) throw error;
    if (error.type === 'integrity') return 'damaged';
    if (error.type !== 'lock' || error.code === 'DATABASE_IN_USE') throw error;
    throw inUse(path, await othersWith(path, holder), operation, error);
  }
}

function othersWith(path: string, { pid }: SideProcess): ReturnType<typeof holdersOf> {
  return holdersOf(path, pid === undefined ? [] : [pid]);
}

function ended(side: SideProcess): SideProcess & AsyncDisposable {
  return Object.assign(side, { [asyncDispose]: () => side.kill() });
}
