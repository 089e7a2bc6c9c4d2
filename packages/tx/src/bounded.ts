// Ends the wait for work when its time is up or its signal fires; what the work still does is refused by its ended frame.
import { DatabaseError } from './errors.js';
import { abortedError } from './fifo-lock.js';

/** Runs `work`. @throws DatabaseError `timeout` (`TX_TIMEOUT`) after `timeoutMs`, `aborted` (`ABORTED`) with the signal */
export function bounded<T>(timeoutMs: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal?.aborted) return Promise.reject(abortedError({ signal, operation: 'transaction' }));
  if (!Number.isFinite(timeoutMs) && !signal) return work();
  return new Promise<T>((resolve, reject) => {
    const disarm = Number.isFinite(timeoutMs)
      ? deadlines.arm(timeoutMs, () => reject(timeoutError(timeoutMs)))
      : undefined;
    const onAbort = (): void => reject(abortedError({ signal, operation: 'transaction' }));
    signal?.addEventListener('abort', onAbort, { once: true });
    const stop = (): void => {
      disarm?.();
      signal?.removeEventListener('abort', onAbort);
    };
    work().then(
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

interface Deadline {
  readonly at: number;
  readonly expire: () => void;
}

/** Deadlines of seconds and more, looked at ten times a second by one timer: most work ends long before its own. */
class Deadlines {
  readonly #waiting = new Set<Deadline>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls `expire` after `timeoutMs`, at most a tenth of a second late, unless the returned function was called. */
  arm(timeoutMs: number, expire: () => void): () => void {
    if (timeoutMs < 1_000) {
      const timer = setTimeout(expire, timeoutMs);
      return () => clearTimeout(timer);
    }
    const deadline = { at: performance.now() + timeoutMs, expire };
    this.#waiting.add(deadline);
    this.#timer ??= setInterval(() => this.#look(), 100).unref();
    return () => this.#waiting.delete(deadline);
  }

  #look(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    for (const deadline of this.#waiting) {
      if (deadline.at > now) continue;
      this.#waiting.delete(deadline);
      deadline.expire();
    }
  }
}

// One for the process: it holds no state of any manager beyond the time that its work runs.
const deadlines = new Deadlines();

function timeoutError(timeoutMs: number): DatabaseError {
  return new DatabaseError(`The transaction ran longer than ${timeoutMs} ms and was rolled back`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation: 'transaction',
  });
}
