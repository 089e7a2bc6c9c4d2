// The model files in an archive, as a walk through folders meets them: what is passed over in folders is passed over here.
// `importing/scan.ts` asks when it comes to an archive. Kinds are told by names, for nothing is unpacked.
import { formatOf } from '../geometry/format.js';
import { UnreadableModel } from '../geometry/geometry.js';
import type { ArchiveEntry } from './archive-directory.js';
import type { ArchiveShelf } from './archive-shelf.js';
import { entryPath, isFirstOfSeveral } from './entry-path.js';

/** What is known of a file in an archive without unpacking it, in the words of the file system. */
export interface EntryLook {
  readonly size: number;
  readonly mtime: Date;
  readonly ctimeMs: number;
}

/** A file in an archive, or what of it cannot be read and why. */
export type Archived =
  | { readonly path: string; readonly problem: null; readonly look: EntryLook }
  | { readonly path: string; readonly problem: string };

/** What a walk passes over, and who hears of it. */
export interface Sieve {
  readonly ignores: (path: string, isFolder: boolean) => boolean;
  readonly onIgnored: (path: string, reason: null) => void;
}

/** Names the models in an archive, in the order in which they are best read, and what of it cannot be read. */
export async function archivedFiles(archive: string, shelf: ArchiveShelf, sieve: Sieve): Promise<readonly Archived[]> {
  if (isFirstOfSeveral(archive))
    return [{ path: archive, problem: 'it is a part of an archive in several files: unpack it' }];
  const found: Archived[] = [];
  try {
    const { entries, problem, changedMs } = await shelf.list(archive);
    for (const entry of inOrder(entries)) {
      const path = entryPath({ archive, name: entry.name });
      if (!isModel(entry) || isPassedOver(archive, entry.name, sieve)) sieve.onIgnored(path, null);
      else if (entry.problem !== null) found.push({ path, problem: entry.problem });
      else {
        const look = { size: entry.size, mtime: new Date(entry.modifiedMs), ctimeMs: changedMs };
        found.push({ path, problem: null, look });
      }
    }
    if (problem !== null) found.push({ path: archive, problem });
  } catch (error) {
    if (!(error instanceof UnreadableModel)) throw error;
    found.push({ path: archive, problem: error.message.replace(/^(?!it )/, 'it ') });
  }
  // Several files of one name are one report.
  const byPath = new Map(found.map((one) => [one.path, one]));
  return [...byPath.values()];
}

/** By name; those that are packed together as they are packed, so that each block is unpacked once. */
function inOrder(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const areBlocks = entries.some(({ packed }) => packed.kind === 'block');
  return areBlocks ? entries : entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** There may be models in an archive, so it is told that it stays closed. */
function isModel({ name, isArchive }: ArchiveEntry): boolean {
  return isArchive || formatOf(name, new Uint8Array()) !== null;
}

function isPassedOver(archive: string, name: string, { ignores }: Sieve): boolean {
  const parts = name.split('/');
  // `..` is no hidden name: it leads out, which is told.
  return parts.some(
    (part, at) =>
      part !== '..' && ignores(entryPath({ archive, name: parts.slice(0, at + 1).join('/') }), at + 1 < parts.length),
  );
}
