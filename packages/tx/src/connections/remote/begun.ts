// Begins a transaction on a server, for remote.ts. A connection that is only being made has to hear from the server first.
import type { Transaction, TransactionMode } from '@libsql/client';
import { answered } from '../../waiting/bounded.js';
import type { ServerClient } from './watched-client.js';

/** How long the server is waited for, and what ends the wait. */
export interface BeginLimits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns a transaction that `client` has begun. One that is begun when nobody waits for it any more is ended again.
 *
 * @throws DatabaseError `timeout` (`TX_TIMEOUT`) after `timeoutMs`, `aborted` (`ABORTED`) with the signal
 */
export async function begun(
  client: Pick<ServerClient, 'transaction'>,
  mode: TransactionMode,
  { timeoutMs, signal }: BeginLimits,
): Promise<Transaction> {
  const beginning = client.transaction(mode);
  try {
    return await answered(timeoutMs, 'BEGIN', () => beginning, signal);
  } catch (error) {
    beginning.then(
      (late) => late.close(),
      () => undefined,
    );
    throw error;
  }
}
