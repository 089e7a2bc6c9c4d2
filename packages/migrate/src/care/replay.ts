// What migrations make of an empty database, one after the other, in memory. diff, baseline, repair and check compare with it.
import { isDatabaseError } from '@cc/tx/errors';
import { migrationError } from '../errors.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { saidBy } from '../run/failure.js';
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
  const failure = await tryFile(scratch, sql, source);
  if (failure === null) return;
  const { fault, reason, hint, cause } = failure;
  throw migrationError(fault, reason, { operation: `replay ${source}`, hint, cause });
}

/** Why a file does not run. */
export interface FileFailure {
  readonly fault: 'statement' | 'replay';
  /** A sentence without a full stop. */
  readonly reason: string;
  readonly hint: string;
  readonly cause: Error;
}

/** Runs the text of a migration file; returns null when it ran. A file that does not leaves nothing behind. */
export async function tryFile(scratch: ScratchDatabase, sql: string, source: string): Promise<FileFailure | null> {
  try {
    await scratch.run(splitStatements(sql, source).map((statement) => statement.sql));
    return null;
  } catch (cause) {
    if (cause instanceof RefusedStatement)
      return { fault: 'statement', reason: cause.message, hint: cause.hint, cause };
    if (!isDatabaseError(cause)) throw cause;
    return {
      fault: 'replay',
      reason: `${source} does not run on a database without rows: ${saidBy(cause)}`,
      hint: 'Mend the file, or put what needs the rows of one database into a script of its own',
      cause,
    };
  }
}
