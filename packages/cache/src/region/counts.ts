// The running counts of one region, and their sums.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { RegionCounts, RegionStats } from '../contract/statistics.js';

/** The counts that a region adds to; statistics are copies of them. */
export type Counts = { -readonly [Name in keyof RegionCounts]: RegionCounts[Name] };

/** Returns counts of 0. */
export function zeroCounts(): Counts {
  return {
    hits: 0,
    negativeHits: 0,
    staleHits: 0,
    graceHits: 0,
    misses: 0,
    joined: 0,
    bypassed: 0,
    fills: 0,
    voidedFills: 0,
    refused: 0,
    failedLoads: 0,
    evictions: 0,
    expired: 0,
    bytes: 0,
    entries: 0,
  };
}

/** Adds up the counts of several regions. */
export function sumOf(all: Iterable<RegionCounts>): RegionCounts {
  const sum = zeroCounts();
  const names = Object.keys(sum) as (keyof RegionCounts)[];
  for (const counts of all) {
    for (const name of names) sum[name] += counts[name];
  }
  return sum;
}

/** How long loads took. */
export class LoadTimes {
  /** Made with the first load: it costs more than all the rest of a region. */
  #histogram: RecordableHistogram | undefined;

  /** In milliseconds. */
  note(durationMs: number): void {
    this.#histogram ??= createHistogram();
    this.#histogram.record(Math.max(1, Math.round(durationMs * 1_000)));
  }

  read(): RegionStats['loadMs'] {
    if (this.#histogram === undefined) return { p50: 0, p95: 0 };
    return { p50: this.#histogram.percentile(50) / 1_000, p95: this.#histogram.percentile(95) / 1_000 };
  }
}
