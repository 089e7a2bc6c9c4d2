// The transaction of a test that rolls back (testing.ts opens it): for the code under test it is the world outside, so
// what would be an outermost transaction there is a savepoint here, with a COMMIT, hooks and a time limit of its own.
import { runWithFrame } from './ambient.js';
import { bounded } from './bounded.js';
import { isPromise } from './connection-source.js';
import type { Events } from './events.js';
import { Frame } from './frame.js';
import type { ResolvedOptions } from './options.js';
import { storedOutcome, storeOutcome } from './outcome.js';
import type { TransactionOptions } from './types.js';
import { undo } from './undo.js';

/** What the engine would begin. */
interface Begun<T> {
  readonly work: (frame: Frame) => Promise<T>;
  readonly options: TransactionOptions;
  readonly defaults: Pick<ResolvedOptions, 'acquireTimeoutMs' | 'transactionTimeoutMs'>;
  readonly events: Events;
}

/** Runs an outermost transaction of the code under test in the transaction `test`, after its siblings. */
export async function runInTest<T>(engine: object, test: Frame, begun: Begun<T>): Promise<T> {
  const { work, options, defaults, events } = begun;
  const { mode = 'write', signal, idempotencyKey: key, timeoutMs = defaults.transactionTimeoutMs } = options;
  const { connection } = test;
  let hooks = Promise.resolve();
  try {
    const wait = { operation: 'transaction', timeoutMs: defaults.acquireTimeoutMs, signal };
    return await test.inTurn(wait, async () => {
      const { name, id } = test.nextSavepoint();
      await connection.exec(`SAVEPOINT ${name}`);
      test.assertOpen('transaction');
      const frame = new Frame({ id, mode, connection, events, parent: test });
      try {
        const stored = key === undefined ? undefined : await storedOutcome(connection, key);
        const result = stored
          ? (stored.result as T)
          : await bounded(timeoutMs, signal, () => runWithFrame(engine, frame, () => work(frame)));
        frame.assertCommittable();
        frame.assertOpen('COMMIT');
        if (key !== undefined && !stored) await storeOutcome(connection, key, result);
        frame.suspend();
        const releasing = connection.exec(`RELEASE ${name}`);
        if (isPromise(releasing)) await releasing;
        // Started in the turn of the COMMIT, awaited when the next transaction may begin: hooks may write.
        hooks = frame.endCommitted();
        return result;
      } catch (error) {
        frame.suspend();
        try {
          if (!test.ended && connection.inTransaction) await undo(connection, name);
        } finally {
          hooks = frame.endRolledBack(error);
        }
        throw error;
      }
    });
  } finally {
    await hooks;
  }
}
