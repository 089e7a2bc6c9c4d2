// The transaction of a test that rolls back (testing.ts opens it): for the code under test it is the world outside, so
// what would be an outermost transaction there is a savepoint here, with a COMMIT, hooks and a time limit of its own.

import { performance } from 'node:perf_hooks';
import type { Events } from '../events.js';
import type { ResolvedOptions } from '../options.js';
import type { TransactionOptions } from '../types.js';
import { isPromise } from '../waiting/awaitable.js';
import { Limit, within } from '../waiting/bounded.js';
import { giveTurn } from '../waiting/turns.js';
import { runWithFrame } from './ambient.js';
import { Frame } from './frame.js';
import { undo } from './savepoint.js';

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
  const { mode = 'write', signal, timeoutMs = defaults.transactionTimeoutMs, label } = options;
  const { connection } = test;
  let hooks = Promise.resolve();
  try {
    const wait = { operation: 'transaction', timeoutMs: defaults.acquireTimeoutMs, signal };
    const begin = async (): Promise<T> => {
      const { name, id } = test.nextSavepoint();
      await connection.exec(`SAVEPOINT ${name}`);
      test.assertOpen('transaction');
      const limit = new Limit(timeoutMs, signal);
      const frame = new Frame({ id, mode, connection, events, limit, parent: test, label });
      try {
        const result = await within(limit, () => runWithFrame(engine, frame, () => work(frame)));
        await giveTurn();
        frame.assertCommittable();
        frame.assertOpen('COMMIT');
        frame.assertInTime(performance.now());
        frame.suspend();
        const releasing = connection.exec(`RELEASE ${name}`);
        if (isPromise(releasing)) await releasing;
        // Started in the turn of the COMMIT, awaited when the next transaction may begin: hooks may write.
        hooks = Promise.resolve(frame.endCommitted());
        return result;
      } catch (error) {
        frame.suspend();
        try {
          if (!test.ended && connection.inTransaction) await undo(connection, name);
        } finally {
          hooks = Promise.resolve(frame.endRolledBack(error));
        }
        throw error;
      }
    };
    return await test.soon('transaction', () => test.inTurn(wait, begin));
  } finally {
    await hooks;
  }
}
