// Waits for locks that other processes hold, without blocking the event loop.
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import type { Awaitable } from './awaitable.js';
import { abortedError, type WaitOptions } from './fifo-lock.js';
import { retryDelayMs } from './retry.js';

/** Bounds of a wait, and who hears of it. */
export type Patience = WaitOptions & {
  readonly events: Events;
  /** When this process gave the lock back for the last time, on the clock of `performance.now()`. */
  readonly heldUntil?: number;
};

/**
 * Runs `attempt` until it no longer meets another connection's lock, pausing with jitter in between. The first attempt is made
 * at once: what meets no lock costs no promise. `take` does what `attempt` does and says by its answer whether it met no lock:
 * it is asked many times after each pause, because whoever writes one transaction after the other is between two of them for
 * a few microseconds only.
 */
export function patiently<T>(attempt: () => T, wait: Patience): Awaitable<T>;
export function patiently(attempt: () => void, wait: Patience, take: () => boolean): Awaitable<void>;
export function patiently<T>(attempt: () => T, wait: Patience, take?: () => boolean): Awaitable<T | void> {
  if (wait.signal?.aborted) throw abortedError(wait);
  const started = performance.now();
  try {
    return attempt();
  } catch (error) {
    return tryAgain(attempt, { wait, take, started, met: error });
  }
}

interface Waiting {
  readonly wait: Patience;
  readonly take: (() => boolean) | undefined;
  readonly started: number;
  readonly met: unknown;
}

async function tryAgain<T>(attempt: () => T, { wait, take, started, met }: Waiting): Promise<T | void> {
  const deadline = started + wait.timeoutMs;
  const hasWritten = started - (wait.heldUntil ?? Number.NEGATIVE_INFINITY) < justNowMs;
  let error = met;
  for (let tries = 1; ; tries += 1) {
    const now = performance.now();
    if (!isDatabaseError(error) || error.type !== 'lock' || now >= deadline) throw error;
    const delayMs = retryDelayMs(tries, take && hasWritten ? afterWriting : lockPauses);
    if (wait.events.active) wait.events.emit({ type: 'retry', attempt: tries, delayMs, error });
    await pause(Math.min(delayMs, Math.max(0, deadline - now)), wait);
    try {
      if (take && performance.now() - started >= insistAfterMs && (await takeBetween(take, wait, deadline))) return;
      if (wait.signal?.aborted) throw abortedError(wait);
      return attempt();
    } catch (again) {
      error = again;
    }
  }
}

/** Looks a few times in a row, so that the moment between two transactions of others is met, and again after a turn of the loop. */
async function takeBetween(take: () => boolean, { signal }: Patience, deadline: number): Promise<boolean> {
  for (let turns = 0; turns < looksTurns && !signal?.aborted && performance.now() < deadline; turns += 1) {
    for (let look = 0; look < looksInTurn; look += 1) if (take()) return true;
    await setImmediate();
  }
  return false;
}

// Short, because the lock of another process is usually held for a few milliseconds.
const lockPauses = { baseDelayMs: 1, maxDelayMs: 25 };

// Whoever has just written lets others write for a while: each change of the writer costs both processes what they keep of
// the file, and those that take turns of one transaction each are slower together than one of them alone.
const afterWriting = { baseDelayMs: 8, maxDelayMs: 25 };
const justNowMs = 2;

// Whoever waits for longer is not left to chance. In a row about as long as a short transaction, and no longer than the loop
// waits for a statement.
const insistAfterMs = 25;
const looksInTurn = 8;
const looksTurns = 4;

async function pause(delayMs: number, wait: WaitOptions): Promise<void> {
  try {
    await sleep(delayMs, undefined, wait.signal ? { signal: wait.signal } : {});
  } catch {
    throw abortedError(wait);
  }
}
