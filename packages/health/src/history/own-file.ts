// Whether a path is that of the database that is watched: the history would be made among its tables.
import { type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseFileOf } from '@cc/tx/side-program';
import type { HealthSource } from '../source.js';

/** Refuses the file of `source`, and what SQLite keeps beside it, by whatever name. @throws TypeError that says so */
export function refuseWatchedFile(path: string, source: HealthSource): void {
  const watched = fileOf(source);
  if (watched === null) return;
  for (const end of ['', '-wal', '-shm', '-journal']) {
    if (!isSame(path, watched + end)) continue;
    throw new TypeError(`history: path is the database that is watched (${path}); give the history a file of its own`);
  }
}

function isSame(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const [one, other] = [statOf(a), statOf(b)];
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // What cannot be looked at cannot be opened either; whoever opens it says why.
    return undefined;
  }
}

/** Null for what has no file, and where it cannot be told: a manager that is closed, a file that is gone. */
function fileOf(source: HealthSource): string | null {
  try {
    const path = databaseFileOf(source)?.path ?? null;
    // The driver opens it by an address.
    return path?.startsWith('file:') ? fileURLToPath(new URL(path)) : path;
  } catch {
    return null;
  }
}
