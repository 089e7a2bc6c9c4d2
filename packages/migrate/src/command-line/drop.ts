// `drop`: the newest migration leaves the folder, unless the database that is known has it.

import type { MigrationManager } from '../contract/run.js';
import { migrationError } from '../errors.js';
import { dropMigration, type NewestMigration, newestMigration } from '../folder/drop-migration.js';
import { writeEmbedded } from '../folder/embedded.js';
import { toJson } from '../folder/json-text.js';
import { agree } from './agree.js';
import type { CommandFlags, Surroundings } from './commands.js';
import type { ProjectConfig } from './config.js';
import { exitCodes } from './exit-codes.js';

type DropFlags = CommandFlags & {
  readonly folder: string;
  readonly database: string | undefined;
  readonly driver?: ProjectConfig['driver'];
};

/** Takes the newest migration out of the folder. @throws DatabaseError `MIGRATION_APPLIED`, `MIGRATION_CONFIRM`, `MIGRATION_FOLDER`, `MIGRATION_LOCK_LOST` */
export async function drop(
  migrations: MigrationManager | null,
  flags: DropFlags,
  at: Pick<Surroundings, 'print' | 'ask'>,
): Promise<number> {
  const { folder, database, dryRun = false, json } = flags;
  const newest = await look(migrations, flags);
  const { version, files } = newest;
  const where =
    database === undefined ? 'No database is known in which to look for it' : `${database} does not have it`;
  if (!dryRun) {
    const question = `Drop ${version} (${files.length} files)? ${where}; no other database may have it.`;
    // Thinking takes time: the yes was to this migration, not applied, and to no other.
    if ((await agree(question, 'drop', flags, at)) && (await look(migrations, flags)).version !== version) {
      throw migrationError('lock_lost', `Another command changed ${folder} meanwhile`, {
        operation: 'drop',
        hint: 'Nothing was dropped. Look at cc-migrate status, then run it again',
      });
    }
    await dropMigration(folder, newest);
    await writeEmbedded(folder, flags.driver);
  }
  if (json) at.print(toJson({ version, dryRun, files, database: database ?? null }));
  else {
    const lines = files.map((file) => `  ${file}`);
    at.print([`${dryRun ? 'Would drop' : 'Dropped'} ${version}. ${where}`, ...lines].join('\n'));
  }
  return exitCodes.ok;
}

/** The newest migration of the folder. @throws DatabaseError `MIGRATION_APPLIED` when the database has it */
async function look(
  migrations: MigrationManager | null,
  { folder, database }: Pick<DropFlags, 'folder' | 'database'>,
): Promise<NewestMigration> {
  const newest = await newestMigration(folder);
  const { version, createdAt, hashes } = newest;
  const status = await migrations?.status();
  if (!status?.applied.some((each) => each.createdAt === createdAt || hashes.includes(each.hash))) return newest;
  throw migrationError('applied', `${version}.sql is applied to ${database ?? 'the database'}`, {
    operation: 'drop',
    hint: 'Take it back first: cc-migrate down; then cc-migrate drop. If other databases have it too, write the next migration instead',
  });
}
