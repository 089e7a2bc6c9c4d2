// How long to pause before trying again, and whether to.
import { type DatabaseError, isDatabaseError } from '../errors.js';
import { longestTimerMs } from './fifo-lock.js';

/** `RetryOptions` with every default filled in. */
export interface RetryBounds {
  readonly maxAttempts: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Exponential backoff with full jitter: uniform between 0 and twice the mean, the mean doubling up to the cap. */
export function retryDelayMs(attempt: number, bounds: Pick<RetryBounds, 'baseDelayMs' | 'maxDelayMs'>): number {
  // A timer that is asked for longer ends at once.
  const mean = Math.min(bounds.baseDelayMs * 2 ** (attempt - 1), bounds.maxDelayMs / 2, longestTimerMs / 2);
  return Math.random() * 2 * mean;
}

/**
 * Whether the same work may be run again: a passing failure of which nothing is in the database. Transactions count as a
 * whole, and only until COMMIT was sent.
 */
export function isRetryable(error: unknown): boolean {
  if (!isDatabaseError(error) || waitedOut.has(error)) return false;
  return error.recoverable && error.outcome === 'none' && passing.has(error.type);
}

/**
 * Says that `error` is the end of a wait that took all the time it may: the next attempt would wait as long once more, and
 * the caller's limit would be none. Its caller may try again.
 */
export function endOfWait(error: DatabaseError): DatabaseError {
  waitedOut.add(error);
  return error;
}

const waitedOut = new WeakSet<DatabaseError>();

const passing: ReadonlySet<string> = new Set(['lock', 'overload', 'connection', 'aborted']);
