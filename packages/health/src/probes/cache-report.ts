// Counts of the application's cache, as a whole and by region.

/** Counts of a cache or of one of its regions. Statistics of @cc/cache have this shape. */
export interface RegionCounts {
  readonly hits: number;
  /** Lookups that were answered with "there is none". */
  readonly negativeHits?: number | undefined;
  readonly misses: number;
  readonly entries?: number | undefined;
  readonly bytes?: number | undefined;
}

/** The few counts of a cache that figures are made of. Statistics of @cc/cache have this shape. */
export interface CacheCounts extends RegionCounts {
  readonly regions?: Readonly<Record<string, RegionCounts>> | undefined;
}

/** Counts of the application's cache, or of one of its regions. */
export interface CacheRegionReport {
  readonly hits: number;
  readonly misses: number;
  /** 0 to 1; null before the first lookup. */
  readonly hitRatio: number | null;
  readonly entries: number | null;
  readonly bytes: number | null;
}

/** Counts of the application's cache. */
export interface CacheReport extends CacheRegionReport {
  readonly regions: Readonly<Record<string, CacheRegionReport>>;
}

/** Null when there is no cache, or it fails: that takes its own lines out of a report, not the report. */
export function readCache(cacheStats: (() => CacheCounts) | undefined): CacheReport | null {
  try {
    const counts = cacheStats?.();
    if (counts === undefined) return null;
    const regions = Object.entries(counts.regions ?? {}).map(([name, region]) => [name, reportOf(region)] as const);
    return { ...reportOf(counts), regions: Object.fromEntries(regions) };
  } catch {
    return null;
  }
}

function reportOf(counts: RegionCounts): CacheRegionReport {
  const { misses, entries = null, bytes = null } = counts;
  const hits = counts.hits + (counts.negativeHits ?? 0);
  return { hits, misses, hitRatio: hits + misses === 0 ? null : hits / (hits + misses), entries, bytes };
}
