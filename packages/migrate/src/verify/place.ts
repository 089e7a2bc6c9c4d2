// The folder that a copy of a database is made in: below that for temporary files, and gone afterwards.
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { DatabaseError, isDatabaseError, isError } from '@cc/tx/errors';
import { makeOwnFolder, removeLeftFolders } from '@cc/tx/side-program';
import { asyncDispose } from '../dispose.js';

/**
 * A folder that is gone afterwards, also when the process is told to end meanwhile; one that is killed leaves it to the next.
 *
 * @throws DatabaseError `connection`
 */
export async function makePlace(): Promise<AsyncDisposable & { readonly folder: string }> {
  await removeLeftFolders('cc-verify');
  // In one step with its note: a signal may come in between.
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
    return makeOwnFolder('cc-verify');
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

/** Folders that are removed with this process. For all together, because a process warns of more than ten listeners. */
const places = new Set<string>();

function removePlaces(): void {
  for (const folder of places) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
