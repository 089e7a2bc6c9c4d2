// What is counted while it happens: the events of the transaction manager go to the statistics that they belong to.
import { performance } from 'node:perf_hooks';
import type { ManagerEvent } from '@cc/tx';
import type { DatabaseErrorType } from '@cc/tx/errors';
import type { ResolvedOptions } from './options.js';
import { ReplicaProbe } from './probes/replica-probe.js';
import type { HealthSource } from './source.js';
import { DurationBuckets } from './statistics/duration-buckets.js';
import { Durations } from './statistics/durations.js';
import { activeTrace, type TraceReference } from './statistics/exemplars.js';
import { binOf } from './statistics/histogram.js';
import { NamedDurations } from './statistics/named-durations.js';
import { type Execution, QueryStatistics } from './statistics/query-statistics.js';
import { RecentDurations } from './statistics/recent-durations.js';
import { TransactionStatistics } from './statistics/transaction-statistics.js';

/** They say something about the data or the caller, not about the database. */
const ordinaryFailures: readonly DatabaseErrorType[] = ['constraint', 'aborted'];

const minuteMs = 60_000;

/** The counts of one monitor. */
export class Recording {
  readonly queries: QueryStatistics;
  readonly buckets = new DurationBuckets();
  readonly recent: RecentDurations;
  readonly transactions: TransactionStatistics;
  readonly operations: NamedDurations;
  readonly errorsByType = new Map<DatabaseErrorType, number>();
  /** Null for what is no replica. */
  readonly replica: ReplicaProbe | null;
  busyErrors = 0;
  /** How often it was told that the database lies where other machines may write. */
  storageWarnings = 0;
  readonly #recentBusy: RecentDurations;
  readonly #now: () => number;
  readonly #spanOf: (at: number) => number;
  readonly #exemplar: (() => TraceReference | undefined) | undefined;
  /** From `performance.now()` to `Date.now()`; null with a clock of the caller's. */
  #clockOffsetMs: number | null = null;

  constructor(source: HealthSource, options: ResolvedOptions) {
    const { windowMs, maxStatements, now, spanOf, exemplar } = options;
    this.#exemplar = exemplar;
    this.queries = new QueryStatistics(options);
    this.recent = new RecentDurations(windowMs);
    this.transactions = new TransactionStatistics(windowMs);
    this.operations = new NamedDurations(maxStatements, () => new Durations());
    this.replica = source.capabilities?.target === 'replica' ? new ReplicaProbe(spanOf(now())) : null;
    // Shorter windows would make one error many a minute.
    this.#recentBusy = new RecentDurations(Math.max(minuteMs, windowMs));
    this.#now = now;
    this.#spanOf = spanOf;
    this.setClock();
  }

  event(event: ManagerEvent): void {
    switch (event.type) {
      case 'query':
        this.query(event, event.error === null ? null : event.error.type, event.endedAt);
        return;
      case 'transaction':
        this.transactions.transaction(event, activeTrace(this.#exemplar, this.#now));
        return;
      case 'pool':
        this.transactions.pool(event, this.#spanNow());
        return;
      case 'retry':
        this.transactions.retries += 1;
        if (event.error.type === 'lock') this.#busy(this.#spanNow());
        return;
      case 'hook_error':
        this.transactions.hookErrors += 1;
        return;
      case 'storage':
        this.storageWarnings += 1;
        return;
      case 'sync':
        this.replica?.sync(event, this.#spanNow());
        return;
      default:
      // Nothing here counts it.
    }
  }

  /** `endedAt`: by the clock of `performance.now()`. */
  query(execution: Execution, errorType: DatabaseErrorType | null, endedAt: number = performance.now()): void {
    const { durationMs } = execution;
    const at = this.#clockOffsetMs === null ? this.#now() : endedAt + this.#clockOffsetMs;
    const spanAt = this.#clockOffsetMs === null ? at : endedAt;
    // Once for the statement and for the window.
    const bin = binOf(durationMs);
    if (!this.queries.record(execution, errorType, at, bin)) return;
    this.buckets.record(durationMs, activeTrace(this.#exemplar, this.#now));
    const faulty = errorType !== null && !ordinaryFailures.includes(errorType);
    this.recent.record(spanAt, durationMs, errorType !== null, faulty, bin);
    if (errorType === null) return;
    this.errorsByType.set(errorType, (this.errorsByType.get(errorType) ?? 0) + 1);
    if (errorType === 'lock') this.#busy(spanAt);
  }

  busyPerMinute(spanAt: number): number {
    const spanMs = this.#recentBusy.spanMs(spanAt);
    return (this.#recentBusy.upTo(spanAt).faults * minuteMs) / Math.max(minuteMs, spanMs);
  }

  /** Sets the clock of the events by the one of the monitor: asking that one for each statement costs a tenth of all. */
  setClock(): void {
    if (this.#now === Date.now) this.#clockOffsetMs = Date.now() - performance.now();
  }

  #spanNow(): number {
    return this.#spanOf(this.#now());
  }

  #busy(spanAt: number): void {
    this.busyErrors += 1;
    this.#recentBusy.record(spanAt, 0, true, true);
  }
}
