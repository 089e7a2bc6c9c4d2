// An empty database in memory on which migrations are tried before a file is written or a real database is touched.
import { openTransactionManager } from '@cc/tx';
import type { FolderMigration } from '../folder/read-folder.js';
import type { Connection } from '../run/ledger.js';
import { splitStatements } from '../sql/statements.js';

/** A database that is gone when it is closed. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly connection: Connection;
  /** Runs `statements` as migrations run: all or none, foreign keys off. */
  run(statements: readonly string[]): Promise<void>;
}

/** Opens an empty database in memory. */
export async function openScratch(): Promise<ScratchDatabase> {
  const transactions = await openTransactionManager({ url: ':memory:' });
  const lease = await transactions.getConnection();
  return {
    connection: lease.client,
    run: async (statements) => {
      await lease.client.migrate([...statements]);
    },
    async [Symbol.asyncDispose]() {
      lease[Symbol.dispose]();
      await transactions.close();
    },
  };
}

/**
 * Opens a database in memory with the ups of `migrations` applied in order.
 *
 * @throws DatabaseError of the first statement that fails; RefusedStatement for a file that cannot run
 */
export async function openReplayed(migrations: readonly FolderMigration[]): Promise<ScratchDatabase> {
  const scratch = await openScratch();
  try {
    for (const { version, upSql } of migrations)
      await scratch.run(splitStatements(upSql, `${version}.sql`).map(({ sql }) => sql));
    return scratch;
  } catch (error) {
    await scratch[Symbol.asyncDispose]();
    throw error;
  }
}
