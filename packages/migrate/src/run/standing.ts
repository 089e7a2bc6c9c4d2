// Lays the folder beside the database and names everything that differs. Pure: readFolder and readLedger go in, and
// status(), plan() and the runners all read what comes out.

import type { MigrationProblem } from '../contract/migration.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { type AppliedRow, type Ledger, type LogEntry, upRunOf } from './ledger.js';
import { staleProblem } from './way-back.js';

/** An applied migration with all that is known of it. */
export interface Applied extends AppliedRow {
  readonly version: string;
  /** Its migration in the folder, whatever its content is now. */
  readonly file: FolderMigration | null;
  /** Our log of its up; null when drizzle's own migrator applied it. */
  readonly run: LogEntry | null;
  /** How to take it back; null when nothing says. */
  readonly downSql: string | null;
}

/** Folder and database side by side. */
export interface Standing {
  /** Oldest first. */
  readonly applied: readonly Applied[];
  /** In the order in which they run. */
  readonly pending: readonly FolderMigration[];
  readonly problems: readonly MigrationProblem[];
  /** Those of `problems` that `allowOutOfOrder` lifts. */
  readonly late: readonly MigrationProblem[];
  readonly ledger: Ledger;
}

/** Compares the folder's migrations with the database's. */
export function compare(folder: readonly FolderMigration[], ledger: Ledger): Standing {
  const applied = ledger.rows.map((row) => knownOf(row, folder, ledger.log));
  const pending = folder
    .filter((file) => !ledger.rows.some((row) => row.createdAt === file.createdAt))
    .toSorted((a, b) => a.createdAt - b.createdAt);
  const newest = applied.at(-1);
  // Not even one is known here: the way out is no down, which would take back what another project has made.
  const isKnown = ({ file, hash }: Applied): boolean =>
    file !== null || folder.some(({ hashes }) => hashes.includes(hash));
  const isOthers = folder.length > 0 && !applied.some(isKnown);
  const unordered = folder.flatMap((file, index) => journalProblem(file, folder[index - 1]));
  const late = newest ? pending.flatMap((file) => lateProblem(file, newest)) : [];
  return {
    applied,
    pending,
    ledger,
    late: [...unordered, ...late],
    problems: [
      ...elsewhere(folder, ledger),
      ...folder.flatMap((file, index) => twinProblem(file, folder.slice(0, index))),
      ...unordered,
      ...applied.flatMap((entry, index) =>
        appliedProblem(entry, applied[index - 1], { folder, table: ledger.table, isOthers }),
      ),
      ...late,
      ...applied.flatMap((entry) => halfBack(entry, ledger)),
      ...pending.flatMap(({ version, upSql, downSql }) => staleProblem(version, upSql, downSql)),
    ],
  };
}

function knownOf(row: AppliedRow, folder: readonly FolderMigration[], log: readonly LogEntry[]): Applied {
  const file = folder.find(({ createdAt }) => createdAt === row.createdAt) ?? null;
  const run = upRunOf(log, row);
  const isSame = file?.hashes.includes(row.hash) ?? false;
  return {
    ...row,
    version: file?.version ?? run?.version ?? `unknown-${row.createdAt}`,
    file,
    run,
    // The folder's down file may have been mended since; but it belongs to the up file beside it, not to an older one.
    downSql: (isSame ? file?.downSql : null) ?? run?.downSql ?? null,
  };
}

/** The migrations of this folder are recorded under another name of drizzle's table. */
function elsewhere(folder: readonly FolderMigration[], { table, others }: Ledger): MigrationProblem[] {
  for (const other of others) {
    const file = folder.find(({ hashes }) => hashes.some((hash) => other.hashes.includes(hash)));
    if (!file) continue;
    return [
      {
        kind: 'other_table',
        version: file.version,
        message: `${file.version}.sql is recorded as applied in the table ${other.table}, and ${table} has nothing`,
        hint: `Name that table: migrations: { table: '${other.table}' } in drizzle.config.ts, --table ${other.table}, or migrationsTable in code; then: cc-migrate status`,
      },
    ];
  }
  return [];
}

function journalProblem(file: FolderMigration, before: FolderMigration | undefined): MigrationProblem[] {
  if (!before || file.createdAt >= before.createdAt) return [];
  return [
    {
      kind: 'journal_order',
      version: file.version,
      message: `${file.version} comes after ${before.version} in the journal, but its 'when' is not later`,
      hint: `Set 'when' of ${file.version} in meta/_journal.json to a later time, unless it is applied anywhere: cc-migrate repair --journal does so`,
    },
  ];
}

/** Two entries at the same time cannot be told apart in the database, and a merge may have left one file two entries. */
function twinProblem(file: FolderMigration, before: readonly FolderMigration[]): MigrationProblem[] {
  if (before.some(({ version }) => version === file.version)) {
    return [
      {
        kind: 'journal_order',
        version: file.version,
        message: `${file.version} is in the journal twice: it would run twice`,
        hint: `Delete one of the two entries from meta/_journal.json, where it is applied the one with the other 'when'; then: cc-migrate status`,
      },
    ];
  }
  const twin = before.find(({ createdAt }) => createdAt === file.createdAt);
  if (!twin) return [];
  return [
    {
      kind: 'journal_order',
      version: file.version,
      message: `${file.version} has the same 'when' in the journal as ${twin.version}`,
      hint: `Set 'when' of ${file.version} in meta/_journal.json to a later time, unless it is applied anywhere: cc-migrate repair --journal does so`,
    },
  ];
}

function appliedProblem(
  entry: Applied,
  before: Applied | undefined,
  {
    folder,
    table,
    isOthers,
  }: { readonly folder: readonly FolderMigration[]; readonly table: string; readonly isOthers: boolean },
): MigrationProblem[] {
  const { version, file, hash } = entry;
  if (before?.createdAt === entry.createdAt) {
    return [
      {
        kind: 'duplicate',
        version,
        message: `${version} is recorded twice in ${table}: it may have run twice`,
        hint: `Check the data it wrote (${version}.sql), then delete one of the two rows: cc-migrate repair`,
      },
    ];
  }
  if (file) {
    if (file.hashes.includes(hash)) return [];
    return [
      {
        kind: 'edited',
        version,
        message: `${version}.sql was edited after it was applied`,
        hint: `Restore the file from version control and put the change into a new migration: cc-migrate create; or, when the schema is what it makes now, record it anew: cc-migrate repair`,
      },
    ];
  }
  const renumbered = folder.find(({ hashes }) => hashes.includes(hash));
  if (renumbered) {
    return [
      {
        kind: 'renumbered',
        version: renumbered.version,
        message: `${renumbered.version} was applied under another 'when'`,
        hint: `Set its 'when' in meta/_journal.json back to ${entry.createdAt}, or let the record follow the journal: cc-migrate repair`,
      },
    ];
  }
  return [
    {
      kind: 'missing',
      version,
      message: `${version} is applied, but the folder does not have it`,
      hint: isOthers
        ? `The folder has none of what is applied here, so one of the two is another project's: name the right one (--url, --folder); two projects in one database need a table each (--table)`
        : `Use the checkout that has it (${version}.sql), or take it back first: cc-migrate down; when the schema has nothing of it: cc-migrate repair`,
    },
  ];
}

/** Its slices that ran stay, and it is applied until the last one has. */
function halfBack({ version, createdAt }: Applied, { begun }: Ledger): MigrationProblem[] {
  if (!begun.includes(createdAt)) return [];
  return [
    {
      kind: 'half_back',
      version,
      message: `Taking back ${version} has begun and not ended: some of its rows are as ${version}.down.sql leaves them`,
      hint: 'Unless another runner is at it now, go on: cc-migrate down; and to have it again, then: cc-migrate up',
    },
  ];
}

function lateProblem(file: FolderMigration, newest: Applied): MigrationProblem[] {
  if (file.createdAt > newest.createdAt) return [];
  return [
    {
      kind: 'out_of_order',
      version: file.version,
      message: `${file.version} is not applied, but the later ${newest.version} is`,
      hint: `Generate ${file.version}.sql anew so that it comes last, or take back the later migrations first, or allow it: cc-migrate up --allow-out-of-order, or allowOutOfOrder in code`,
    },
  ];
}
