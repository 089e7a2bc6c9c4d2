// The rollback plan: puts a copy of a local database into its place, says which migration it is at, and which checkout of the
// folder belongs to it. @cc/tx/restore moves the files.
import { stat } from 'node:fs/promises';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { type CopyQuery, restoreFile } from '@cc/tx/restore';
import type { Readable } from '../contract/connection.js';
import { migrationError, typed } from '../errors.js';
import { type FolderMigration, readFolderIfAny } from '../folder/read-folder.js';
import { pathOf } from '../run/database-file.js';
import { readLedger } from '../run/ledger.js';
import { compare } from '../run/standing.js';

/** Options of `restoreBackup`. */
export interface RestoreOptions {
  /** Of the database: `file:` and a path. */
  readonly url: string;
  /** Path of the copy. */
  readonly backup: string;
  readonly folder: string;
  /** Also takes a copy that holds no record of migrations. Default false. */
  readonly withoutMigrations?: boolean | undefined;
  /** Name of drizzle's table. Default `__drizzle_migrations`. */
  readonly migrationsTable?: string | undefined;
  /** Of both. */
  readonly encryptionKey?: string | undefined;
  /** Called with what is about to happen; what it throws ends it with nothing changed. */
  readonly agree?: ((plan: RestorePlan) => Promise<void>) | undefined;
}

/** What is about to happen. */
export interface RestorePlan {
  /** Path of the database. */
  readonly database: string;
  readonly backup: string;
  /** When the copy was last written. */
  readonly writtenAt: Date;
  /** The newest migration in it; null when there is none. */
  readonly version: string | null;
}

/** A finished restore. */
export interface RestoredDatabase extends RestorePlan {
  readonly bytes: number;
  /** Where the database from before is; null when there was none. */
  readonly kept: string | null;
  /**
   * The folder beside it: `same`: its newest migration is the newest in the database; `newer`: it has more; `other`: it does
   * not have that migration; `none`: it has no migrations at all.
   */
  readonly folderIs: 'same' | 'newer' | 'other' | 'none';
  /** Migrations of the folder that the database does not have, first to run first. */
  readonly pending: readonly string[];
}

/**
 * Replaces a local database by a copy of it.
 *
 * @throws DatabaseError `MIGRATION_RESTORE` for what is no local database or no copy of one with migrations;
 * `DATABASE_IN_USE` while anybody has it open; those of `restoreFile` of @cc/tx/restore; TypeError without such a file
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredDatabase> {
  const { url, backup, encryptionKey, agree } = options;
  const database = databaseAt(url);
  const files = await readFolderIfAny(options.folder);
  const copy = await stat(backup).catch(() => null);
  if (!copy?.isFile()) {
    const reason = copy ? `${backup} is no file` : `There is no file ${backup}`;
    throw new TypeError(`${reason}. ${advice}`);
  }
  const writtenAt = copy.mtime;
  let found: Found = { version: null, pending: [], isKnown: true };
  const restored = await restoreFile({
    database,
    backup,
    ...(encryptionKey !== undefined && { encryptionKey }),
    inspect: async (query) => {
      found = await look(query, files, options);
      await agree?.({ database, backup, writtenAt, version: found.version });
    },
  }).catch((error: unknown) => {
    if (isDatabaseError(error) && error.code === 'REPLICA_COPY') {
      const hint = 'Restore the server; then delete the files of the replica, and it fetches everything anew';
      throw refused(`${database} is a replica: its server has the data`, hint);
    }
    // Nobody has spoken of a key.
    if (encryptionKey === undefined && isDatabaseError(error) && error.code === 'SQLITE_NOTADB')
      throw noCopy(backup, error);
    throw error;
  });
  const { version, pending, isKnown } = found;
  const folderIs = files.length === 0 ? 'none' : !isKnown ? 'other' : pending.length === 0 ? 'same' : 'newer';
  return {
    database: restored.database,
    backup,
    writtenAt,
    version,
    bytes: restored.bytes,
    kept: restored.kept,
    folderIs,
    pending,
  };
}

interface Found {
  readonly version: string | null;
  readonly pending: readonly string[];
  /** The folder has every migration of the copy. */
  readonly isKnown: boolean;
}

async function look(query: CopyQuery, files: readonly FolderMigration[], options: RestoreOptions): Promise<Found> {
  const { backup, withoutMigrations = false } = options;
  const readable: Readable = {
    execute: async (sql) => {
      const { columns, rows } = await query(sql);
      return { rows: rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))) };
    },
  };
  const ledger = await readLedger(readable, options.migrationsTable);
  if (ledger.rows.length === 0 && !withoutMigrations) {
    throw refused(
      `${backup} has no migrations: it may be a copy of something else`,
      `If it is the database from before its first migration: cc-migrate restore ${typed(backup)} --without-migrations`,
    );
  }
  const { applied, pending } = compare(files, ledger);
  return {
    version: applied.at(-1)?.version ?? null,
    pending: pending.map(({ version }) => version),
    isKnown: applied.every(({ file }) => file !== null),
  };
}

/** The path of the database. @throws DatabaseError `MIGRATION_RESTORE` for what is no file */
function databaseAt(url: string): string {
  if (/^(https?|wss?|libsql):/i.test(url)) {
    throw refused(
      'A server is no file that could be replaced',
      'Make a new database from the copy and point the application to it (Turso: turso db import), or stop your own server, empty <db-path>/dbs/default, put the copy there under the name data, and start it',
    );
  }
  const path = pathOf(url);
  if (path !== undefined) return path;
  // It is not repeated: an address with a slip in it may hold a password.
  throw refused(
    'The url names no file that could be replaced',
    `Name the database as file: and its path, with '%' as %25, '?' as %3F and '#' as %23`,
  );
}

const advice =
  'Name the copy that --backup has made and told, by default beside the database: cc-migrate restore <backup>';

function noCopy(backup: string, { type, code, operation }: DatabaseError): Error {
  const hint = `${advice}. That of an encrypted database is restored only in code: restoreBackup of @cc/migrate/care with its encryptionKey`;
  return new DatabaseError(`${backup} is no SQLite database`, { type, code, operation, hint });
}

function refused(reason: string, hint: string): Error {
  return migrationError('restore', reason, { operation: 'restore', hint });
}
