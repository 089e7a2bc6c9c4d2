// An empty database in memory on which migrations are tried before a file is written or a real database is touched.
// past.ts brings one to a point of a history.
import { openTransactionManager } from '@cc/tx';
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { asyncDispose, dispose } from '../dispose.js';

/** A database that is gone when it is closed. */
export interface ScratchDatabase extends AsyncDisposable {
  readonly connection: Connection;
  /** Runs `statements` as migrations run: all or none, foreign keys off. `onStatement` hears how many have run. */
  run(statements: readonly string[], onStatement?: (done: number) => void): Promise<void>;
  /**
   * Gives the answer of `work` and undoes what that did to the database.
   *
   * @throws EndedTransaction when a statement ended the transaction around it: nothing is left of what `work` did, also in
   * the middle of it
   */
  undoing<T>(work: () => Promise<T>): Promise<T>;
}

/** A statement that failed took everything before it along: RAISE(ROLLBACK) in a trigger, ON CONFLICT ROLLBACK. */
export class EndedTransaction extends Error {}

/** Opens an empty database in memory. */
export async function openScratch(): Promise<ScratchDatabase> {
  const transactions = await openTransactionManager({ url: ':memory:' });
  const lease = await transactions.getConnection();
  const { client } = lease;
  // Ignored inside a transaction, so it is set once: rebuilds need it (https://sqlite.org/lang_altertable.html).
  await client.execute('PRAGMA foreign_keys = OFF');
  let isUndoing = false;
  let hasEnded = false;
  /** Goes back to `savepoint`; false when the transaction is gone. */
  const goBack = async (savepoint: string): Promise<boolean> => {
    try {
      await client.execute(`ROLLBACK TO ${savepoint}`);
      await client.execute(`RELEASE ${savepoint}`);
      return true;
    } catch (error) {
      if (isDatabaseError(error)) return false;
      throw error;
    }
  };
  return {
    connection: client,
    run: async (statements, onStatement) => {
      // It would be a transaction of its own now, and stay.
      if (isUndoing && hasEnded) throw new EndedTransaction('It is gone');
      await client.execute('SAVEPOINT cc_run');
      try {
        for (const [index, sql] of statements.entries()) {
          await client.execute(sql);
          onStatement?.(index + 1);
        }
      } catch (error) {
        const isBack = await goBack('cc_run');
        if (isBack || !isUndoing) throw error;
        hasEnded = true;
        throw new EndedTransaction('It is gone', { cause: error });
      }
      await client.execute('RELEASE cc_run');
    },
    undoing: async (work) => {
      await client.execute('SAVEPOINT cc_try');
      [isUndoing, hasEnded] = [true, false];
      try {
        const answer = await work();
        // Also when whoever ran the statement took its failure for one like others.
        if (hasEnded) throw new EndedTransaction('It is gone');
        return answer;
      } finally {
        isUndoing = false;
        await goBack('cc_try');
      }
    },
    async [asyncDispose]() {
      lease[dispose]();
      await transactions.close();
    },
  };
}
