// Counts transactions, retries and waits from the events of the transaction manager.
import { performance } from 'node:perf_hooks';
import type { PoolEvent, TransactionEvent } from '@cc/tx';
import { DurationBuckets } from './duration-buckets.js';
import { type DurationSummary, Durations } from './durations.js';
import type { TracedAt } from './exemplars.js';
import { RecentDurations } from './recent-durations.js';

/** Statistics of transactions since monitoring began; savepoints are not among them. */
export interface TransactionsReport extends Pick<DurationSummary, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  readonly committed: number;
  readonly rolledBack: number;
  /** COMMIT was sent and its answer was lost. */
  readonly unknown: number;
  /** Attempts that failed and were run again. */
  readonly retries: number;
  /** `afterCommit` and `afterRollback` hooks that threw. */
  readonly hookErrors: number;
  /** The open ones that began while monitoring, the oldest first; at most ten. */
  readonly open: readonly { readonly id: string; readonly label: string | null; readonly ageMs: number }[];
}

/** Statistics of waits for a connection since monitoring began. */
export interface WaitsReport extends Pick<DurationSummary, 'p50Ms' | 'p95Ms' | 'p99Ms' | 'maxMs'> {
  readonly waits: number;
}

/** Running counts of transactions and waits. */
export class TransactionStatistics {
  retries = 0;
  hookErrors = 0;
  readonly transactionBuckets = new DurationBuckets();
  readonly waitBuckets = new DurationBuckets();
  /** Of the last windows, so that an old wait is forgotten. */
  readonly recentWaits: RecentDurations;
  readonly #transactions = new Durations();
  readonly #waits = new Durations();
  readonly #open = new Map<string, { readonly startedAt: number; readonly label: string | null }>();
  /** Those that were open when counting began: since when is not known, only that they are at least as old. */
  #before = { open: 0, at: 0 };
  #isCounting = false;
  #unknown = 0;

  constructor(windowMs: number) {
    this.recentWaits = new RecentDurations(windowMs);
  }

  transaction(event: TransactionEvent, trace?: TracedAt): void {
    if (event.depth !== 0) return;
    const { id, phase, durationMs } = event;
    if (phase === 'begin') {
      this.#open.set(id, { startedAt: performance.now(), label: event.label ?? null });
      return;
    }
    if (!this.#open.delete(id) && this.#before.open > 0) this.#before.open -= 1;
    if (phase === 'unknown') this.#unknown += 1;
    this.#transactions.record(durationMs, phase !== 'commit');
    this.transactionBuckets.record(durationMs, trace);
  }

  pool(event: PoolEvent, at: number): void {
    if (event.action !== 'wait') return;
    this.#waits.record(event.durationMs, false);
    this.waitBuckets.record(event.durationMs);
    this.recentWaits.record(at, event.durationMs, false, false);
  }

  /** Counting begins, or goes on after a pause in which nobody listened, with `open` ones that may be of any age. */
  begin(open: number): void {
    this.#open.clear();
    this.#before = { open, at: performance.now() };
    this.#isCounting = true;
  }

  /** What happens while nobody listens is not known: those that are open may end then. */
  forgetOpen(): void {
    this.begin(0);
    this.#isCounting = false;
  }

  /** Age of the oldest open one, at least; 0 when none is open, null while nobody listens. */
  oldestMs(): number | null {
    if (!this.#isCounting) return null;
    const [oldest] = this.#open.values();
    const startedAt = this.#before.open > 0 ? this.#before.at : oldest?.startedAt;
    return startedAt === undefined ? 0 : performance.now() - startedAt;
  }

  transactions(): TransactionsReport {
    const { calls, errors, p50Ms, p95Ms, p99Ms, maxMs } = this.#transactions.summary();
    const { retries, hookErrors } = this;
    const now = performance.now();
    const open = [...this.#open]
      .slice(0, 10)
      .map(([id, { startedAt, label }]) => ({ id, label, ageMs: now - startedAt }));
    const unknown = this.#unknown;
    const ends = { committed: calls - errors, rolledBack: errors - unknown, unknown, retries, hookErrors };
    return { ...ends, p50Ms, p95Ms, p99Ms, maxMs, open };
  }

  waits(): WaitsReport {
    const { calls, p50Ms, p95Ms, p99Ms, maxMs } = this.#waits.summary();
    return { waits: calls, p50Ms, p95Ms, p99Ms, maxMs };
  }
}
