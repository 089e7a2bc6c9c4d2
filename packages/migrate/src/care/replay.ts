// What migrations make of an empty database, one after the other, in memory. diff, baseline, repair and check compare with it.
import { isDatabaseError } from '@cc/tx/errors';
import { migrationError } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { saidBy } from '../run/run-steps.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import { RefusedStatement, splitStatements } from '../sql/statements.js';

/**
 * Yields the schema after each of `migrations`.
 *
 * @throws DatabaseError `MIGRATION_REPLAY` for a file that does not run, `MIGRATION_STATEMENT` for one that must not
 */
export async function* replay(
  migrations: readonly FolderMigration[],
): AsyncGenerator<{ readonly version: string; readonly schema: Schema }> {
  await using scratch = await openScratch();
  for (const { version, upSql } of migrations) {
    await runFile(scratch, upSql, `${version}.sql`);
    yield { version, schema: await readSchema(scratch.connection) };
  }
}

/** Returns the schema that `migrations` make; an empty one of none. @throws DatabaseError as `replay` */
export async function schemaOf(migrations: readonly FolderMigration[]): Promise<Schema> {
  await using scratch = await openScratch();
  for (const { version, upSql } of migrations) await runFile(scratch, upSql, `${version}.sql`);
  return await readSchema(scratch.connection);
}

/** Runs the text of a migration file as migrations run. @throws DatabaseError as `replay` */
export async function runFile(scratch: ScratchDatabase, sql: string, source: string): Promise<void> {
  const operation = `replay ${source}`;
  try {
    await scratch.run(splitStatements(sql, source).map((statement) => statement.sql));
  } catch (error) {
    if (error instanceof RefusedStatement) {
      throw migrationError('statement', error.message, { operation, hint: error.hint, cause: error });
    }
    if (!isDatabaseError(error)) throw error;
    throw migrationError('replay', `${source} does not run on an empty database: ${saidBy(error)}`, {
      operation,
      hint: 'Mend the file, or put what needs rows of this one database into a script of its own',
      cause: error,
    });
  }
}
