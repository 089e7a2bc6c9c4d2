// Writes the journal of a folder: only `when` of entries, for repair. read-folder.ts reads it.
import { readFile } from 'node:fs/promises';
import type { JournalTimeRaise } from '../contract/care.js';
import { type FolderMigration, journalPath } from './read-folder.js';
import { replaceFile } from './write-folder.js';

/**
 * Returns `files` with `when` raised where it does not grow from entry to entry, and what was raised. Those that `isFixed`
 * names keep theirs.
 */
export function raiseTimes(
  files: readonly FolderMigration[],
  isFixed: (file: FolderMigration) => boolean,
): { readonly files: readonly FolderMigration[]; readonly raised: readonly JournalTimeRaise[] } {
  const raised: JournalTimeRaise[] = [];
  let newest = -1;
  const mended = files.map((file) => {
    const { version, createdAt } = file;
    if (createdAt > newest || isFixed(file)) {
      newest = Math.max(newest, createdAt);
      return file;
    }
    newest += 1;
    raised.push({ version, from: createdAt, to: newest });
    return { ...file, createdAt: newest };
  });
  return { files: mended, raised };
}

/** Writes `raised` into the journal of `folder`, at once or not at all; everything else in it stays. */
export async function writeTimes(folder: string, raised: readonly JournalTimeRaise[]): Promise<void> {
  const path = journalPath(folder);
  const before = await readFile(path, 'utf8');
  const journal: { entries: { tag: string; when: number }[] } = JSON.parse(before);
  for (const entry of journal.entries)
    entry.when = raised.find(({ version }) => version === entry.tag)?.to ?? entry.when;
  await replaceFile(path, JSON.stringify(journal, null, 2) + (before.endsWith('\n') ? '\n' : ''));
}
