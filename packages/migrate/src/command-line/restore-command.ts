// `restore`: stops nothing and starts nothing, but does the rest of the rollback plan, after a yes.
import { typed } from '../errors.js';
import { toJson } from '../folder/json-text.js';
import { restoreBackup } from '../repair/restore.js';
import { agree } from './agree.js';
import type { Surroundings } from './commands.js';
import { exitCodes } from './exit-codes.js';
import { showRestored } from './show-care.js';

interface RestoreFlags {
  readonly url: string;
  readonly backup: string;
  readonly folder: string;
  readonly table: string;
  readonly withoutMigrations?: boolean;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Puts a copy of a local database into its place. */
export async function restore(flags: RestoreFlags, at: Pick<Surroundings, 'print' | 'ask'>): Promise<number> {
  const { url, backup, folder, table, withoutMigrations = false, json } = flags;
  const restored = await restoreBackup({
    url,
    backup,
    folder,
    migrationsTable: table,
    withoutMigrations,
    agree: async ({ database, writtenAt, version }) => {
      const copy = `${backup} (${version ?? 'no migrations'}, written ${writtenAt.toISOString()})`;
      await agree(`Put ${copy} into the place of ${database}?`, 'restore', flags, at, ` ${typed(backup)}`);
    },
  });
  at.print(json ? toJson(restored) : showRestored(restored));
  return exitCodes.ok;
}
