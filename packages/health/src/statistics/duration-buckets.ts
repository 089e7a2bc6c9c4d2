// Durations in the few fixed buckets that exporters want: exact counts, unlike the fine bins of histogram.ts.

import type { Exemplar, TracedAt } from './exemplars.js';

/** From 0.1 ms, because most statements of a local file take less than a millisecond, to 10 s. */
const limitsMs = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/** Counts durations by bucket. */
export class DurationBuckets {
  readonly #counts = Array.from({ length: limitsMs.length + 1 }, () => 0);
  /** The last of each bucket; absent until one comes. */
  #exemplars: Map<number, Exemplar> | undefined;
  count = 0;
  #sumMs = 0;

  record(durationMs: number, trace?: TracedAt): void {
    let index = 0;
    while (index < limitsMs.length && durationMs > (limitsMs[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.count += 1;
    this.#sumMs += durationMs;
    if (trace === undefined) return;
    this.#exemplars ??= new Map();
    this.#exemplars.set(index, { ...trace, value: durationMs / 1_000 });
  }

  /** In seconds. */
  get sum(): number {
    return this.#sumMs / 1_000;
  }

  /** How many were at most that long, in seconds; the exemplar is of those that are longer than the bucket before. */
  cumulative(): { le: number; count: number; exemplar?: Exemplar }[] {
    let count = 0;
    return this.#counts.map((each, i) => {
      count += each;
      const exemplar = this.#exemplars?.get(i);
      const le = (limitsMs[i] ?? Number.POSITIVE_INFINITY) / 1_000;
      return exemplar ? { le, count, exemplar } : { le, count };
    });
  }
}
