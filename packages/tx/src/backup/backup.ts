// Verified copies of local databases while writers go on: a file's in a side process, that of a database in memory here.
// backup-file.ts makes and checks the file; server-backup.ts copies servers.
import type { Stats } from 'node:fs';
import { copyFile, stat, writeFile } from 'node:fs/promises';
import type { Connection } from '../connections/local/connection.js';
import { cannotBeWritten } from '../connections/local/read-only-file.js';
import { DatabaseError } from '../errors.js';
import type { BackupInfo } from '../types.js';
import { createBackupFile, type NewBackup, setMode } from './backup-file.js';
import { mendVectorIndexes } from './vector-indexes.js';

/** Options of `backupLocal`. */
export interface LocalBackupOptions extends NewBackup {
  /** Path of the database file. */
  readonly source: string;
  /** What the file is opened with, where that is not its path. */
  readonly openAs?: string | undefined;
  /** Of the source; the copy is encrypted with the same key. */
  readonly encryptionKey?: string | undefined;
}

/**
 * Copies a database file as its last commit left it (`VACUUM INTO`) and verifies the copy. Writers and the event loop
 * go on meanwhile; in WAL mode the log grows until it is done.
 *
 * @throws DatabaseError `aborted` (`BACKUP_EXISTS`, `ABORTED`), `connection` when the source or the folder is missing,
 * `integrity` for a damaged source, `full`
 */
export function backupLocal(options: LocalBackupOptions): Promise<BackupInfo> {
  const { source, openAs = source, encryptionKey } = options;
  return createBackupFile(options, async ({ path, side, expect }) => {
    const { mode } = await statOf(source);
    // Who may not read the database may not read its copy, at no time; its owner may write to it.
    await writeFile(path, '', { mode: 0o600, flag: 'wx' });
    const shared = (mode & 0o777) | 0o600;
    // Nobody writes to it, and no connection to such a file can VACUUM a table with generated columns and a CHECK (SQLite 3.45.1).
    if (openAs.endsWith('immutable=1')) {
      await copyFile(source, path);
      return setMode(path, shared);
    }
    // The same holds for `mode=ro`, which a file that can be written does without: VACUUM INTO leaves it as it is.
    const opened = cannotBeWritten(source) ? openAs : source;
    // Pragmas of the source stay as they are; VACUUM INTO is refused on query_only connections.
    const settings = { path: opened, encryptionKey, pragmas: {}, readOnly: false };
    const ask = async (name: string): Promise<number> =>
      Number((await side.run({ settings, sql: `PRAGMA ${name}`, args: [] })).rows[0]?.[0]);
    expect(((await ask('page_count')) - (await ask('freelist_count'))) * (await ask('page_size')));
    await side.run({ settings, sql: 'VACUUM INTO ?', args: [path] });
    await mendVectorIndexes(side, path, encryptionKey);
    await setMode(path, shared);
  });
}

/** Copies a database in memory through its one connection, which stands still meanwhile, and verifies the copy. */
export function backupMemory(connection: Connection, options: NewBackup): Promise<BackupInfo> {
  return createBackupFile(options, async ({ path, side }) => {
    connection.run('VACUUM INTO ?', [path]);
    await mendVectorIndexes(side, path);
  });
}

/** Opening a missing file would create it. */
async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw new DatabaseError(`${path} cannot be read`, {
      type: 'connection',
      code: 'SQLITE_CANTOPEN',
      operation: 'backup',
      cause,
    });
  }
}
