// Waits for locks that other processes hold, without blocking the event loop.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import type { Awaitable } from './awaitable.js';
import { abortedError, type WaitOptions } from './fifo-lock.js';
import { retryDelayMs } from './retry.js';

/** Bounds of a wait, and who hears of it. */
export type Patience = WaitOptions & { readonly events: Events };

/**
 * Runs `attempt` until it no longer meets another connection's lock, pausing with jitter in between. The first attempt is made
 * at once: what meets no lock costs no promise.
 */
export function patiently<T>(attempt: () => T, wait: Patience): Awaitable<T> {
  if (wait.signal?.aborted) throw abortedError(wait);
  const started = performance.now();
  try {
    return attempt();
  } catch (error) {
    return tryAgain(attempt, { wait, deadline: started + wait.timeoutMs, met: error });
  }
}

async function tryAgain<T>(
  attempt: () => T,
  { wait, deadline, met }: { readonly wait: Patience; readonly deadline: number; readonly met: unknown },
): Promise<T> {
  let error = met;
  for (let tries = 1; ; tries += 1) {
    if (!isDatabaseError(error) || error.type !== 'lock' || performance.now() >= deadline) throw error;
    const delayMs = retryDelayMs(tries, lockPauses);
    if (wait.events.active) wait.events.emit({ type: 'retry', attempt: tries, delayMs, error });
    await pause(Math.min(delayMs, Math.max(0, deadline - performance.now())), wait);
    if (wait.signal?.aborted) throw abortedError(wait);
    try {
      return attempt();
    } catch (again) {
      error = again;
    }
  }
}

// Short, because the lock of another process is usually held for a few milliseconds.
const lockPauses = { baseDelayMs: 1, maxDelayMs: 25 };

async function pause(delayMs: number, wait: WaitOptions): Promise<void> {
  try {
    await sleep(delayMs, undefined, wait.signal ? { signal: wait.signal } : {});
  } catch {
    throw abortedError(wait);
  }
}
