// Waits for locks that other processes hold, without blocking the event loop.
import { performance } from 'node:perf_hooks';
import { type DatabaseError, isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { pause } from './aborts.js';
import type { Awaitable } from './awaitable.js';
import { abortedError, type WaitOptions } from './fifo-lock.js';
import { endOfWait, retryDelayMs } from './retry.js';

/** Bounds of a wait, and who hears of it. */
export type Patience = WaitOptions & { readonly events: Events };

/**
 * Another connection's lock, met by an attempt that returns it instead of throwing. The error is made when somebody is told:
 * it costs three times as much as the attempt, and most waits end well.
 */
export class LockMet {
  readonly #tell: () => DatabaseError;

  constructor(tell: () => DatabaseError) {
    this.#tell = tell;
  }

  get error(): DatabaseError {
    return this.#tell();
  }
}

/**
 * Runs `attempt` until it no longer meets another connection's lock, pausing with jitter in between. The first attempt is made
 * at once: what meets no lock costs no promise.
 */
export function patiently<T>(attempt: () => T | LockMet, wait: Patience): Awaitable<T> {
  if (wait.signal?.aborted) throw abortedError(wait);
  const deadline = performance.now() + wait.timeoutMs;
  try {
    const result = orLock(attempt);
    return result instanceof LockMet ? tryAgain(attempt, { wait, deadline, met: result }) : result;
  } catch (error) {
    return Promise.reject(error);
  }
}

async function tryAgain<T>(
  attempt: () => T | LockMet,
  { wait, deadline, met }: { readonly wait: Patience; readonly deadline: number; readonly met: LockMet },
): Promise<T> {
  let last = met;
  for (let tries = 1; ; tries += 1) {
    if (performance.now() >= deadline) throw endOfWait(last.error);
    const delayMs = retryDelayMs(tries, lockPauses);
    if (wait.events.active) wait.events.emit({ type: 'retry', attempt: tries, delayMs, error: last.error });
    await pause(Math.min(delayMs, Math.max(0, deadline - performance.now())), wait.signal);
    if (wait.signal?.aborted) throw abortedError(wait);
    const result = orLock(attempt);
    if (!(result instanceof LockMet)) return result;
    last = result;
  }
}

function orLock<T>(attempt: () => T | LockMet): T | LockMet {
  try {
    return attempt();
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'lock') return new LockMet(() => error);
    throw error;
  }
}

// Short, because the lock of another process is usually held for a few milliseconds.
const lockPauses = { baseDelayMs: 1, maxDelayMs: 25 };
