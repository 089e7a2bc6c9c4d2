// A lock that is handed over first come, first served; waiters can time out or be aborted without leaving a trace.
import { clearTimeout, setTimeout } from 'node:timers';
import { DatabaseError } from '../errors.js';
import { onAbort } from './aborts.js';

/** Bounds of a wait. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** What waits, for the error. */
  readonly operation: string;
}

/** Gives the lock back. A second call does nothing. */
export type Release = () => void;

interface Waiter {
  readonly grant: () => void;
  readonly fail: (error: unknown) => void;
}

/** Node fires longer timers at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** `permits` holders at once; waiters in order of arrival. */
export class FifoLock {
  readonly #permits: number;
  readonly #hint: string;
  #held = 0;
  // A Set keeps insertion order and forgets a waiter in O(1).
  readonly #waiters = new Set<Waiter>();

  /** @param hint what to do about a wait that was too long */
  constructor(permits = 1, hint = heldTooLong) {
    this.#permits = permits;
    this.#hint = hint;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes a permit when one is free and nobody waits. */
  tryAcquire(): Release | undefined {
    if (this.#held >= this.#permits || this.#waiters.size > 0) return undefined;
    this.#held += 1;
    return this.#releaser();
  }

  /** Waits for a permit. @throws DatabaseError `timeout` (`ACQUIRE_TIMEOUT`) or `aborted` (`ABORTED`) */
  acquire(wait: WaitOptions): Promise<Release> {
    if (wait.signal?.aborted) return Promise.reject(abortedError(wait));
    const free = this.tryAcquire();
    if (free) return Promise.resolve(free);
    return new Promise<Release>((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        forget();
      };
      const waiter: Waiter = {
        grant: () => {
          settle();
          resolve(this.#releaser());
        },
        fail: (error) => {
          settle();
          reject(error);
        },
      };
      const timer = Number.isFinite(wait.timeoutMs)
        ? setTimeout(() => waiter.fail(timeoutError(wait, this.#hint)), Math.min(wait.timeoutMs, longestTimerMs))
        : undefined;
      const forget = onAbort(wait.signal, () => waiter.fail(abortedError(wait)));
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait with `error`. */
  rejectAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.fail(error);
  }

  #releaser(): Release {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = this.#waiters;
      // The permit passes straight to the next waiter, so a newcomer cannot slip in between.
      if (next) next.grant();
      else this.#held -= 1;
    };
  }
}

/** The error of a wait or a run that its caller's signal ended. */
export function abortedError(wait: Pick<WaitOptions, 'signal' | 'operation'>): DatabaseError {
  return new DatabaseError('The call was aborted by its signal', {
    type: 'aborted',
    code: 'ABORTED',
    operation: wait.operation,
    cause: wait.signal?.reason,
  });
}

const heldTooLong =
  'Make transactions shorter or acquireTimeoutMs longer. What an open transaction itself waits for must run in its async context, or by its tx.db';

function timeoutError(wait: WaitOptions, hint: string): DatabaseError {
  return new DatabaseError(`No connection was free within ${wait.timeoutMs} ms`, {
    type: 'timeout',
    code: 'ACQUIRE_TIMEOUT',
    operation: wait.operation,
    recoverable: true,
    hint,
  });
}
