// Tells a file that is gone from one whose disk is not there.
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** `unsure`: it is not there, and neither may be the disk that it lay on. */
export type Absence = 'there' | 'gone' | 'unsure';

/** Looks for a file that a model was read from. */
export function absenceOf(path: string): Absence {
  if (!isAbsent(path)) return 'there';
  let folder = dirname(path);
  while (isAbsent(folder) && dirname(folder) !== folder) folder = dirname(folder);
  if (isAbsent(folder) || mountPlaces.test(folder)) return dirname(path) === folder ? 'gone' : 'unsure';
  return isEmpty(folder) ? 'unsure' : 'gone';
}

/** Whether nothing is at a path; what cannot be looked at may be there. */
export function isAbsent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
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
