// Keeps a library as its folders are: imports them whole, then whatever changes, as soon as it is at rest, until the signal fires.
import { type Stats, statSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { Library } from '../library.js';
import { ChangesAtRest } from './changes-at-rest.js';
import { FolderWatch } from './folder-watch.js';
import { type ImportOptions, importChanges, importFolders } from './import-folders.js';
import type { ImportReport } from './import-report.js';
import { rootsOf } from './scan.js';

/** Options of `watchFolders`. */
export interface WatchOptions extends ImportOptions {
  /** How long a file may not have changed before it is read, so that none is read half-written. Default 300. */
  readonly restMs?: number;
  /** How often all folders are walked, for what no event told of. Default 60,000. */
  readonly walkEveryMs?: number;
  /** Called after each import: the first, one of changes, or one of a walk. */
  readonly onImport?: (report: ImportReport, what: 'first' | 'changes' | 'walk') => void;
  /** Called when an import failed (the library is locked, the disk full, a folder not there); a walk tries again. */
  readonly onFailure?: (error: unknown) => void;
  /** Called for a folder whose changes the system does not tell of. */
  readonly onUnwatched?: (folder: string, reason: string) => void;
}

/**
 * Imports `folders` and follows what changes in them until the signal fires. A file that is being written waits until it is at
 * rest. Failures after the first import do not end it.
 *
 * @throws what `importFolders` throws for the first import
 */
export async function watchFolders(
  library: Library,
  folders: readonly string[],
  options: WatchOptions,
): Promise<ImportReport> {
  const { signal, restMs = 300, walkEveryMs = 60_000 } = options;
  const changes = new ChangesAtRest({ restMs, look: lookOf, now: () => performance.now() });
  using watch = new FolderWatch({
    onChange: (path) => changes.add(path),
    onUnwatched: (folder, reason) => options.onUnwatched?.(folder, reason),
  });
  const roots = await rootsOf(folders);
  // Before the walk: what changes while it is under way is heard of.
  for (const { path } of roots) await watch.add(path);
  const first = await importFolders(library, folders, options);
  options.onImport?.(first, 'first');
  // Progress is that of the first import: later ones are told file by file.
  const { onProgress: _onProgress, ...later } = options;
  let walkedAt = performance.now();
  while (!signal.aborted) {
    await after(Math.min(50, restMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const paths = changes.take();
    for (const path of paths) {
      if (lookAt(path) === null) watch.forget(path);
      else if (lookAt(path)?.isDirectory()) await watch.add(path);
    }
    const isTime = performance.now() - walkedAt >= walkEveryMs;
    if (paths.length === 0 && !isTime) continue;
    try {
      if (isTime) for (const { path } of roots) await watch.add(path);
      const report = isTime
        ? await importFolders(library, folders, later)
        : await importChanges(library, folders, paths, later);
      options.onImport?.(report, isTime ? 'walk' : 'changes');
    } catch (error) {
      options.onFailure?.(error);
    }
    // After the walk, so that long ones do not follow one another without a rest.
    if (isTime) walkedAt = performance.now();
  }
  return first;
}

function lookOf(path: string): string {
  const look = lookAt(path);
  return look === null ? '' : `${look.ino} ${look.size} ${look.mtimeMs}`;
}

function lookAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // A link that leads back to itself, say: the import tells.
    return null;
  }
}
