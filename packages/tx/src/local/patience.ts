// Waits for locks that other processes hold, without blocking the event loop.
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '../connection-source.js';
import { isDatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { abortedError, type WaitOptions } from '../fifo-lock.js';
import { retryDelayMs } from '../retry.js';

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
  const hadTurn = take !== undefined && started - (wait.heldUntil ?? Number.NEGATIVE_INFINITY) < turnEndsMs;
  let error = met;
  for (let tries = 1; ; tries += 1) {
    if (!isDatabaseError(error) || error.type !== 'lock' || performance.now() >= deadline) throw error;
    const delayMs = hadTurn && tries === 1 ? afterTurnMs * (0.5 + Math.random()) : retryDelayMs(tries, lockPauses);
    if (wait.events.active) wait.events.emit({ type: 'retry', attempt: tries, delayMs, error });
    await pause(Math.min(delayMs, Math.max(0, deadline - performance.now())), wait);
    try {
      if (take && (await takeBetween(take, wait, { deadline, looks: Math.min(tries, mostLooks) }))) return;
      if (wait.signal?.aborted) throw abortedError(wait);
      return attempt();
    } catch (again) {
      error = again;
    }
  }
}

/** Asks a few times in a row, so that it meets the moment between two transactions of others, and between turns of the loop. */
async function takeBetween(
  take: () => boolean,
  wait: Patience,
  { deadline, looks }: { readonly deadline: number; readonly looks: number },
): Promise<boolean> {
  for (let look = 1; look <= looks && !wait.signal?.aborted && performance.now() < deadline; look += 1) {
    for (let i = 0; i < inARow; i += 1) if (take()) return true;
    await setImmediate();
  }
  return false;
}

// Short, because the lock of another process is usually held for a few milliseconds.
const lockPauses = { baseDelayMs: 1, maxDelayMs: 25 };

// Who has just written lets others write for a while: each change of the writer costs both their page caches, and processes
// that take turns of one transaction each are slower together than one of them alone.
const afterTurnMs = 8;
const turnEndsMs = 2;

// About the time of one short transaction, and no more of the loop than a statement takes.
const inARow = 8;
const mostLooks = 8;

async function pause(delayMs: number, wait: WaitOptions): Promise<void> {
  try {
    await sleep(delayMs, undefined, wait.signal ? { signal: wait.signal } : {});
  } catch {
    throw abortedError(wait);
  }
}
