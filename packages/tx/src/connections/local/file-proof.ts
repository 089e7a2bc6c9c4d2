// What a database file and the logs beside it look like from outside, as a text that no write leaves as it is. Only asked of
// the file system: whoever opens and closes the file itself would take away the locks that SQLite holds on it
// (https://sqlite.org/howtocorrupt.html, "Posix advisory locks canceled").
import { type BigIntStats, readFileSync, statSync } from 'node:fs';
import { uptime } from 'node:os';

/**
 * How old the last write has to be: file systems take the time from a clock that moves every 1 to 16 ms, so that a write in
 * the same tick would look like the one before (git calls such a file racily clean).
 */
export const youngMs = 30;
/** Of those that keep whole seconds only, or two of them. */
const youngOnCoarseMs = 2_500;

/** A look at the files of a database. */
export interface FileLook {
  readonly text: string;
  /** How long to wait until another look would be a proof; 0 when this one is. */
  readonly waitMs: number;
}

/** Looks at the file at `path`, its write-ahead log and its rollback journal; undefined when it is not there. */
export function lookAtFiles(path: string, now: number = Date.now()): FileLook | undefined {
  const database = statOf(path);
  if (!database) return undefined;
  // Empty, a log says as little as none; a journal that goes away is a commit.
  const beside = ['-wal', '-journal'].map((name) => statOf(path + name)).map((file) => (file?.size ? file : undefined));
  // The time of the last change of the inode is nobody's to set: a file that was copied or touched has another. Not so those
  // beside it, whose owner SQLite sets whenever it opens them.
  const times = [database.mtimeNs, database.ctimeNs, ...beside.map((file) => file?.mtimeNs ?? 0n)];
  return {
    text: `2 ${machineStart()} ${[`${factsOf(database)}:${database.ctimeNs}`, ...beside.map((file) => (file ? factsOf(file) : '-'))].join(' ')}`,
    waitMs: Math.max(...times.map((time) => waitFor(time, now))),
  };
}

/**
 * Tells this start of the machine from all others. Across a loss of power the times of a file prove nothing: a commit is
 * flushed by fdatasync, which leaves them out, so that they may be of before it; and they may be of after one that was lost.
 */
function machineStart(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Only Linux has it. Ten seconds are more than these two clocks part by, and less than lies between two starts.
    return String(Math.round((Date.now() / 1_000 - uptime()) / 10));
  }
}

function factsOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino}:${size}:${mtimeNs}`;
}

function waitFor(time: bigint, now: number): number {
  const isCoarse = time % 1_000_000_000n === 0n;
  const age = now - Number(time / 1_000_000n);
  return Math.max(0, (isCoarse ? youngOnCoarseMs : youngMs) - age);
}

function statOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}
