// The journal of a folder beside its files: numbers, entries without file, files without entry.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckProblem } from '../contract/care.js';
import { mergeGuide } from '../folder/broken-json.js';
import { snapshotName } from '../folder/check-snapshots.js';
import type { FolderMigration, JournalEntry } from '../folder/read-folder.js';

/** What is wrong with the numbers of `entries`. */
export function entryProblems(entries: readonly JournalEntry[]): readonly CheckProblem[] {
  // Other prefixes, such as times, leave numbers out by nature.
  const isNumbered = entries.every(({ tag }) => /^\d{4}_/.test(tag));
  return entries.flatMap((entry, index) => {
    const before = entries[index - 1];
    const [number, last] = [numberOf(entry, isNumbered), before ? numberOf(before, isNumbered) : null];
    const said = (message: string, hint: string): CheckProblem[] => [
      { kind: 'number', version: entry.tag, message, hint },
    ];
    // run/standing.ts says so.
    if (entries.slice(0, index).some(({ tag }) => tag === entry.tag)) return [];
    if (number === null)
      return said(`${entry.tag} has no number in the journal`, `Set its 'idx' in meta/_journal.json`);
    if (isNumbered && entry.idx !== number) {
      const hint = `Set its 'idx' in meta/_journal.json to ${number}`;
      return said(`${entry.tag} has the number ${entry.idx} in the journal`, hint);
    }
    if (before && number === last) {
      const hint = `Two branches have taken it: write the later one of ${before.tag} and ${entry.tag} anew. ${mergeGuide}`;
      return said(`${entry.tag} has the same number as ${before.tag}`, hint);
    }
    if (before && last !== null && number !== last + 1) {
      const hint = 'Restore what is missing from version control, or put the entries into the order of their numbers';
      return said(`${entry.tag} does not have the number after ${before.tag}`, hint);
    }
    return [];
  });
}

function numberOf({ tag, idx }: JournalEntry, isNumbered: boolean): number | null {
  return isNumbered ? Number(tag.slice(0, 4)) : idx;
}

/** What is wrong between `entries` and the files that are there; `files` are those of the entries, null where missing. */
export async function fileProblems(
  folder: string,
  entries: readonly JournalEntry[],
  files: readonly (FolderMigration | null)[],
): Promise<readonly CheckProblem[]> {
  const absent = entries.filter((_, index) => files[index] === null);
  return [
    ...absent.map(({ tag }) => ({
      kind: 'no_file' as const,
      version: tag,
      message: `${tag} is in the journal, and ${tag}.sql does not exist`,
      hint: 'Restore the file from version control',
    })),
    ...(await unlisted(folder, entries)),
  ];
}

async function unlisted(folder: string, entries: readonly JournalEntry[]): Promise<readonly CheckProblem[]> {
  const tags = new Set(entries.map(({ tag }) => tag));
  const snapshots = new Set<string | null>(entries.map(({ tag }) => snapshotName(tag)));
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  const records = (await readdir(join(folder, 'meta'))).filter((name) => /^\d+_snapshot\.json$/.test(name));
  return [
    ...scripts
      .filter((name) => !tags.has(name.replace(/(\.down|\.base)?\.sql$/, '')))
      .map((name) => stray(name, name.replace(/(\.down|\.base)?\.sql$/, ''))),
    ...records
      .filter((name) => !snapshots.has(name))
      .map((name) => stray(`meta/${name}`, name.replace('_snapshot.json', ''))),
  ];
}

function stray(name: string, version: string): CheckProblem {
  return {
    kind: 'unlisted',
    version,
    message: `${name} belongs to no migration of the journal: nothing runs it`,
    hint: 'Restore its entry in meta/_journal.json from version control, or delete the file',
  };
}
