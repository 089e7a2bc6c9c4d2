// Whether the file that is open still lies at its path. SQLite with a write-ahead log goes on writing to one that was moved,
// deleted or replaced, and what it acknowledges is gone with it (https://sqlite.org/howtocorrupt.html, "unlinking").
// The same goes for the log beside it, which only Linux can tell from one that SQLite itself has put away.

import { type Stats, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { DatabaseError, toDatabaseError } from '../../errors.js';
import { hasDescriptorOf } from './closed-files.js';
import { realPath } from './real-path.js';

/** A look costs a few microseconds, as much as a tenth of a small commit: under load not each write has one. */
const lookMs = 20;

/** The place of a file that was opened a moment ago. */
export class FilePlace {
  /** The file behind links, beside which its log lies. */
  readonly real: string;
  readonly #path: string;
  readonly #file: Stats | undefined;
  /** As it was at the last look; undefined without one. */
  #log: Stats | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
    this.real = realPath(path);
    this.#file = statOf(path);
    this.#log = statOf(`${this.real}-wal`);
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) at the latest `lookMs` after another file, or none, is there */
  assertUnmovedLately(operation: string): void {
    const now = performance.now();
    if (now - this.#lookedAt < lookMs) return;
    this.assertUnmoved(operation);
    this.#lookedAt = now;
  }

  /** Whether the file still lies there, with the log that belongs to it. */
  get isUnmoved(): boolean {
    return this.#isFileThere() && this.#isLogThere();
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) when another file, or none, is there, or its log is gone */
  assertUnmoved(operation: string): void {
    if (!this.#isFileThere()) {
      const hint =
        'What is written now would be lost with the old file. Close, put the right file there and open it anew';
      throw movedError(`${this.#path} was moved, deleted or replaced while it was open`, operation, hint);
    }
    if (this.#isLogThere()) return;
    const hint =
      'What is written now is in no file that others see. Close: what was committed is folded into the file then, if no other process has opened it meanwhile; then look at PRAGMA integrity_check';
    throw movedError(`${this.real}-wal was deleted or replaced while it was open`, operation, hint);
  }

  #isFileThere(): boolean {
    return isSame(statOf(this.#path), this.#file);
  }

  /** Another log is there also after SQLite itself has put one away and begun anew: then nobody holds the one from before. */
  #isLogThere(): boolean {
    const log = statOf(`${this.real}-wal`);
    if (this.#log && !isSame(log, this.#log) && holdsDeleted(`${this.real}-wal`)) return false;
    this.#log = log;
    return true;
  }
}

/** @throws DatabaseError when nobody can tell whether there is one */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw toDatabaseError(error, `look at ${path}`);
  }
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a?.ino === b?.ino && a?.dev === b?.dev;
}

function movedError(reason: string, operation: string, hint: string): DatabaseError {
  return new DatabaseError(reason, { type: 'readonly', code: 'SQLITE_READONLY_DBMOVED', operation, hint });
}

/** Whether this process has a file of this path open that was deleted: the last connection that closes deletes no open one. */
const holdsDeleted = (path: string): boolean => hasDescriptorOf(`${path} (deleted)`);
