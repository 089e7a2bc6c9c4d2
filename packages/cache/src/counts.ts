// The running counts of one region, and their sums.
import type { RegionStats } from './types.js';

/** The counts that a region adds to; statistics are copies of them. */
export type Counts = { -readonly [Name in keyof RegionStats]: RegionStats[Name] };

/** Returns counts of 0. */
export function zeroCounts(): Counts {
  return {
    hits: 0,
    negativeHits: 0,
    misses: 0,
    joined: 0,
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
export function sumOf(all: Iterable<RegionStats>): RegionStats {
  const sum = zeroCounts();
  const names = Object.keys(sum) as (keyof RegionStats)[];
  for (const counts of all) {
    for (const name of names) sum[name] += counts[name];
  }
  return sum;
}
