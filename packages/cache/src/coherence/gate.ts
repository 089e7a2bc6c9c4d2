// Whether the calling context may be answered from the cache, and when what it changes takes effect: inside a transaction of the
// bound manager nothing is answered or kept, and changes wait for COMMIT.
import type { BoundTransaction, BoundTransactions } from '../contract/bound.js';
import type { Coherence } from './coherence.js';

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
   * Drops something that is kept: now, or in the turn of the COMMIT of the calling context's write transaction, which `later`
   * answers for. What is rolled back drops nothing; what may be committed does.
   */
  drop<T>(make: () => T, later: T): T {
    // In a transaction that has ended there is no COMMIT to wait for, and dropping what is kept is never wrong.
    return this.#atCommit(make, make) ? later : make();
  }

  /**
   * Keeps a value: now, or in the turn of COMMIT; where it is unknown whether that took effect, `drop` runs instead. False inside a
   * snapshot, which may be older than what is kept, and in a transaction that has ended, which may have been rolled back.
   */
  keep(make: () => boolean, drop: () => unknown): boolean {
    const transaction = this.inside();
    if (transaction === undefined) return make();
    if (transaction.mode === 'write') this.#atCommit(make, drop);
    return false;
  }

  /** Whether there is a write transaction to wait for. */
  #atCommit(committed: () => unknown, unknown: () => unknown): boolean {
    const transaction = this.inside();
    if (transaction?.mode !== 'write') return false;
    try {
      transaction.afterCommit(committed);
      transaction.afterUnknown(unknown);
      return true;
    } catch {
      // It has ended.
      return false;
    }
  }
}
