// Whether a server answers at all, within the time that opening may take: what a connection (remote.ts) and a replica that gets
// nothing (follower.ts) ask first. A server that is silent has said nothing, so the error tells what was met before, if anything.
import { DatabaseError, isDatabaseError } from '../../errors.js';
import type { Events } from '../../events.js';
import { bounded } from '../../waiting/bounded.js';

/** How long the answer is waited for, and who hears of the attempts that failed meanwhile. */
export interface FirstAnswerSettings {
  readonly timeoutMs: number;
  readonly events: Events;
  readonly operation: string;
}

/**
 * Runs `ask`, which gives up when its signal fires.
 *
 * @throws DatabaseError `timeout` (`SERVER_SILENT`) after `timeoutMs` without an answer; the error of an attempt that had one
 */
export async function firstAnswer(
  { timeoutMs, events, operation }: FirstAnswerSettings,
  ask: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const ended = new AbortController();
  let met: DatabaseError | undefined;
  const forget = events.subscribe((event) => {
    if (event.type === 'retry') met = event.error;
  });
  let isSettled = false;
  try {
    await bounded(timeoutMs, undefined, () =>
      ask(ended.signal).finally(() => {
        isSettled = true;
      }),
    );
  } catch (error) {
    // Its own failure, or the end of the time without any.
    throw isSettled || !isDatabaseError(error) ? error : (met ?? silentError(timeoutMs, operation));
  } finally {
    forget();
    ended.abort();
  }
}

/** The error of a server that says nothing. */
export function silentError(timeoutMs: number, operation: string): DatabaseError {
  return new DatabaseError(`The server did not answer within ${timeoutMs} ms`, {
    type: 'timeout',
    code: 'SERVER_SILENT',
    operation,
    recoverable: true,
    hint: 'Check the address and that the server is well, or make acquireTimeoutMs longer',
  });
}
