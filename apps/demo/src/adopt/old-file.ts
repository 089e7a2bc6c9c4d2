// The file of the previous program, read and never opened: what SQLite opens is a copy of it and of its log beside it, because
// opening alone makes files (`-shm`), and a log is only read by who may write.
import { constants, rmSync } from 'node:fs';
import { copyFile, lstat, mkdtemp, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from '../failure.js';
import { visible } from '../terminal.js';

/** The old database cannot be taken over; the message says what to do. */
export class NotAdoptable extends Refused {
  override readonly name = 'NotAdoptable';
}

/** A copy of an old database that nobody else has, gone when it is disposed. */
export interface OldCopy extends AsyncDisposable {
  readonly path: string;
}

/**
 * Copies the file and its log or journal into a folder of their own. A process that is told to end in the middle leaves no copy
 * either.
 *
 * @throws NotAdoptable when it is no database, or is being written
 */
export async function copyAside(given: string): Promise<OldCopy> {
  const path = await databaseAt(given);
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), 'candy-adopt-'));
  const atExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.on('exit', atExit);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', atExit);
  };
  try {
    const copy = join(folder, 'old.db');
    await copyUnchanged(path, copy);
    return { path: copy, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Takes away copies that were left by a process which was killed; another adoption may be under way, but for no day. */
async function removeAbandoned(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): string[] => []);
  for (const name of names.filter((each) => /^candy-adopt-[a-z0-9]{6}$/i.test(each))) {
    const folder = join(tmpdir(), name);
    const found = await lstat(folder).catch(() => null);
    const isOld = found?.isDirectory() === true && Date.now() - found.mtimeMs > 24 * 3_600_000;
    // Those of other users stay.
    if (isOld) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

const header = Buffer.from('SQLite format 3\0');

/** Where the file lies: its log lies beside the file that a link points to. */
async function databaseAt(given: string): Promise<string> {
  let path: string;
  try {
    path = await realpath(given);
    if (!(await stat(path)).isFile()) throw new NotAdoptable(`${visible(given)} is no file.`);
  } catch (cause) {
    if (cause instanceof NotAdoptable) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'There is no file' : 'Nothing can be read';
    throw new NotAdoptable(`${reason} at ${visible(given)}.`, { cause });
  }
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(header.length), 0, header.length, 0);
  if (bytesRead < header.length || !buffer.equals(header)) {
    throw new NotAdoptable(`${visible(given)} is no SQLite database.`);
  }
  return path;
}

/** What belongs to a database: a log or a journal holds what was committed, or what has to be undone. */
const parts = ['', '-wal', '-journal'];

/** A copy of a file that is written meanwhile would be of no moment: it is made again, a few times. */
async function copyUnchanged(path: string, copy: string): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const before = await stateOf(path);
    for (const part of parts) {
      await rm(copy + part, { force: true });
      if (before.has(part)) await copyFile(path + part, copy + part, constants.COPYFILE_FICLONE).catch(ifThere);
    }
    const after = await stateOf(path);
    if (parts.every((part) => before.get(part) === after.get(part))) return;
  }
  throw new NotAdoptable(`Another program is writing to ${visible(path)}: end it, and run the same command again.`);
}

async function stateOf(path: string): Promise<ReadonlyMap<string, string>> {
  const states = new Map<string, string>();
  for (const part of parts) {
    const found = await stat(path + part, { bigint: true }).catch(ifThere);
    if (found !== undefined) states.set(part, [found.ino, found.size, found.mtimeNs, found.ctimeNs].join());
  }
  return states;
}

function ifThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
