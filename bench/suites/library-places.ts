// The libraries of the search suite by name, where each lies, and the copy of it that a trial works on.
import { constants, copyFile, open, readFile } from 'node:fs/promises';
import type { Job } from '../harness/suite.js';
import type { PagePlaces } from './page-places.js';

/** The sizes that are measured, as the phases are named. */
export const librarySizes = { '1k': 1_000, '10k': 10_000, '100k': 100_000, '1M': 1_000_000 } as const;
export type LibraryName = keyof typeof librarySizes;

/** The names, smallest first. */
export const libraryNames: readonly LibraryName[] = ['1k', '10k', '100k', '1M'];

/** The phases of a library: those that read it and need places in its listings, and the one that adds models. */
export function phasesOf(name: LibraryName): {
  readonly reads: readonly [string, string, string];
  readonly bulk: string;
} {
  return { reads: [`${name} cold`, name, `${name} listAll`], bulk: `${name} createMany` };
}

/** What a phase of one library is told. */
export interface LibraryPlace {
  /** The library that is kept: copied, never opened by a trial. */
  readonly path: string;
  /** Why there is nothing to measure. */
  readonly skipped: string | null;
  readonly places: Partial<PagePlaces>;
}

/** Copies the library of a phase over the trial's own database, and returns what the phase was told. */
export async function copyLibrary<T extends LibraryPlace>({ databasePath, inputsPath }: Job): Promise<T> {
  // Written by prepareSearch.
  const place = JSON.parse(await readFile(inputsPath, 'utf8')) as T;
  if (place.skipped !== null) return place;
  await copyFile(place.path, databasePath, constants.COPYFILE_FICLONE);
  const copy = await open(databasePath);
  try {
    // Else the disk would be busy with the copy while the clock runs.
    await copy.sync();
  } finally {
    await copy.close();
  }
  return place;
}
