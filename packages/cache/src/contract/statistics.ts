// What `getCacheStats` tells.

/** Counts of one region since the cache was opened. */
export interface RegionCounts {
  /** Lookups that found a value in memory. */
  readonly hits: number;
  /** Lookups that found "absent". */
  readonly negativeHits: number;
  /** Values older than `ttlMs` that were answered while a load ran behind them. */
  readonly staleHits: number;
  /** Values that were answered because the database was away. */
  readonly graceHits: number;
  /** Lookups that found nothing in memory; expired entries included. */
  readonly misses: number;
  /** Misses that waited for the load of an earlier one. */
  readonly joined: number;
  /** Lookups inside a transaction or snapshot, and those while the cache could not tell what is fresh. */
  readonly bypassed: number;
  /** Values kept, by loads and by `set`. */
  readonly fills: number;
  /** Loads and leased sets that came too late: their key, a tag or the database had changed meanwhile. */
  readonly voidedFills: number;
  /** Values that were not kept because they are too large, not plain data, kept for 0 ms, or read where only their reader may. */
  readonly refused: number;
  /** Loads that failed. */
  readonly failedLoads: number;
  /** Entries that made room for others. */
  readonly evictions: number;
  readonly expired: number;
  /** Estimated size of the entries in memory, keys and bookkeeping included. */
  readonly bytes: number;
  readonly entries: number;
}

/** Counts of one region, and how long its loads took. */
export interface RegionStats extends RegionCounts {
  /** In milliseconds, of the loads that ended well; 0 without any. */
  readonly loadMs: { readonly p50: number; readonly p95: number };
}

/** Counts of one tier behind memory. */
export interface TierStats {
  readonly hits: number;
  readonly misses: number;
  /** Calls that failed, each a miss. */
  readonly errors: number;
  /** Values that could not be read back. */
  readonly corruptions: number;
  readonly bytes: number;
  readonly entries: number;
}

/** How the cache has kept up with the database. All 0 in a cache that is not bound. */
export interface CoherenceStats {
  /** Looks at whether the database has changed. */
  readonly checks: number;
  /** Changes that emptied regions, because nobody told these key by key what had changed. */
  readonly foreignFlushes: number;
  /** Requests to a server that only asked whether it has changed. */
  readonly asks: number;
  /** How often the cache has stepped aside, because others write more often than it is read. */
  readonly steppedAside: number;
  /** Whether it stands aside now. */
  readonly isAside: boolean;
}

/** Counts of the whole cache: the sums over its regions, each region by namespace, and each tier by name. */
export interface CacheStats extends RegionStats {
  readonly maxBytes: number;
  readonly regions: Readonly<Record<string, RegionStats>>;
  readonly tiers: Readonly<Record<string, TierStats>>;
  readonly coherence: CoherenceStats;
}
