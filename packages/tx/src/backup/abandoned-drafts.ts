// Drafts of copies whose process was killed: their names are never used again, so nothing else would take them away.
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const dayMs = 24 * 3_600_000;
/** As `createBackupFile` and `copyBeside` name them, and what SQLite keeps beside them. */
const draft = /^\..+\.[0-9a-f]{12}\.(?:partial|restore)(?:-wal|-shm|-journal)?$/s;

/**
 * Removes the drafts in a folder that nobody has written to for a day, which is longer than any of them is read back. Whatever
 * cannot be looked at or removed stays: it is no reason not to make another copy.
 */
export async function removeAbandonedDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names.filter((each) => draft.test(each))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => null);
    if (found?.isFile() && Date.now() - found.mtimeMs > dayMs) await rm(path, { force: true }).catch(() => undefined);
  }
}
