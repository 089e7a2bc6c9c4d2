// What is counted about one kind of work: a statement, a named operation, everything of the last minutes.
import { binOf, Histogram } from './histogram.js';

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

  /** `bin`: that of `durationMs`, for whoever knows it already. */
  record(durationMs: number, failed: boolean, bin: number = binOf(durationMs)): void {
    this.calls += 1;
    if (failed) this.errors += 1;
    this.totalMs += durationMs;
    if (durationMs > this.maxMs) this.maxMs = durationMs;
    this.#histogram.record(bin);
  }

  add(other: Durations): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.totalMs += other.totalMs;
    this.maxMs = Math.max(this.maxMs, other.maxMs);
    this.#histogram.add(other.#histogram);
  }

  percentile(fraction: number): number {
    return this.percentiles([fraction])[0] ?? 0;
  }

  /** Those of several fractions, the smallest first. The middle of a bin can lie above the longest duration in it. */
  percentiles(fractions: readonly number[]): number[] {
    return this.#histogram.percentiles(fractions).map((percentile) => Math.min(percentile, this.maxMs));
  }

  summary(): DurationSummary {
    const { calls, errors, totalMs, maxMs } = this;
    const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = this.percentiles([0.5, 0.95, 0.99]);
    return {
      calls,
      errors,
      totalMs,
      meanMs: calls === 0 ? 0 : totalMs / calls,
      p50Ms,
      p95Ms,
      p99Ms,
      maxMs,
    };
  }
}
