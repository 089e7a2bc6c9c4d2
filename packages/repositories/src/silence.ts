// Ends work that waits for a server which has gone silent. As long as it takes steps it may take as long as it needs (context.ts).
import { clearTimeout, setTimeout } from 'node:timers';
import { DatabaseError } from '@cc/tx/errors';

/**
 * Has `run` run `work`, which calls `stepped` with each of its steps; `signal` fires when that has not been called for `silenceMs`.
 *
 * @throws DatabaseError `timeout` (`TX_TIMEOUT`) then
 */
export async function endedBySilence<T>(
  silenceMs: number,
  work: (stepped: () => void) => Promise<T>,
  run: (watched: () => Promise<T>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const silent = new AbortController();
  const watched = async (): Promise<T> => {
    const timer = setTimeout(() => silent.abort(), silenceMs);
    try {
      return await work(() => void timer.refresh());
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    return await run(watched, silent.signal);
  } catch (error) {
    throw silent.signal.aborted ? silentError(silenceMs, error) : error;
  }
}

function silentError(silenceMs: number, cause: unknown): DatabaseError {
  return new DatabaseError(`The server did not answer within ${silenceMs} ms`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation: 'transaction',
    hint: 'Look whether the server is well, then run it again',
    cause,
  });
}
