// Which processes hold locks on a database file. Only Linux tells, in /proc/locks; elsewhere nobody is named.
import { readFileSync, statSync } from 'node:fs';
import type { LockHolder } from '../contract/run.js';

/** Returns the processes besides this one that keep others from writing to the database at `path`; none where nothing tells. */
export function lockHolders(path: string): readonly LockHolder[] {
  const text = readIfAny('/proc/locks');
  // In WAL mode the writer's lock is byte 120 of the index beside the file; else locks are on the file.
  const index = inodeOf(`${path}-shm`);
  const file = inodeOf(path);
  const pids = text.split('\n').flatMap((line) => {
    const [, kind, , access, pid, place, first, last] = line.trim().split(/\s+/);
    if (kind !== 'POSIX' && kind !== 'OFDLCK') return [];
    const inode = Number(place?.split(':').at(-1));
    const isWriter =
      inode === index && Number(first) <= writerByte && Number(last === 'EOF' ? Infinity : last) >= writerByte;
    const isExclusive = inode === file && access === 'WRITE';
    return (isWriter && access === 'WRITE') || isExclusive ? [Number(pid)] : [];
  });
  return [...new Set(pids)]
    .filter((pid) => pid > 0 && pid !== process.pid)
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** The holders as the subject of a sentence. */
export function describeHolders(holders: readonly LockHolder[]): string {
  if (holders.length === 0) return 'another process';
  return holders.map(({ pid, command }) => `process ${pid} (${command})`).join(' and ');
}

const writerByte = 120;

function inodeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? Number.NaN;
}

function commandOf(pid: number): string {
  const text = readIfAny(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return text.length > 80 ? `${text.slice(0, 79)}…` : text || 'unknown';
}

/** A process may end while it is looked at, and other systems have no /proc. */
function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
