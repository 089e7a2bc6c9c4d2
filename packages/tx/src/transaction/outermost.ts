// One outermost transaction: begun on a connection of its own, committed or rolled back, run again after a passing failure,
// and, when the answer to its COMMIT was lost, settled by its key. What runs inside it is savepoint.ts and frame.ts.
import { performance } from 'node:perf_hooks';
import { Ground } from '../changes/loads.js';
import type { ConnectionSource, Held } from '../connection-source.js';
import { doubtOf } from '../errors/doubt.js';
import { isOfAnother, metBy } from '../errors/met-by.js';
import { type DatabaseError, isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { type ResolvedOptions, resolveRetry, transactionManagerDefaults } from '../options.js';
import type { TransactionOptions } from '../types.js';
import { pause } from '../waiting/aborts.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import { bounded, Limit, within } from '../waiting/bounded.js';
import { isRetryable, retryDelayMs } from '../waiting/retry.js';
import { giveTurn, nextTurn } from '../waiting/turns.js';
import { runWithFrame } from './ambient.js';
import { Frame, type Work } from './frame.js';
import { type RunStatement, settledBy, storedOutcome, storeOutcome, UnknownOutcome } from './outcome.js';

/** How an outermost transaction runs. */
export interface RunOptions extends TransactionOptions {
  /** Its work is begun no second time, as that of drizzle's `transaction`: until then passing failures are tried again. */
  readonly once?: boolean;
}

// One for the process: the channels of node:diagnostics_channel tell the transactions of all managers.
let begun = 0;

/** The outermost transactions of one engine. */
export class Outermost {
  readonly #owner: object;
  readonly #source: ConnectionSource;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #open = new Set<Frame>();
  #closed: DatabaseError | undefined;

  /** `owner`: whose transactions they are in the contexts of their work. */
  constructor(owner: object, source: ConnectionSource, options: ResolvedOptions, events: Events) {
    this.#owner = owner;
    this.#source = source;
    this.#options = options;
    this.#events = events;
  }

  /** How many are open. */
  get open(): number {
    return this.#open.size;
  }

  /** Begins no more of them from now on. */
  refuse(closed: DatabaseError): void {
    this.#closed = closed;
  }

  /** Ends those that are open with `cause`, whatever their work still waits for. */
  abandon(cause: DatabaseError): void {
    for (const frame of this.#open) frame.abandon(cause);
  }

  /** Runs a whole transaction, again after passing failures, and until its outcome is known when it has a key. */
  async run<T>(given: Work<T>, options: RunOptions): Promise<T> {
    const { signal, idempotencyKey, once = false } = options;
    const retry = resolveRetry(options.retry, this.#options.retry);
    let doubt: UnknownOutcome<T> | undefined;
    let settleBy = Number.POSITIVE_INFINITY;
    let isSpent = false;
    const spent: Work<T> = (frame) => {
      isSpent = true;
      return given(frame);
    };
    const work = once ? spent : given;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(work, options, doubt);
      } catch (thrown) {
        if (thrown instanceof UnknownOutcome) {
          doubt = thrown;
          settleBy = performance.now() + this.#options.acquireTimeoutMs;
        } else if (doubt?.frame.settled) {
          // It was found to be rolled back, so this failure is one of a new run.
          doubt = undefined;
        }
        const error: unknown = doubt?.failure ?? thrown;
        const again = doubt
          ? idempotencyKey !== undefined && performance.now() < settleBy
          : !isSpent && retry !== false && attempt < retry.maxAttempts && this.#mayPass(error);
        if (!again || this.#closed || signal?.aborted) {
          await doubt?.frame.endUnknown(error);
          throw metBy(this.#events, error);
        }
        const delayMs = retryDelayMs(attempt, retry === false ? transactionManagerDefaults.retry : retry);
        if (isDatabaseError(error)) this.#events.emit({ type: 'retry', attempt, delayMs, error });
        // A signal is heard by the next attempt.
        await pause(delayMs, signal);
      }
    }
  }

  #mayPass(error: unknown): boolean {
    return isRetryable(error) && !isOfAnother(this.#events, error);
  }

  async #attempt<T>(work: Work<T>, options: TransactionOptions, doubt: UnknownOutcome<T> | undefined): Promise<T> {
    const { mode = 'write', signal, idempotencyKey: key, label } = options;
    if (this.#closed) throw this.#closed;
    // Nobody caches what is stored of outcomes.
    const { changes } = this.#source;
    const { acquireTimeoutMs: timeoutMs } = this.#options;
    const beginning = this.#source.begin(mode, { operation: 'transaction', signal, timeoutMs });
    const held = isPromise(beginning) ? await beginning : beginning;
    const { connection } = held;
    begun += 1;
    const limit = new Limit(options.timeoutMs ?? this.#options.transactionTimeoutMs, signal);
    const ground = new Ground(changes.database);
    const frame = new Frame({ id: `tx${begun}`, mode, connection, events: this.#events, limit, ground, label });
    const run: RunStatement = connection.run.bind(connection);
    const { outcomeTtlMs: ttlMs } = this.#options;
    this.#open.add(frame);
    let hooks: Awaitable<void>;
    try {
      // With the write lock held, an earlier COMMIT has either taken effect or never will.
      const settled =
        key === undefined
          ? undefined
          : settledBy(await within(limit, () => changes.apart(() => storedOutcome(run, key, ttlMs))), doubt);
      if (settled) {
        await connection.rollbackIfOpen();
        await frame.endRolledBack(null);
        held.release();
        await (settled.isOwn ? doubt?.frame.endCommitted() : doubt?.frame.endRolledBack(doubt.failure));
        return settled.result;
      }
      await doubt?.frame.endRolledBack(doubt.failure);
      if (nextTurn(performance.now())) await giveTurn();
      const result = await within(limit, () => runWithFrame(this.#owner, frame, () => work(frame), key));
      const due = nextTurn(performance.now());
      // One step of the promises at least: what was not awaited counts as begun.
      await (due && giveTurn());
      frame.assertCommittable();
      frame.assertOpen('COMMIT');
      frame.assertInTime(performance.now());
      const name =
        key === undefined
          ? undefined
          : await within(limit, () => changes.apart(() => storeOutcome(run, key, result, ttlMs)));
      if (key !== undefined) {
        frame.assertCommittable();
        frame.assertOpen('COMMIT');
      }
      // From here on work that was not awaited is refused: it would run behind COMMIT.
      frame.suspend();
      // Local connections have committed when this line is passed. Nothing may come between COMMIT and the hooks: caches
      // are told in the same turn of the event loop.
      const committing = this.#commit(frame, held, result, name);
      if (isPromise(committing)) await committing;
      if (this.#source.committed && mode === 'write') {
        // The next writer need not wait for this one's rows to arrive; the caller and the hooks do.
        held.release();
        await this.#source.committed();
      }
      hooks = frame.endCommitted();
      held.release();
      if (isPromise(hooks)) await hooks;
      return result;
    } catch (error) {
      if (error instanceof UnknownOutcome) frame.suspend();
      const rollingBack = connection.rollbackIfOpen();
      if (isPromise(rollingBack)) await rollingBack;
      hooks = error instanceof UnknownOutcome ? undefined : frame.endRolledBack(error);
      held.release();
      await hooks;
      throw error;
    } finally {
      this.#open.delete(frame);
    }
  }

  /** @throws UnknownOutcome when the answer to COMMIT was lost; DatabaseError when it was refused */
  #commit<T>(frame: Frame, held: Held, result: T, run: string | undefined): Awaitable<void> {
    const failed = (error: unknown): never => {
      const doubt = doubtOf(error);
      throw doubt ? new UnknownOutcome(frame, result, { failure: doubt, run }) : error;
    };
    try {
      const committing = held.commit ? held.commit() : frame.connection.exec('COMMIT');
      if (!isPromise(committing)) return committing;
      if (held.commit) return committing.catch(failed);
      // A server that does not answer in time leaves the outcome unknown.
      return bounded(this.#options.transactionTimeoutMs, undefined, () => committing).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }
}
