// The folder that a copy of a database is made in: below that for temporary files, and gone afterwards.
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseError, isDatabaseError, isError } from '@cc/tx/errors';
import { asyncDispose } from '../dispose.js';

const prefix = 'cc-verify-';
const dayMs = 24 * 3_600_000;

/** A folder that is gone afterwards, also when the process is told to end meanwhile. @throws DatabaseError `connection` */
export function makePlace(): AsyncDisposable & { readonly folder: string } {
  removeAbandoned();
  const folder = makeFolder();
  if (places.size === 0) process.once('exit', removePlaces);
  places.add(folder);
  return {
    folder,
    async [asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      places.delete(folder);
      if (places.size === 0) process.off('exit', removePlaces);
    },
  };
}

/** Of a failure for want of room, where the room is wanting: the database may lie on another disk. */
export function inPlace(error: unknown): unknown {
  if (!isDatabaseError(error) || error.type !== 'full') return error;
  return new DatabaseError(`The copy of the database has no room in ${tmpdir()}: ${error.reason}`, {
    type: error.type,
    code: error.code,
    operation: error.operation,
    hint: otherFolder,
    cause: error.cause,
  });
}

const otherFolder = 'Free room there, or name another folder for temporary files: the variable TMPDIR';

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (cause) {
    const code = isError(cause) && 'code' in cause ? String(cause.code) : 'UNKNOWN';
    throw new DatabaseError(`The copy of the database cannot be made in ${tmpdir()}`, {
      type: 'connection',
      code,
      operation: 'make a folder for the copy',
      hint: 'Name another folder for temporary files: the variable TMPDIR',
      cause,
    });
  }
}

/** Nothing else takes away what a killed process has left: as much as its database. A day is longer than any verification. */
function removeAbandoned(): void {
  try {
    for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
      const folder = join(tmpdir(), name);
      const paths = [folder, ...readdirSync(folder).map((file) => join(folder, file))];
      if (paths.every((path) => Date.now() - lstatSync(path).mtimeMs > dayMs)) rmSync(folder, { recursive: true });
    }
  } catch {
    // That of somebody else, or gone meanwhile: no reason not to make another copy.
  }
}

/** Folders that are removed with this process. For all together, because a process warns of more than ten listeners. */
const places = new Set<string>();

function removePlaces(): void {
  for (const folder of places) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
