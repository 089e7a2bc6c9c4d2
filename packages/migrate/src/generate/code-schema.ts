// The schema that schema code makes by itself: drizzle-kit's statements for a snapshot, run on an empty database.
import { isDatabaseError } from '@cc/tx/errors';
import { migrationError, saidBy } from '../errors.js';
import { emptySnapshot, type Snapshot, withoutExistingViews } from '../folder/snapshot.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import { RefusedStatement } from '../sql/statements.js';
import { wordsOf } from '../sql/words.js';
import { withoutPragmas } from './sql-file.js';

/** drizzle-kit's statements from one snapshot to another. */
export type KitStatements = (from: Snapshot, to: Snapshot) => Promise<readonly string[]>;

/** The schema that drizzle-kit makes of `snapshot` in an empty database. @throws DatabaseError `MIGRATION_SCHEMA_CODE` */
export async function schemaOfCode(kit: KitStatements, snapshot: Snapshot): Promise<Schema> {
  await using scratch = await openScratch();
  for (const sql of withoutPragmas(await kit(emptySnapshot, withoutExistingViews(snapshot)))) {
    try {
      await scratch.run([sql]);
    } catch (error) {
      if (!isDatabaseError(error)) throw error;
      throw notCreated(sql, saidBy(error), error);
    }
  }
  return await readSchema(scratch.connection);
}

/** What the schema code says and SQLite does not take. */
function notCreated(sql: string, reason: string, cause: Error): Error {
  const words = wordsOf(sql);
  const at = words.findIndex(({ keyword }) => ['TABLE', 'VIEW', 'INDEX'].includes(keyword));
  const what = `${words[at]?.name.toLowerCase() ?? 'statement'} ${words[at + 1]?.name ?? ''}`;
  return migrationError('schema_code', `The ${what} of the schema code does not work: ${reason}`, {
    operation: 'generate',
    hint: `Nothing was written. Mend ${words[at + 1]?.name ?? 'it'} in the schema code`,
    cause,
  });
}

/**
 * The same of an older snapshot, then renamed. What drizzle-kit wrote wrongly was mended in its migration since, and is left out here, as if
 * the code had not had it.
 */
export async function schemaOfOldCode(
  kit: KitStatements,
  snapshot: Snapshot,
  renaming: readonly string[],
): Promise<Schema> {
  await using scratch = await openScratch();
  await runEach(scratch, await kit(emptySnapshot, withoutExistingViews(snapshot)));
  await runEach(scratch, renaming);
  return await readSchema(scratch.connection);
}

async function runEach(scratch: ScratchDatabase, statements: readonly string[]): Promise<void> {
  for (const sql of statements) {
    try {
      await scratch.run(withoutPragmas([sql]));
    } catch (error) {
      if (!isDatabaseError(error) && !(error instanceof RefusedStatement)) throw error;
    }
  }
}
