// What migrations make of an empty database, one after the other, in memory. diff, baseline, repair and check compare with it.
import { sinceBase, sourceOf } from '../folder/base-file.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { openReplayed } from '../scratch/past.js';
import { runFile } from '../scratch/run-file.js';
import { openScratch } from '../scratch/scratch-database.js';

/**
 * Yields the schema after each of `migrations`, from the newest base file on.
 *
 * @throws DatabaseError `MIGRATION_REPLAY` for a file that does not run, `MIGRATION_STATEMENT` for one that must not
 */
export async function* replay(
  migrations: readonly FolderMigration[],
): AsyncGenerator<{ readonly version: string; readonly schema: Schema }> {
  await using scratch = await openScratch();
  for (const migration of sinceBase(migrations)) {
    await runFile(scratch, migration.upSql, sourceOf(migration));
    yield { version: migration.version, schema: await readSchema(scratch.connection) };
  }
}

/** Returns the schema that `migrations` make; an empty one of none. @throws DatabaseError as `replay` */
export async function schemaOf(migrations: readonly FolderMigration[]): Promise<Schema> {
  await using scratch = await openReplayed(migrations);
  return await readSchema(scratch.connection);
}
