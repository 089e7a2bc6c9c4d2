// Ends the wait for work when its time is up or its signal fires; what the work still does is refused by its ended frame.
// Timers alone would come late where work never waits, so the clock is asked at each statement and at the end too.
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { DatabaseError, isDatabaseError } from '../errors.js';
import { onAbort } from './aborts.js';
import { abortedError, longestTimerMs } from './fifo-lock.js';

/** What is limited, and so what is undone. */
type Limited = keyof typeof whatEnds;

/** How long work may take, from now on, and what may end it. */
export class Limit {
  readonly timeoutMs: number;
  readonly limited: Limited;
  readonly signal: AbortSignal | undefined;
  /** On the clock of `performance.now()`. */
  readonly at: number;
  /** Ends the wait under way `within` it. */
  #giveUp: ((error: DatabaseError) => void) | undefined;

  constructor(timeoutMs: number, signal: AbortSignal | undefined, limited: Limited = 'transaction') {
    this.timeoutMs = timeoutMs;
    this.limited = limited;
    this.signal = signal;
    this.at = performance.now() + timeoutMs;
  }

  /** Ends the wait under way `within` it with `error`, before its time. */
  end(error: DatabaseError): void {
    this.#giveUp?.(error);
  }

  /** Has `giveUp` called by `end`; undefined when nobody waits any more. */
  onEnd(giveUp: ((error: DatabaseError) => void) | undefined): void {
    this.#giveUp = giveUp;
  }

  /** @throws DatabaseError `timeout` (`TX_TIMEOUT`) when the time is up at `now`, `aborted` (`ABORTED`) with the signal */
  assert(now: number): void {
    if (this.signal?.aborted) throw abortedError({ signal: this.signal, operation: 'transaction' });
    if (now > this.at) throw timeoutError(this);
  }
}

/** Runs `work`. @throws DatabaseError `timeout` (`TX_TIMEOUT`) after `timeoutMs`, `aborted` (`ABORTED`) with the signal */
export function bounded<T>(timeoutMs: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  return within(new Limit(timeoutMs, signal), work);
}

/** Runs `work` within `limit`. What settles before a timer could fire counts, however late: ask the limit afterwards. */
export function within<T>(limit: Limit, work: () => Promise<T>): Promise<T> {
  const { signal } = limit;
  if (signal?.aborted) return Promise.reject(abortedError({ signal, operation: 'transaction' }));
  // What is around a block inside a transaction is ended with the transaction.
  if (!Number.isFinite(limit.at) && !signal && limit.limited !== 'transaction') return work();
  return new Promise<T>((resolve, reject) => {
    const disarm = Number.isFinite(limit.at) ? deadlines.arm(limit, reject) : undefined;
    const forget = onAbort(signal, () => reject(abortedError({ signal, operation: 'transaction' })));
    limit.onEnd(reject);
    const stop = (): void => {
      disarm?.();
      limit.onEnd(undefined);
      forget();
    };
    started(work).then(
      (result) => {
        stop();
        resolve(result);
      },
      (error: unknown) => {
        stop();
        reject(error);
      },
    );
  });
}

/** What throws before it has a promise rejects one. */
function started<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

/**
 * Waits for what a server answers to `operation`.
 *
 * @throws DatabaseError `timeout` (`TX_TIMEOUT`) after `timeoutMs` without it, `aborted` (`ABORTED`) with the signal
 */
export async function answered<T>(
  timeoutMs: number,
  operation: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await bounded(timeoutMs, signal, work);
  } catch (error) {
    throw isDatabaseError(error) && error.type === 'timeout' ? unansweredError(timeoutMs, operation) : error;
  }
}

interface Deadline {
  readonly limit: Limit;
  readonly expire: (error: DatabaseError) => void;
}

/** One timer for all deadlines, set to the earliest: most work ends long before its own. */
class Deadlines {
  readonly #waiting = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;
  #next = Number.POSITIVE_INFINITY;

  /** Calls `expire` when the time of `limit` is up, unless the returned function was called. */
  arm(limit: Limit, expire: Deadline['expire']): () => void {
    const deadline = { limit, expire };
    this.#waiting.add(deadline);
    if (limit.at < this.#next) this.#lookAt(limit.at);
    else if (this.#waiting.size === 1) this.#timer?.ref();
    return () => {
      this.#waiting.delete(deadline);
      // It keeps the process up only for those who wait.
      if (this.#waiting.size === 0) this.#timer?.unref();
    };
  }

  #lookAt(at: number): void {
    clearTimeout(this.#timer);
    this.#next = at;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(at - performance.now(), 0), longestTimerMs));
  }

  #look(): void {
    this.#next = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    const now = performance.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const deadline of this.#waiting) {
      const { at } = deadline.limit;
      if (at > now) {
        earliest = Math.min(earliest, at);
        continue;
      }
      this.#waiting.delete(deadline);
      deadline.expire(timeoutError(deadline.limit));
    }
    if (Number.isFinite(earliest)) this.#lookAt(earliest);
  }
}

// One for the process: it holds no state of any manager beyond the time that its work runs.
const deadlines = new Deadlines();

const whatEnds = Object.freeze({
  transaction: ['transaction', 'was rolled back'],
  nested: ['nested block', 'was undone alone; the transaction around it goes on'],
  joined: ['joined block', 'leaves the transaction around it good for a rollback only'],
});

function timeoutError({ timeoutMs, limited }: Limit): DatabaseError {
  const [what, end] = whatEnds[limited];
  return new DatabaseError(`The ${what} ran longer than ${timeoutMs} ms and ${end}`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation: 'transaction',
  });
}

function unansweredError(timeoutMs: number, operation: string): DatabaseError {
  return new DatabaseError(`The server did not answer within ${timeoutMs} ms`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation,
    hint: 'Look whether the server is well, or make transactionTimeoutMs longer',
  });
}
