// Brings the files of folders into a library: all of them (`importFolders`), or those that a watch has seen change
// (`importChanges`). `import-run.ts` is one run.
import { statSync } from 'node:fs';
import { sep } from 'node:path';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import type { Library } from '../library.js';
import { absenceOf } from './absence.js';
import type { FileLook } from './file-stamp.js';
import { ignoreRules, passesOver, UnreadableRules } from './ignore-rules.js';
import type { ImportOptions } from './import-options.js';
import { type ImportReport, ImportStopped, Tally } from './import-report.js';
import { type Ground, ImportRun } from './import-run.js';
import { FolderNotFound, isBare, passOver, reasonOf, rootsOf, scan } from './scan.js';

export type { ImportOptions } from './import-options.js';
export type { ImportReport } from './import-report.js';

/**
 * Imports every model file below `folders`. A file that is as it was is not read again, so a second run over the same
 * folders writes nothing. Files that cannot be measured are recorded with the reason; models whose files were moved or
 * renamed follow them, and those whose files are gone are marked as missing.
 *
 * @throws FolderNotFound when one of `folders` does not exist; ImportStopped when a batch cannot be written
 */
export async function importFolders(
  library: Library,
  folders: readonly string[],
  options: ImportOptions,
): Promise<ImportReport> {
  return await reported(library, options, async (tally) => {
    const { ignore, hidden, signal } = options;
    const [roots, files, emptyRoots] = [await rootsOf(folders), [] as string[], new Set<string>()];
    const looks = new Map<string, FileLook>();
    const onIgnored = (path: string, reason: string | null) => tally.ignore(path, reason);
    const onEmptyRoot = (path: string) => void emptyRoots.add(path);
    for await (const batch of scan(folders, { ignore, hidden, onIgnored, onEmptyRoot })) {
      signal.throwIfAborted();
      for (const found of batch) {
        if (found.problem === null) files.push(found.path);
        else tally.add({ path: found.path, outcome: 'unreadable', reason: found.problem });
        if ('look' in found) looks.set(found.path, found.look);
      }
    }
    return { roots, files, looks, emptyRoots, vanished: null };
  });
}

/**
 * Imports what has changed below `folders`: `paths` are files and folders that were made, written, moved or removed there.
 * Where a named folder holds nothing any more its disk may have gone, and what was in it stays as it is.
 *
 * @throws as `importFolders`
 */
export async function importChanges(
  library: Library,
  folders: readonly string[],
  paths: readonly string[],
  options: ImportOptions,
): Promise<ImportReport> {
  return await reported(library, options, async (tally) => {
    const roots = await rootsOf(folders);
    const [files, vanished, looks] = [new Set<string>(), [] as string[], new Map<string, FileLook>()];
    const onIgnored = (path: string, reason: string | null) => tally.ignore(path, reason);
    /** Notes the files at a path; returns false where there is nothing. */
    const findIn = async (path: string, root: string): Promise<boolean> => {
      try {
        const kind = statSync(path, { throwIfNoEntry: false });
        if (kind === undefined) return false;
        if (!kind.isFile() && !kind.isDirectory()) {
          if (!(await passesOver(root, path, options))) passOver(path, kind, onIgnored);
          return true;
        }
        for await (const batch of scan([path], { ...options, onIgnored })) {
          for (const found of batch) {
            if (await passesOver(root, found.path, options)) continue;
            if (found.problem === null) files.add(found.path);
            else tally.add({ path: found.path, outcome: 'unreadable', reason: found.problem });
            if ('look' in found) looks.set(found.path, found.look);
          }
        }
        return true;
      } catch (error) {
        // It went between the two looks.
        if (error instanceof FolderNotFound) return false;
        if (!(error instanceof Error && ('syscall' in error || error instanceof UnreadableRules))) throw error;
        // A link that leads back to itself, say: the others are looked at all the same.
        tally.add({ path, outcome: 'unreadable', reason: reasonOf(error) });
        return true;
      }
    };
    for (const path of paths) {
      const root = roots.find((each) => path === each.path || path.startsWith(each.path + sep));
      if (root === undefined) continue;
      if (await findIn(path, root.path)) {
        // What was in a folder, or was one.
        vanished.push(path);
        continue;
      }
      const isGone = root.isFolder
        ? options.emptied === true || !(await isBare(root.path, ignoreRules(root.path, options)))
        : (await absenceOf(path, new ArchiveShelf())) === 'gone';
      if (isGone) vanished.push(path);
    }
    return { roots, files: [...files].sort(), looks, emptyRoots: new Set(), vanished };
  });
}

async function reported(
  library: Library,
  options: ImportOptions,
  look: (tally: Tally) => Promise<Ground>,
): Promise<ImportReport> {
  const started = performance.now();
  const tally = new Tally(options.onOutcome);
  const report = (): ImportReport => tally.report(performance.now() - started, options.signal.aborted);
  let run: ImportRun | null = null;
  try {
    const ground = await look(tally);
    options.onProgress?.(0, ground.files.length, null);
    run = new ImportRun(library, ground, tally, options);
    await run.all();
  } catch (error) {
    if (error instanceof FolderNotFound) throw error;
    if (options.signal.aborted && error === options.signal.reason) {
      await run?.write();
      return report();
    }
    throw new ImportStopped(report(), error);
  }
  return report();
}
