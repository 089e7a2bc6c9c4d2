// Takes the newest migration out of a folder: its journal entry first, so that a crash leaves files that nobody runs and never
// an entry without its file. Whether it is applied anywhere is the business of command-line/drop.ts.
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { migrationError, typed } from '../errors.js';
import { mergeGuide } from './broken-json.js';
import { toJson } from './json-text.js';
import { journalPath, readFolder } from './read-folder.js';
import { replaceFile, sharedSnapshot } from './write-folder.js';
import { writing } from './writing.js';

/** The newest migration of a folder, and what belongs to it. */
export interface NewestMigration {
  readonly version: string;
  readonly createdAt: number;
  /** Hashes of its text, with either line ending. */
  readonly hashes: readonly string[];
  /** Paths of its files that are there. */
  readonly files: readonly string[];
}

/** Finds the last migration of the journal in `folder`. @throws DatabaseError `MIGRATION_FOLDER` when there is none */
export async function newestMigration(folder: string): Promise<NewestMigration> {
  const migrations = await readFolder(folder);
  const last = migrations.at(-1);
  if (!last) {
    throw migrationError('folder', `${journalPath(folder)} names no migration`, {
      operation: 'drop',
      hint: 'There is nothing to drop. Write one: cc-migrate generate',
    });
  }
  const { version, createdAt, hashes } = last;
  const number = /^\d+/.exec(version)?.[0];
  const isShared = migrations.slice(0, -1).some((each) => /^\d+/.exec(each.version)?.[0] === number);
  if (number === undefined || isShared) {
    const meta = join(folder, 'meta');
    const why = number === undefined ? 'no number' : `the same number as another migration`;
    const hint =
      number === undefined
        ? `Delete its files and its entry in ${journalPath(folder)}, and take the snapshot from the commit before it: git checkout <commit> -- ${typed(join(meta, sharedSnapshot))}`
        : mergeGuide;
    throw migrationError('folder', `${version} has ${why}, so that ${meta} keeps no snapshot of its own for it`, {
      operation: 'drop',
      hint,
    });
  }
  const candidates = [
    `${version}.sql`,
    `${version}.down.sql`,
    `${version}.base.sql`,
    join('meta', `${number}_snapshot.json`),
  ];
  const paths = candidates.map((name) => join(folder, name));
  const present = await Promise.all(paths.map(async (path) => (await stat(path).catch(() => null)) !== null));
  return { version, createdAt, hashes, files: paths.filter((_, index) => present[index]) };
}

/** Takes `migration` out of the journal, then removes its files. */
export async function dropMigration(folder: string, { version, files }: NewestMigration): Promise<void> {
  const path = journalPath(folder);
  const before = await readFile(path, 'utf8');
  const journal: { entries: { tag: string }[] } = JSON.parse(before);
  journal.entries = journal.entries.filter(({ tag }) => tag !== version);
  await replaceFile(path, toJson(journal) + (before.endsWith('\n') ? '\n' : ''));
  for (const file of files) await writing(file, () => rm(file, { force: true }));
}
