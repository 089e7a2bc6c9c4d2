// A database in memory that goes through a history migration by migration, and on which the next one is tried at every point
// without leaving a trace: no point has to be replayed from the start.
import { asyncDispose } from '../dispose.js';
import { sinceBase, sourceOf } from '../folder/base-file.js';
import type { FolderMigration } from '../folder/read-folder.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { runFile } from './run-file.js';
import { EndedTransaction, openScratch, type ScratchDatabase } from './scratch-database.js';

/** A point of a history. */
export interface Past extends AsyncDisposable {
  /** The schema at this point. */
  schema(): Promise<Schema>;
  /** Gives `work` the database as it is at this point. What `work` does to it is undone. */
  trying<T>(work: (scratch: ScratchDatabase) => Promise<T>): Promise<T>;
  /** Goes on by a migration. @throws DatabaseError as `runFile` */
  advance(migration: FolderMigration): Promise<void>;
}

/** Opens the point behind `migrations`. @throws DatabaseError as `runFile` */
export async function openPast(migrations: readonly FolderMigration[]): Promise<Past> {
  const ran = [...sinceBase(migrations)];
  const scratch = await openReplayed(ran);
  let known: Schema | null = null;
  return {
    schema: async () => {
      known ??= await readSchema(scratch.connection);
      return known;
    },
    trying: async (work) => {
      try {
        return await scratch.undoing(() => work(scratch));
      } catch (error) {
        if (!(error instanceof EndedTransaction)) throw error;
        // On a database of its own such a statement takes only its own run along.
        await using other = await openReplayed(ran);
        return await work(other);
      }
    },
    advance: async (migration) => {
      await runFile(scratch, migration.upSql, sourceOf(migration));
      ran.push(migration);
      known = null;
    },
    [asyncDispose]: () => scratch[asyncDispose](),
  };
}

/** Opens a database in memory with the ups of `migrations` applied in order. @throws DatabaseError as `runFile` */
export async function openReplayed(migrations: readonly FolderMigration[]): Promise<ScratchDatabase> {
  const scratch = await openScratch();
  try {
    for (const migration of sinceBase(migrations)) await runFile(scratch, migration.upSql, sourceOf(migration));
    return scratch;
  } catch (error) {
    await scratch[asyncDispose]();
    throw error;
  }
}
