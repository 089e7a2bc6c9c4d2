// Which other processes have a file open for writing. Locks tell only of those that are in a transaction or in WAL mode; Linux
// also tells of the rest, as far as this user may look.
import type { Stats } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { isError } from '../errors/is-error.js';
import { DatabaseError } from '../errors.js';

/** A process. */
export interface Holder {
  readonly pid: number;
  /** Its command line. */
  readonly command: string;
}

/** Returns the processes, apart from this one and `besides`, that have `path` open for writing; none where nothing tells. */
export async function holdersOf(path: string, besides: readonly number[] = []): Promise<readonly Holder[]> {
  if (process.platform !== 'linux') return [];
  const file = await unlessGone(stat(path), null);
  if (file === null) return [];
  const pids = (await unlessGone(readdir('/proc'), [])).map(Number).filter((pid) => Number.isInteger(pid) && pid > 0);
  const holders: Holder[] = [];
  for (const pid of pids) {
    if (pid === process.pid || besides.includes(pid)) continue;
    if (await hasOpen(pid, { path, file })) holders.push({ pid, command: await commandOf(pid) });
  }
  return holders;
}

/** The error of a file that others have open. */
export function inUse(path: string, holders: readonly Holder[], operation: string, cause?: unknown): DatabaseError {
  const named = holders.map(({ pid, command }) => `${pid} (${command})`).join(', ');
  const who = holders.length === 0 ? 'Another process, or this one, has' : `Process ${named} has`;
  const find = process.platform === 'win32' ? 'the Resource Monitor' : `lsof ${path}`;
  return new DatabaseError(`${who} ${path} open`, {
    type: 'lock',
    code: 'DATABASE_IN_USE',
    operation,
    hint: holders.length === 0 ? `Stop it first: ${find} names it` : 'Stop it first',
    cause,
  });
}

/** By whatever name: another mount of its folder, as containers have it, or a hard link is the same file. */
async function hasOpen(pid: number, { path, file }: { readonly path: string; readonly file: Stats }): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const descriptor of await unlessGone(readdir(folder), [])) {
    const link = await unlessGone(readlink(`${folder}/${descriptor}`), '');
    // Sockets and pipes have no path.
    if (!link.startsWith('/')) continue;
    const info = await unlessGone(readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'), '');
    // Told since Linux 5.14. Asked of the file itself it would wait for a network disk that is away.
    const inode = /^ino:\s*(\d+)/m.exec(info)?.[1];
    if (link !== path && inode !== String(file.ino)) continue;
    const open = await unlessGone(stat(`${folder}/${descriptor}`), null);
    if (open !== null && (open.ino !== file.ino || open.dev !== file.dev)) continue;
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8);
    // O_WRONLY and O_RDWR.
    if ((flags & 3) !== 0) return true;
  }
  return false;
}

async function commandOf(pid: number): Promise<string> {
  const line = await unlessGone(readFile(`/proc/${pid}/cmdline`, 'utf8'), '');
  const text = line.replaceAll('\0', ' ').trim();
  return text.length > 80 ? `${text.slice(0, 79)}…` : text || 'unknown';
}

/** A process may end while it is looked at, and those of other users do not show their files. */
async function unlessGone<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isError(error) && 'code' in error && gone.has(String(error.code))) return otherwise;
    throw error;
  }
}

const gone = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR']);
