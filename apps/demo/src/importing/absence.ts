// Tells a file that is gone from one whose disk is not there.
import { readdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ArchiveShelf } from '../archives/archive-shelf.js';
import { entryPlace } from '../archives/entry-path.js';
import { UnreadableModel } from '../geometry/geometry.js';

/** `unsure`: it is not there, and neither may be the disk that it lay on. */
type Absence = 'there' | 'gone' | 'unsure';

/** The first of the models whose file is gone for certain. */
export async function firstGone<T extends { readonly filePath: string }>(
  models: readonly T[],
  shelf: ArchiveShelf,
): Promise<T | undefined> {
  for (const model of models) if ((await absenceOf(model.filePath, shelf)) === 'gone') return model;
  return undefined;
}

/** Looks for a file that a model was read from. */
export async function absenceOf(path: string, shelf: ArchiveShelf): Promise<Absence> {
  if (!(await isGone(path, shelf))) return 'there';
  const archive = entryPlace(path)?.archive ?? path;
  if (!isAbsent(archive)) return 'gone';
  let folder = dirname(archive);
  while (isAbsent(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (isAbsent(folder) || mountPlaces.test(folder)) return dirname(archive) === folder ? 'gone' : 'unsure';
  return isEmpty(folder) ? 'unsure' : 'gone';
}

/** Whether a file is gone, from the disk or from its archive. What cannot be looked into may hold it. */
export async function isGone(path: string, shelf: ArchiveShelf): Promise<boolean> {
  if (!holdsNoFile(path)) return false;
  const place = entryPlace(path);
  if (place === null || holdsNoFile(place.archive)) return true;
  try {
    return !(await shelf.holds(place));
  } catch (error) {
    if (error instanceof UnreadableModel) return false;
    throw error;
  }
}

/** Whether nothing is at a path; what cannot be looked at may be there. */
export function isAbsent(path: string): boolean {
  return isNothing(path, () => false);
}

/** Whether nothing is at a path, or a folder: whatever file was there is gone. */
function holdsNoFile(path: string): boolean {
  return isNothing(path, (found) => found.isDirectory());
}

function isNothing(path: string, orIs: (found: Stats) => boolean): boolean {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined || orIs(found);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOTDIR';
  }
}

/** Where systems put the folders of disks that come and go, and the roots that disks are named below. */
const mountPlaces = /^(?:\/|\/(?:mnt|media|media\/[^/]+|run\/media(?:\/[^/]+)?|Volumes|net|amnt)|[a-z]:[\\/]?)$/i;

/** The place of a disk that is not there is an empty folder. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    // It cannot be looked into: who knows.
    return true;
  }
}
