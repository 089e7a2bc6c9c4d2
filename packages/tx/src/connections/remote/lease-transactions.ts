// The transactions of a lease on a server (remote.ts), which end with it: one that is left open there keeps all writers waiting
// until the server takes its lock away.
import { DatabaseError } from '../../errors.js';
import type { QueuedTransaction } from './queued-transaction.js';

/** Those that one lease has begun. */
export class LeaseTransactions {
  readonly #open = new Set<QueuedTransaction>();
  #ended = false;

  /** Returns `transaction`. @throws DatabaseError `closed` (`LEASE_RELEASED`), and ends it, when the lease was given back meanwhile */
  add(transaction: QueuedTransaction): QueuedTransaction {
    if (this.#ended) {
      transaction.close();
      throw givenBack('transaction');
    }
    for (const other of this.#open) if (other.closed) this.#open.delete(other);
    this.#open.add(transaction);
    return transaction;
  }

  /** Rolls back those that are open, and refuses what is sent to them from now on. */
  end(): void {
    this.#ended = true;
    for (const transaction of this.#open) transaction.end(givenBack('transaction'));
    this.#open.clear();
  }
}

/** The error of what comes behind the end of a lease. */
export function givenBack(operation: string): DatabaseError {
  return new DatabaseError('The connection was given back', { type: 'closed', code: 'LEASE_RELEASED', operation });
}
