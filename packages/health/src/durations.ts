// What is counted about one kind of work: a statement, a named operation, everything of the last minutes.
import { Histogram } from './histogram.js';

/** Counts and durations of one kind of work. */
export interface DurationSummary {
  readonly calls: number;
  /** Calls that failed, for whatever reason. */
  readonly errors: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Exact, as `totalMs` is; the percentiles are within 3.2 %. */
  readonly maxMs: number;
}

/** Running counts and durations. */
export class Durations {
  calls = 0;
  errors = 0;
  totalMs = 0;
  maxMs = 0;
  readonly #histogram = new Histogram();

  record(durationMs: number, failed: boolean): void {
    this.calls += 1;
    if (failed) this.errors += 1;
    this.totalMs += durationMs;
    if (durationMs > this.maxMs) this.maxMs = durationMs;
    this.#histogram.record(durationMs);
  }

  add(other: Durations): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.totalMs += other.totalMs;
    this.maxMs = Math.max(this.maxMs, other.maxMs);
    this.#histogram.add(other.#histogram);
  }

  /** The middle of a bin can lie above the longest duration in it. */
  percentile(fraction: number): number {
    return Math.min(this.#histogram.percentile(fraction), this.maxMs);
  }

  summary(): DurationSummary {
    const { calls, errors, totalMs, maxMs } = this;
    return {
      calls,
      errors,
      totalMs,
      meanMs: calls === 0 ? 0 : totalMs / calls,
      p50Ms: this.percentile(0.5),
      p95Ms: this.percentile(0.95),
      p99Ms: this.percentile(0.99),
      maxMs,
    };
  }
}
