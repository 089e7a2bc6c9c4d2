// check: everything about a folder that can be known without a database, in the order of the folder's layers: journal, files,
// downs, snapshots, and what the files do on an empty database. With a database also what it has recorded.

import type { CheckOptions, CheckProblem, MigrationCheck } from '../contract/care.js';
import { settledIn } from '../folder/base-file.js';
import { snapshotProblems } from '../folder/check-snapshots.js';
import { type FolderMigration, readJournal, readMigrations } from '../folder/read-folder.js';
import type { Ledger } from '../run/ledger.js';
import { compare } from '../run/standing.js';
import { drizzleTable } from '../sql/bookkeeping.js';
import { codeProblems } from './check-code.js';
import { downProblems } from './check-downs.js';
import { entryProblems, fileProblems } from './check-journal.js';
import { replayProblems } from './check-replay.js';

/**
 * Checks the migrations in `folder`.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when the journal cannot be read
 */
export async function checkFolder(folder: string, { code }: CheckOptions = {}): Promise<MigrationCheck> {
  const entries = await readJournal(folder);
  const files = await readMigrations(folder, entries);
  const present = files.filter((file) => file !== null);
  const settled = settledIn(present);
  const problems: readonly CheckProblem[] = [
    ...entryProblems(entries),
    ...compare(present, nothingRecorded).problems.filter(ofJournal),
    ...(await fileProblems(folder, entries, files)),
    ...present.flatMap((file) => downProblems(file, settled.includes(file))),
    ...(await snapshotProblems(folder, entries)),
    ...(await replayProblems(untilHole(files))),
    ...(code ? await codeProblems(folder, { ...code, cwd: code.cwd ?? process.cwd() }) : []),
  ];
  return { migrations: entries.length, problems };
}

/** Checks what a database has recorded against `folder`. @throws DatabaseError as `checkFolder` */
export async function checkRecorded(folder: string, ledger: Ledger): Promise<readonly CheckProblem[]> {
  const files = await readMigrations(folder, await readJournal(folder));
  const present = files.filter((file) => file !== null);
  const { problems } = compare(present, ledger);
  return problems.filter((problem) => !ofJournal(problem) && problem.kind !== 'stale_down');
}

const nothingRecorded: Ledger = {
  table: drizzleTable,
  others: [],
  rows: [],
  log: [],
  begun: [],
  head: '',
  columns: [],
};

/** What is known without a database: `checkFolder` tells it, and of downs too. */
function ofJournal({ kind }: CheckProblem): boolean {
  return kind === 'journal_order';
}

/** What comes behind a missing file cannot be tried. */
function untilHole(files: readonly (FolderMigration | null)[]): readonly FolderMigration[] {
  const hole = files.indexOf(null);
  return files.slice(0, hole === -1 ? files.length : hole).filter((file) => file !== null);
}
