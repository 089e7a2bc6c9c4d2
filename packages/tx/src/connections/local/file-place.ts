// Whether the file that is open still lies at its path. SQLite with a write-ahead log goes on writing to one that was moved,
// deleted or replaced, and what it acknowledges is gone with it (https://sqlite.org/howtocorrupt.html, "unlinking").
import { type Stats, statSync } from 'node:fs';
import { DatabaseError } from '../../errors.js';

/** A look costs a few microseconds, as much as a tenth of a small commit: under load not each write has one. */
const lookMs = 20;

/** The place of a file that was opened a moment ago. */
export class FilePlace {
  readonly #path: string;
  readonly #file: Stats | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
    this.#file = statSync(path, { throwIfNoEntry: false });
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) at the latest `lookMs` after another file, or none, is there */
  assertUnmovedLately(operation: string): void {
    const now = performance.now();
    if (now - this.#lookedAt < lookMs) return;
    this.assertUnmoved(operation);
    this.#lookedAt = now;
  }

  get isUnmoved(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    return now?.ino === this.#file?.ino && now?.dev === this.#file?.dev;
  }

  /** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) when another file, or none, is there */
  assertUnmoved(operation: string): void {
    if (this.isUnmoved) return;
    throw new DatabaseError(`${this.#path} was moved, deleted or replaced while it was open`, {
      type: 'readonly',
      code: 'SQLITE_READONLY_DBMOVED',
      operation,
      hint: 'What is written now would be lost with the old file. Close, put the right file there and open it anew',
    });
  }
}
