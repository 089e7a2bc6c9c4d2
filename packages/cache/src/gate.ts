// Whether the calling context may be answered from the cache, and when what it changes takes effect: inside a transaction of the
// bound manager nothing is answered or kept, and changes wait for COMMIT.
import type { Coherence } from './coherence.js';
import type { BoundTransaction, BoundTransactions } from './types.js';

/** Stands before every region of one cache. */
export class Gate {
  readonly coherence: Coherence;
  readonly #transactions: BoundTransactions | undefined;

  constructor(transactions: BoundTransactions | undefined, coherence: Coherence) {
    this.#transactions = transactions;
    this.coherence = coherence;
  }

  /** The transaction or snapshot of the calling context. */
  inside(): BoundTransaction | undefined {
    return this.#transactions?.current();
  }

  /** Whether what is in memory may be answered to the calling context. Drops it first when the database has changed. */
  answers(): boolean {
    const transactions = this.#transactions;
    return transactions === undefined || (transactions.current() === undefined && this.coherence.confirm());
  }

  /**
   * Makes a change of what is kept: now, or in the turn of the COMMIT of the calling context's write transaction, which `later`
   * answers for. What is rolled back changes nothing; what may be committed does.
   */
  change<T>(make: () => T, later: T): T {
    const transaction = this.inside();
    if (transaction?.mode !== 'write') return make();
    try {
      transaction.afterCommit(make);
      transaction.afterUnknown(make);
      return later;
    } catch {
      // It has ended, so there is no COMMIT to wait for, and dropping what is kept is never wrong.
      return make();
    }
  }
}
