// Durations in the few fixed buckets that exporters want: exact counts, unlike the fine bins of histogram.ts.

/** From 0.1 ms, because most statements of a local file take less than a millisecond, to 10 s. */
const limitsMs = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** Counts durations by bucket. */
export class DurationBuckets {
  readonly #counts = Array.from({ length: limitsMs.length + 1 }, () => 0);
  count = 0;
  #sumMs = 0;

  record(durationMs: number): void {
    let index = 0;
    while (index < limitsMs.length && durationMs > (limitsMs[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.count += 1;
    this.#sumMs += durationMs;
  }

  /** In seconds. */
  get sum(): number {
    return this.#sumMs / 1_000;
  }

  /** How many were at most that long, in seconds. */
  cumulative(): { le: number; count: number }[] {
    let count = 0;
    return this.#counts.map((each, i) => {
      count += each;
      return { le: (limitsMs[i] ?? Number.POSITIVE_INFINITY) / 1_000, count };
    });
  }
}
