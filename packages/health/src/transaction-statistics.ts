// Counts transactions, retries and waits from the events of the transaction manager.
import type { PoolEvent, TransactionEvent } from '@cc/tx';
import { type DurationSummary, Durations } from './durations.js';

/** Statistics of transactions since monitoring began; savepoints are not among them. */
export interface TransactionsReport extends Pick<DurationSummary, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  readonly committed: number;
  readonly rolledBack: number;
  /** Attempts that failed and were run again. */
  readonly retries: number;
  /** `afterCommit` and `afterRollback` hooks that threw. */
  readonly hookErrors: number;
}

/** Statistics of waits for a connection since monitoring began. */
export interface WaitsReport extends Pick<DurationSummary, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  readonly waits: number;
}

/** Running counts of transactions and waits. */
export class TransactionStatistics {
  retries = 0;
  hookErrors = 0;
  readonly #transactions = new Durations();
  readonly #waits = new Durations();

  transaction(event: TransactionEvent): void {
    if (event.phase !== 'begin' && event.depth === 0) {
      this.#transactions.record(event.durationMs, event.phase === 'rollback');
    }
  }

  pool(event: PoolEvent): void {
    if (event.action === 'wait') this.#waits.record(event.durationMs, false);
  }

  transactions(): TransactionsReport {
    const { calls, errors, p50Ms, p95Ms, p99Ms, maxMs } = this.#transactions.summary();
    const { retries, hookErrors } = this;
    return { committed: calls - errors, rolledBack: errors, retries, hookErrors, p50Ms, p95Ms, p99Ms, maxMs };
  }

  waits(): WaitsReport {
    const { calls, p50Ms, p95Ms, p99Ms, maxMs } = this.#waits.summary();
    return { waits: calls, p50Ms, p95Ms, p99Ms, maxMs };
  }
}
