// Works out what a repair would record: lays each recorded row on the file it stands for and names what has to change.
// Pure; repair.ts compares the schema with what comes out before it is written.

import { fileOf } from '../check/recorded.js';
import type { MigrationRepairAction } from '../contract/care.js';
import type { MigrationRepairKind } from '../contract/migration.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { AppliedRow } from '../run/ledger.js';
import type { Applied, Standing } from '../run/standing.js';
import { type LogLine, type RowChange, rowChanges } from './record.js';

/** One action and how it is written. */
export interface Mend {
  readonly action: MigrationRepairAction;
  readonly line: LogLine;
  readonly changes: readonly RowChange[];
}

/** What would be recorded. */
export interface RepairPlan {
  readonly mends: readonly Mend[];
  /** Rows of drizzle's table afterwards, by `createdAt`. */
  readonly rows: readonly AppliedRow[];
  /** The files that count as applied afterwards, by `createdAt`. */
  readonly files: readonly FolderMigration[];
}

/** Plans the repair of what is recorded. */
export function planRepair(standing: Standing): RepairPlan {
  const missing: Mend[] = [];
  const groups = new Map<FolderMigration, Applied[]>();
  for (const entry of standing.applied) {
    const file = fileOf(entry, standing);
    if (file) groups.set(file, [...(groups.get(file) ?? []), entry]);
    else missing.push(mendMissing(entry));
  }
  const kept = [...groups].map(([file, entries]) => mendGroup(file, entries));
  return {
    mends: [...missing, ...kept.flatMap(({ mends }) => mends)],
    rows: kept.map(({ row }) => row).toSorted(byTime),
    files: [...groups.keys()].toSorted(byTime),
  };
}

/** `plan` with `files`, which are in the schema, recorded too. */
export function withUnrecorded(plan: RepairPlan, files: readonly FolderMigration[]): RepairPlan {
  const mends = files.map((file) => ({
    ...said(
      'unrecorded',
      file,
      file,
      file.downSql,
      'is not recorded, and the schema has what it makes: it is recorded as applied',
    ),
    changes: [rowChanges.insert(file)],
  }));
  return {
    mends: [...plan.mends, ...mends],
    rows: [...plan.rows, ...files.map(({ createdAt, hash }) => ({ createdAt, hash }))].toSorted(byTime),
    files: [...plan.files, ...files].toSorted(byTime),
  };
}

function byTime(a: { readonly createdAt: number }, b: { readonly createdAt: number }): number {
  return a.createdAt - b.createdAt;
}

function mendMissing(entry: Applied): Mend {
  const reason =
    'is recorded, and the folder does not have it: its record goes, and a checkout that has it would run it again';
  return { ...said('missing', entry, entry, null, reason), changes: [rowChanges.remove(entry)] };
}

function mendGroup(
  file: FolderMigration,
  entries: readonly Applied[],
): { readonly row: AppliedRow; readonly mends: readonly Mend[] } {
  const kept = entries.toSorted((a, b) => fitness(b, file) - fitness(a, file))[0] ?? { ...file, downSql: null };
  const row = { createdAt: file.createdAt, hash: file.hashes.includes(kept.hash) ? kept.hash : file.hash };
  const downSql = file.downSql ?? kept.downSql;
  const mends: Mend[] = [];
  if (entries.length > 1) {
    const reason = `is recorded ${entries.length} times: one record stays. It may have run as often, so look at the rows that it writes`;
    const surplus = entries.filter((entry) => entry !== kept);
    mends.push({ ...said('duplicate', file, row, downSql, reason), changes: surplus.map(rowChanges.remove) });
  }
  if (kept.createdAt !== row.createdAt) {
    const reason = `is recorded under 'when' ${kept.createdAt}, and the folder has ${row.createdAt}: the record takes the folder's`;
    mends.push({ ...said('renumbered', file, row, downSql, reason), changes: [rowChanges.replace(kept, row)] });
  } else if (kept.hash !== row.hash) {
    const reason =
      'has other content than when it was applied, and the schema is what it makes now: its hash is recorded anew';
    mends.push({ ...said('edited', file, row, downSql, reason), changes: [rowChanges.replace(kept, row)] });
  }
  return { row, mends };
}

/** The row that needs least mending is the one that stays. */
function fitness({ createdAt, hash }: AppliedRow, file: FolderMigration): number {
  return (createdAt === file.createdAt ? 2 : 0) + (file.hashes.includes(hash) ? 1 : 0);
}

function said(
  kind: MigrationRepairKind,
  { version }: { readonly version: string },
  { createdAt, hash }: AppliedRow,
  downSql: string | null,
  reason: string,
): Pick<Mend, 'action' | 'line'> {
  return {
    action: { kind, version, reason: `${version} ${reason}` },
    line: { version, direction: `repair ${kind}`, createdAt, hash, downSql },
  };
}
