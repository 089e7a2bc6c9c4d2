// A file that is only read: whether it has to be, and how it is opened where SQLite cannot make what it keeps beside a file.
// https://sqlite.org/wal.html#read_only_databases
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isError } from '../../errors/is-error.js';
import { DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import { openNative } from '../../native-driver.js';
import type { Pragmas } from '../../pragma-values.js';
import { isLock } from './locking.js';
import { realPath } from './real-path.js';

/** Whether the file at `path` is there and cannot be written, it or its folder. */
export function cannotBeWritten(path: string): boolean {
  if (!statOf(path)) return false;
  const real = realPath(path);
  return refuses(real) || (refuses(dirname(real)) && !statOf(`${real}-wal`));
}

/** The pragmas of a connection that only reads: the others would write to the file. */
export function readingPragmas(pragmas: Pragmas): Pragmas {
  return Object.fromEntries(Object.entries(pragmas).filter(([name]) => !writing.has(name)));
}

const writing = new Set([
  ...['journal_mode', 'journal_size_limit', 'synchronous'],
  ...['page_size', 'auto_vacuum', 'user_version', 'application_id'],
]);

/** How a file is opened to be read. */
export class ReadOnlyFile {
  readonly #path: string;
  /** The file behind links, beside which its log lies. */
  #real = '';
  readonly #encryptionKey: string | undefined;
  /** What the file was when it was found to have no log; null when it is read under locks as usual. */
  #still: Stats | null = null;
  #address = '';

  /** @throws DatabaseError `connection` when there is no such file; it is never made */
  constructor(path: string, encryptionKey: string | undefined) {
    this.#path = path;
    this.#encryptionKey = encryptionKey;
    this.choose();
  }

  /** What connections are opened with. */
  get address(): string {
    return this.#address;
  }

  /** Whether somebody has the file open by now, or has written to it, who was not seen when it was opened. */
  get changed(): boolean {
    const then = this.#still;
    if (!then) return false;
    const now = statOf(this.#path);
    const same = now?.ino === then.ino && now.size === then.size && now.mtimeMs === then.mtimeMs;
    return !same || hasLog(this.#real);
  }

  /** Decides anew how the file is opened. */
  choose(): void {
    this.#real = realPath(this.#path);
    const uri = `${pathToFileURL(this.#real).href}?mode=ro`;
    this.#still = null;
    this.#address = uri;
    const still = statOf(this.#path);
    if (!still?.isFile()) throw missing(this.#path);
    try {
      this.#tryOut(uri);
    } catch (error) {
      if (isLock(error)) return;
      if (!isDatabaseError(error) || (error.type !== 'readonly' && error.type !== 'connection')) throw error;
      // A log needs an index beside it, which cannot be made here.
      if (hasLog(this.#real)) throw needsItsLog(this.#real, error);
      this.#tryOut(`${uri}&immutable=1`);
      this.#address = `${uri}&immutable=1`;
      this.#still = still;
    }
  }

  /**
   * A connection that only reads makes an empty log and its index, and may not remove them; the last one that may write does,
   * and SQLite knows which one that is. Whether there is none: somebody may still have the file open.
   */
  leaveNothing(): boolean {
    const log = `${this.#real}-wal`;
    if (statOf(log)?.size !== 0) return true;
    try {
      this.#readOnce(`${pathToFileURL(this.#real).href}?mode=rw`);
    } catch {
      // It is in use, or cannot be written.
    }
    return statOf(log) === undefined;
  }

  #tryOut(address: string): void {
    try {
      this.#readOnce(address);
    } catch (error) {
      throw toDatabaseError(error, `open ${this.#path}`);
    }
  }

  #readOnce(address: string): void {
    const key = this.#encryptionKey;
    const native = openNative(address, key === undefined ? {} : { encryptionKey: key });
    try {
      native.exec('SELECT 1 FROM sqlite_schema LIMIT 1');
    } finally {
      native.close();
    }
  }
}

function refuses(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return isError(error) && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code));
  }
}

function hasLog(path: string): boolean {
  return (statOf(`${path}-wal`)?.size ?? 0) > 0;
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function missing(path: string): DatabaseError {
  return new DatabaseError(statOf(path) ? `${path} is no file` : `There is no file ${path}`, {
    type: 'connection',
    code: 'SQLITE_CANTOPEN',
    operation: `open ${path}`,
    hint: 'Check the path; a database that is only read is never made',
  });
}

function needsItsLog(path: string, cause: unknown): DatabaseError {
  return new DatabaseError(
    `The last writes to ${path} lie in its log, which can only be read where files can be made`,
    {
      type: 'readonly',
      code: 'SQLITE_READONLY_DIRECTORY',
      operation: `open ${path}`,
      hint: `Open and close it once where it can be written, or copy it with ${path}-wal to such a place`,
      cause,
    },
  );
}
