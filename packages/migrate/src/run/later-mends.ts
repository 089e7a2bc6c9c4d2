// A foreign key that fits no key of its parent, made by one migration and mended by a later one of the same call: an old
// folder must run on a new database as it has run on the others. run-steps.ts asks when SQLite could not check the keys.
import type { Connection } from '../contract/connection.js';
import { sketchSchema } from '../loss/sketch.js';
import { keyMismatches } from '../schema/key-mismatches.js';
import { openScratch } from '../scratch/scratch-database.js';
import type { Statement } from '../sql/statements.js';

/**
 * Returns the tables with such keys that the first of `migrations` makes; none when any is left behind the last. The database is
 * as it is before the first.
 */
export async function mendedLater(
  connection: Connection,
  migrations: readonly (readonly Statement[])[],
): Promise<readonly string[]> {
  const before = new Set((await keyMismatches(connection)).map((each) => JSON.stringify(each)));
  await using scratch = await openScratch();
  await sketchSchema(connection, scratch);
  const run = async (statements: readonly Statement[]): Promise<readonly string[]> => {
    // What fails without rows, or for another reason, fails in the database, too, or has nothing to do with keys.
    for (const { sql } of statements) await scratch.run([sql]).catch(() => undefined);
    const found = await keyMismatches(scratch.connection);
    return found.filter((each) => !before.has(JSON.stringify(each))).map(({ child }) => child);
  };
  const [first = [], ...later] = migrations;
  const made = await run(first);
  return (await run(later.flat())).length === 0 ? made : [];
}
