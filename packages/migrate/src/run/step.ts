// A migration of a call in one direction, as the folder and the log have it. choose.ts says which, plan.ts what it would do.
import type { MigrationDirection } from '../contract/migration.js';
import type { FolderMigration } from '../folder/read-folder.js';
import type { Applied } from './standing.js';

/** A migration in one direction, before the database is asked anything. */
export interface Step {
  readonly version: string;
  readonly createdAt: number;
  readonly hash: string;
  readonly direction: MigrationDirection;
  /** File name for messages. */
  readonly source: string;
  /** What runs; null when nothing says how. */
  readonly sql: string | null;
  /** What to do when `sql` is null. */
  readonly hint: string;
  /** Kept in the log of an up. */
  readonly downSql: string | null;
  /** The text of its up file, when it is the one that is or will be applied. */
  readonly upSql: string | null;
}

/** The step that applies `file`. */
export function stepUp({ version, createdAt, hash, upSql, downSql }: FolderMigration): Step {
  return { version, createdAt, hash, direction: 'up', source: `${version}.sql`, sql: upSql, hint: '', downSql, upSql };
}

/** The step that takes `applied` back. */
export function stepDown({ version, createdAt, hash, downSql, file }: Applied): Step {
  const source = `${version}.down.sql`;
  const isSame = file?.hashes.includes(hash) ?? false;
  let hint = `Add ${source} with the statements that undo ${version}.sql, or let it be drafted: cc-migrate generate --missing-downs`;
  if (!file) hint = `Use the checkout that has ${version}.sql and ${source}, then: cc-migrate down`;
  else if (file.downSql !== null)
    hint = `Restore the ${version}.sql that was applied: ${source} belongs to an edited one; then: cc-migrate down`;
  const upSql = isSame ? (file?.upSql ?? null) : null;
  return { version, createdAt, hash, direction: 'down', source, sql: downSql, hint, downSql, upSql };
}
