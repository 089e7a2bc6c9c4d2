// Ends the wait for work when its time is up or its signal fires; what the work still does is refused by its ended frame.
import { DatabaseError } from './errors.js';
import { abortedError } from './fifo-lock.js';

/** Runs `work`. @throws DatabaseError `timeout` (`TX_TIMEOUT`) after `timeoutMs`, `aborted` (`ABORTED`) with the signal */
export async function bounded<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw abortedError({ signal, operation: 'transaction' });
  if (!Number.isFinite(timeoutMs) && !signal) return work();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    const timer = Number.isFinite(timeoutMs) ? setTimeout(() => reject(timeoutError(timeoutMs)), timeoutMs) : undefined;
    const onAbort = (): void => reject(abortedError({ signal, operation: 'transaction' }));
    signal?.addEventListener('abort', onAbort, { once: true });
    stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    stop();
  }
}

function timeoutError(timeoutMs: number): DatabaseError {
  return new DatabaseError(`The transaction ran longer than ${timeoutMs} ms and was rolled back`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation: 'transaction',
  });
}
