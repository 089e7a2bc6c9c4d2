// Counts of the application's cache, as a whole and by region.
import { types } from 'node:util';

/** Counts of a cache or of one of its regions. Statistics of @cc/cache have this shape. */
export interface RegionCounts {
  readonly hits: number;
  /** Lookups that were answered with "there is none". */
  readonly negativeHits?: number | undefined;
  readonly misses: number;
  readonly entries?: number | undefined;
  readonly bytes?: number | undefined;
  readonly evictions?: number | undefined;
  /** Lookups that the cache stood aside for. */
  readonly bypassed?: number | undefined;
  /** Loads that came too late to be kept. */
  readonly voidedFills?: number | undefined;
}

/** Counts of a tier behind the memory of a cache. */
export interface TierCounts {
  readonly hits: number;
  readonly misses: number;
  readonly errors: number;
  readonly bytes: number;
}

/** The few counts of a cache that figures are made of. Statistics of @cc/cache have this shape. */
export interface CacheCounts extends RegionCounts {
  readonly regions?: Readonly<Record<string, RegionCounts>> | undefined;
  readonly tiers?: Readonly<Record<string, TierCounts>> | undefined;
  readonly coherence?: { readonly foreignFlushes: number; readonly steppedAside: number } | undefined;
}

/** Counts of the application's cache, or of one of its regions. */
export interface CacheRegionReport {
  readonly hits: number;
  readonly misses: number;
  /** 0 to 1; null before the first lookup. */
  readonly hitRatio: number | null;
  readonly entries: number | null;
  readonly bytes: number | null;
  readonly evictions: number | null;
  readonly bypassed: number | null;
  readonly voidedFills: number | null;
}

/** Counts of the application's cache. */
export interface CacheReport extends CacheRegionReport {
  readonly regions: Readonly<Record<string, CacheRegionReport>>;
  /** By name; empty when there are none, or the cache does not tell. */
  readonly tiers: Readonly<Record<string, TierCounts>>;
  /** How often a change of the database has emptied it; null when the cache does not tell. */
  readonly flushes: number | null;
  /** How often it stood aside, because others write more often than it is read; null when the cache does not tell. */
  readonly steppedAside: number | null;
}

/** Null when there is no cache, or it fails: that takes its own lines out of a report, not the report. */
export function readCache(cacheStats: (() => CacheCounts) | undefined): CacheReport | null {
  try {
    const counts: unknown = cacheStats?.();
    // One that fails later must not be left to itself.
    if (types.isPromise(counts)) counts.catch(() => undefined);
    if (!tells(counts)) return null;
    const regions = Object.entries(counts.regions ?? {}).map(([name, region]) => [name, reportOf(region)] as const);
    const { tiers = {}, coherence } = counts;
    const [flushes, steppedAside] = [coherence?.foreignFlushes ?? null, coherence?.steppedAside ?? null];
    return { ...reportOf(counts), regions: Object.fromEntries(regions), tiers, flushes, steppedAside };
  } catch {
    return null;
  }
}

function reportOf(counts: RegionCounts): CacheRegionReport {
  const { misses, entries = null, bytes = null, evictions = null, bypassed = null, voidedFills = null } = counts;
  const hits = counts.hits + (counts.negativeHits ?? 0);
  const hitRatio = hits + misses === 0 ? null : hits / (hits + misses);
  return { hits, misses, hitRatio, entries, bytes, evictions, bypassed, voidedFills };
}

function tells(counts: unknown): counts is CacheCounts {
  if (typeof counts !== 'object' || counts === null) return false;
  const { hits, misses } = counts as Partial<CacheCounts>;
  return Number.isFinite(hits) && Number.isFinite(misses);
}
