// How every backup becomes a file: written under a temporary name beside the destination, verified, flushed, renamed.
// backup.ts and server-backup.ts fill it.

import { createHash, randomBytes } from 'node:crypto';
import { close, createReadStream, fsync, open } from 'node:fs';
import { chmod, link, lstat, open as openHandle, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { clearInterval, setInterval } from 'node:timers';
import { promisify } from 'node:util';
import { isError } from '../errors/is-error.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import { type SideProcess, startSideProcess } from '../side-process/side-process.js';
import type { BackupInfo, BackupOptions } from '../types.js';
import { onAbort } from '../waiting/aborts.js';
import { abortedError } from '../waiting/fifo-lock.js';
import { removeAbandonedDrafts } from './abandoned-drafts.js';

/** Of every kind of backup. */
export interface NewBackup extends BackupOptions {
  /** Path of the new file. A file that exists is never overwritten. */
  readonly destination: string;
}

/** A file in the making. */
export interface Draft {
  /** Where to write. Nothing is there yet. */
  readonly path: string;
  /** Runs statements away from the event loop; ended with the backup. */
  readonly side: SideProcess;
  /** Says how big it will be and starts the progress reports. */
  readonly expect: (bytesTotal: number) => void;
}

/**
 * Creates `options.destination` with what `fill` writes, verified, or leaves nothing behind.
 *
 * @throws DatabaseError `aborted` (`BACKUP_EXISTS`, `ABORTED`), `integrity` (`BACKUP_DAMAGED`), or what `fill` throws
 */
export async function createBackupFile(
  options: NewBackup & { readonly encryptionKey?: string | undefined },
  fill: (draft: Draft) => Promise<void>,
): Promise<BackupInfo> {
  const { destination, encryptionKey, checksum, onProgress, signal } = options;
  const started = performance.now();
  const path = resolve(destination);
  const operation = `backup to ${path}`;
  if (signal?.aborted) throw abortedError({ signal, operation });
  await refuseExisting(path, operation);
  await refuseMissingFolder(dirname(path), operation);
  await removeAbandonedDrafts(dirname(path));
  // Shorter than the name where that leaves no room for more.
  const name = `.${basename(path).slice(0, 60)}.${randomBytes(6).toString('hex')}.partial`;
  const temporary = join(dirname(path), name);
  const side = startSideProcess();
  const growth = new Growth(temporary, onProgress);
  const make = async (): Promise<Pick<BackupInfo, 'bytes' | 'pages' | 'brokenRules' | 'sha256'>> => {
    await fill({ path: temporary, side, expect: (bytesTotal) => growth.expect(bytesTotal) });
    const sound = await verify(side, temporary, encryptionKey, operation);
    await side.kill();
    await flush(temporary);
    const { size: bytes } = await stat(temporary);
    return { bytes, ...sound, ...(checksum && { sha256: await sha256Of(temporary) }) };
  };
  try {
    const made = await orAborted(make(), signal, operation);
    // From here on nothing is given up: the file would be there, and nobody told.
    await publish(temporary, path, operation);
    growth.end(made.bytes);
    return { path, ...made, durationMs: performance.now() - started, verified: true };
  } catch (error) {
    throw error instanceof TypeError ? error : toDatabaseError(error, operation);
  } finally {
    growth.stop();
    await side.kill();
    // What cannot be looked at was not made here, and no reason to hide what went wrong.
    for (const suffix of ['', '-journal', '-wal', '-shm'])
      await rm(temporary + suffix, { force: true }).catch(() => undefined);
  }
}

/** Reads every page of a database file. @throws DatabaseError `integrity` for one that is damaged or holds nothing */
export async function verify(
  side: SideProcess,
  path: string,
  encryptionKey: string | undefined,
  operation: string,
): Promise<Pick<BackupInfo, 'pages' | 'brokenRules'>> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: true };
  const askAll = async (sql: string): Promise<readonly unknown[]> =>
    (await side.run({ settings, sql, args: [] })).rows.map(([first]) => first);
  const pages = Number((await askAll('PRAGMA page_count'))[0]);
  const lines = pages > 0 ? (await askAll(integrity)).map(String) : ['it is empty'];
  const damage = lines.find((line) => line !== 'ok' && !notLookedAt.test(line) && !ofRows.test(line));
  if (damage === undefined) return { pages, brokenRules: await brokenBy(lines, askAll) };
  throw new DatabaseError(`The copy is damaged: ${damage}`, {
    type: 'integrity',
    code: 'BACKUP_DAMAGED',
    operation,
    hint: 'Check the database itself with PRAGMA integrity_check; the damage may be there',
  });
}

/** Every kind of damage once: a message comes for each row, and a million of the same must not hide another. */
const integrity = 'SELECT DISTINCT integrity_check FROM pragma_integrity_check(2147483647)';

/** Rows that break a rule of their table, which may have come later than they: of the database, and no damage of the file. */
const ofRows = /^(?:NULL value in|CHECK constraint failed in|(?:NUMERIC|TEXT|non-\w+) value in) /;

/**
 * Those of `lines` that tell of rows, and are true. SQLite 3.42 to 3.46 takes values for NULL that ALTER TABLE … ADD COLUMN … REAL
 * NOT NULL DEFAULT 0.5 put into rows that were there before; typeof() looks at the value itself.
 */
async function brokenBy(
  lines: readonly string[],
  ask: (sql: string) => Promise<readonly unknown[]>,
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const line of lines) {
    if (!ofRows.test(line)) continue;
    const [, table, column] = /^NULL value in (.+)\.([^.]+)$/s.exec(line) ?? [];
    const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    // A column without a match would read as a string, and typeof() of it as text: the name comes from SQLite itself.
    const isNull = (of: string, value: string): string =>
      `SELECT EXISTS (SELECT 1 FROM ${name(of)} WHERE typeof(${name(value)}) = 'null')`;
    const isTrue = table === undefined || column === undefined || Number((await ask(isNull(table, column)))[0]) !== 0;
    if (isTrue) broken.push(line);
  }
  return broken;
}

/** FTS3 and FTS4 have nothing to compare with where no rows are kept (content=''), or the table with the rows is gone. */
const notLookedAt = /^unable to validate the inverted index for FTS\d table .+: SQL logic error$/s;

/** Waits for `work`, but not longer than until `signal` aborts. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined, operation: string): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((settle, fail) => {
    const abort = (): void => fail(abortedError({ signal, operation }));
    const forget = onAbort(signal, abort);
    if (signal.aborted) abort();
    work.then(settle, fail).finally(forget);
  });
}

/** Makes the data of a file that no connection has open survive a loss of power. */
export async function flush(path: string): Promise<void> {
  await flushAs('r+', path);
}

/** Gives a copy its mode. A disk that keeps none, such as a memory stick, shares all its files alike. */
export async function setMode(path: string, mode: number): Promise<void> {
  try {
    await chmod(path, mode);
  } catch (error) {
    // Whoever has made a file may set its mode, where there are modes.
    if (!isCode(error, 'EPERM')) throw error;
  }
}

/**
 * By descriptor: the file handles that Yarn's Plug'n'Play gives a program cannot be flushed. Node's permission model denies
 * every fsync by descriptor, also to who may write the file, and allows it by handle.
 */
async function flushAs(flags: 'r' | 'r+', path: string): Promise<void> {
  const descriptor = await promisify(open)(path, flags);
  try {
    await promisify(fsync)(descriptor);
  } catch (error) {
    if (!isCode(error, 'ERR_ACCESS_DENIED')) throw error;
    await flushHandle(flags, path);
  } finally {
    await promisify(close)(descriptor);
  }
}

async function flushHandle(flags: 'r' | 'r+', path: string): Promise<void> {
  const handle = await openHandle(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Reports the size of a growing file. */
class Growth {
  readonly #path: string;
  readonly #listener: BackupOptions['onProgress'];
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, listener: BackupOptions['onProgress']) {
    this.#path = path;
    this.#listener = listener;
  }

  expect(bytesTotal: number): void {
    if (!this.#listener || this.#timer) return;
    this.#tell(0, bytesTotal);
    this.#timer = setInterval(() => {
      const tell = ({ size }: { size: number }): void =>
        this.#timer && this.#tell(Math.min(size, bytesTotal), bytesTotal);
      // It may not be there yet.
      stat(this.#path).then(tell, () => undefined);
    }, 100);
  }

  end(bytes: number): void {
    this.stop();
    this.#tell(bytes, bytes);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tell(bytesDone: number, bytesTotal: number): void {
    try {
      this.#listener?.({ bytesDone, bytesTotal });
    } catch {
      // A broken observer must never break the backup it observes (promise 8).
    }
  }
}

async function refuseExisting(path: string, operation: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (isCode(error, 'ENAMETOOLONG')) throw tooLongError(operation, error);
    return undefined;
  });
  if (found) throw existsError(path, operation);
}

/** What SQLite says of it names a path that nobody gave. */
async function refuseMissingFolder(folder: string, operation: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined;
    throw toDatabaseError(error, operation);
  });
  if (found?.isDirectory()) return;
  throw new DatabaseError(found ? `${folder} is no folder` : `The folder ${folder} does not exist`, {
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    operation,
    hint: 'Make the folder first: a backup makes the file only',
  });
}

/** Gives the finished file its name, unless another one has taken it meanwhile. */
async function publish(temporary: string, path: string, operation: string): Promise<void> {
  try {
    // Unlike rename, link never replaces a file.
    await link(temporary, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw existsError(path, operation);
    // Some file systems have no links.
    await refuseExisting(path, operation);
    await rename(temporary, path);
  }
  await flushFolder(dirname(path));
}

/** Makes new names in a folder survive a loss of power, where the system can. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows has no handles of folders to flush.
  if (process.platform === 'win32') return;
  await flushAs('r', folder);
}

function isCode(error: unknown, code: string): boolean {
  return isError(error) && 'code' in error && error.code === code;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function tooLongError(operation: string, cause: unknown): DatabaseError {
  return new DatabaseError('The name of the backup is longer than its file system takes', {
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    operation,
    hint: 'Choose a shorter name',
    cause,
  });
}

function existsError(path: string, operation: string): DatabaseError {
  return new DatabaseError(`${path} exists already`, {
    type: 'aborted',
    code: 'BACKUP_EXISTS',
    operation,
    hint: 'Choose a new name; a backup never overwrites a file',
  });
}
