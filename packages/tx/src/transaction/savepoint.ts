// One savepoint from SAVEPOINT to RELEASE or ROLLBACK TO: the nested transactions of the engine.

import { performance } from 'node:perf_hooks';
import type { TransactionConnection } from '../connection-source.js';
import type { Events } from '../events.js';
import type { TransactionOptions } from '../types.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import { Limit, within } from '../waiting/bounded.js';
import { giveTurn, nextTurn } from '../waiting/turns.js';
import { runWithFrame } from './ambient.js';
import { Frame } from './frame.js';

/** What runs in a savepoint. */
interface Nested<T> {
  readonly work: (frame: Frame) => Promise<T>;
  readonly bounds: Pick<TransactionOptions, 'timeoutMs' | 'signal' | 'label'>;
  readonly events: Events;
}

/** Runs `work` in a savepoint of `parent`, after its siblings; what it wrote is undone alone when it fails. */
export function runInSavepoint<T>(owner: object, parent: Frame, { work, bounds, events }: Nested<T>): Promise<T> {
  const { timeoutMs = Number.POSITIVE_INFINITY, signal, label } = bounds;
  const { connection, mode } = parent;
  const begin = async (): Promise<T> => {
    const { name, id } = parent.nextSavepoint();
    const beginning = connection.exec(`SAVEPOINT ${name}`);
    if (isPromise(beginning)) await beginning;
    parent.assertOpen('savepoint');
    const limit = new Limit(timeoutMs, signal, 'nested');
    const frame = new Frame({ id, mode, connection, events, limit, parent, label });
    try {
      const result = await within(limit, () => runWithFrame(owner, frame, () => work(frame)));
      // Statements that wait for a turn of the event loop come first.
      const due = nextTurn(performance.now());
      await (due && giveTurn());
      frame.assertCommittable();
      frame.assertOpen('savepoint');
      frame.assertInTime(performance.now());
      const releasing = connection.exec(`RELEASE ${name}`);
      if (isPromise(releasing)) await releasing;
      frame.endReleased(parent);
      return result;
    } catch (error) {
      // Ended first: a statement between ROLLBACK TO and RELEASE would be kept.
      frame.suspend();
      try {
        const undoing = !parent.ended && connection.inTransaction ? undo(connection, name) : undefined;
        if (isPromise(undoing)) await undoing;
      } catch (undoError) {
        // The rows of the savepoint may still be there: nothing of the transaction may be committed.
        parent.fail(undoError);
      }
      // The transaction waits for the hooks after it has given its connection back: they may write.
      parent.leaveHooks(frame.endRolledBack(error));
      throw error;
    }
  };
  return parent.soon('savepoint', () => parent.inTurn({ operation: 'savepoint', timeoutMs, signal }, begin));
}

/** Rolls back to `savepoint` and releases it. Two statements: not every target takes both in one text. */
export function undo(connection: TransactionConnection, savepoint: string): Awaitable<void> {
  const rollingBack = connection.exec(`ROLLBACK TO ${savepoint}`);
  const release = (): Awaitable<void> => connection.exec(`RELEASE ${savepoint}`);
  return isPromise(rollingBack) ? rollingBack.then(release) : release();
}
