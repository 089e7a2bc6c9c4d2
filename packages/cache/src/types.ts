// The public interfaces of @cc/cache: what openCacheManager returns and what its methods take.
// Other packages state the few methods they need of a cache themselves; these fit by structure.

/** What can be kept: plain data. Objects and arrays of it, primitives, `Date`, `Map`, `Set`, `Buffer`, typed arrays. */
export type Cacheable = NonNullable<unknown>;

/** How long a region keeps its values. */
export interface RegionOptions {
  /** Since the load of the value began. 0 = keep nothing; Infinity (default) = until it is invalidated or evicted. */
  readonly ttlMs?: number;
  /** The same for "absent" (`null`). Default 30,000. */
  readonly negativeTtlMs?: number;
}

/** The state of the cache at one moment: take it before a read, and give it to the `set` that keeps what was read. */
export interface CacheLease {
  /** The number of changes that the cache had seen. */
  readonly takenAt: number;
}

/** Options of `set` and of the methods that keep a value under a fixed namespace. */
export interface SetOptions {
  /** The value was read under this lease: it is refused when the key was invalidated or set since. */
  readonly lease?: CacheLease;
}

/** The cached values of one namespace. Every method throws a `CacheError` once the cache is closed. */
export interface CacheRegion<V extends Cacheable> {
  readonly namespace: string;
  /** Returns the cached value; `null` when the key is cached as absent, `undefined` when it is not cached. */
  get(key: string): V | null | undefined;
  /**
   * Returns the cached value, or runs `load` once for all concurrent callers and keeps its result, unless the key was
   * invalidated meanwhile. `null` and `undefined` are kept as absent. The loaded value belongs to the cache: it is frozen.
   * When `load` fails every caller gets its error and nothing is kept. `load` must not ask for its own key.
   */
  getOrLoad(key: string, load: () => Promise<V | null | undefined>): Promise<V | null>;
  /**
   * Keeps a copy of `value`, and answers whether it did. Without a lease the caller vouches that the value is committed
   * and current; for a value that was read, pass the lease that was taken before the read, or use `getOrLoad`.
   * @throws TypeError for a value that is not plain data
   */
  set(key: string, value: V | null, options?: SetOptions): boolean;
  /** Drops the key, and keeps loads that are already under way from filling it. True when it was cached. */
  invalidate(key: string): boolean;
  /** Drops every key, and keeps loads that are already under way from filling any. */
  clear(): void;
}

/** Counts of one region since the cache was opened. */
export interface RegionStats {
  /** Lookups that found a value. */
  readonly hits: number;
  /** Lookups that found "absent". */
  readonly negativeHits: number;
  /** Lookups that found nothing; expired entries included. */
  readonly misses: number;
  /** Misses that waited for the load of an earlier one. */
  readonly joined: number;
  /** Values kept, by loads and by `set`. */
  readonly fills: number;
  /** Loads and leased sets that came too late: their key was invalidated meanwhile. */
  readonly voidedFills: number;
  /** Values that were not kept because they are too large or not plain data. */
  readonly refused: number;
  /** Loads that failed. */
  readonly failedLoads: number;
  /** Entries that made room for others. */
  readonly evictions: number;
  readonly expired: number;
  /** Estimated size of the entries, keys and bookkeeping included. */
  readonly bytes: number;
  readonly entries: number;
}

/** Counts of the whole cache: the sums over its regions, and each region by namespace. */
export interface CacheStats extends RegionStats {
  readonly maxBytes: number;
  readonly regions: Readonly<Record<string, RegionStats>>;
}

/** Something that changed what is cached. Hits and misses are counted, not reported. */
export interface CacheEvent {
  /**
   * - `fill`: a value was kept.
   * - `void`: a load or leased set came too late and was not kept.
   * - `invalidate`, `clear`: the caller dropped a key, or a whole region.
   * - `evict`: an entry made room. `expire`: an entry was too old.
   * - `refuse`: a value was not kept; `reason` says why.
   */
  readonly type: 'fill' | 'void' | 'invalidate' | 'clear' | 'evict' | 'expire' | 'refuse';
  readonly namespace: string;
  /** Null for `clear`. */
  readonly key: string | null;
  readonly reason?: string;
}

/** Filters of a search: plain data. The order of keys does not matter, the order of arrays does; `undefined` is left out. */
export type SearchFilters = Readonly<Record<string, unknown>>;

/** A cache shared by everything in one process that reads one database. Every method throws a `CacheError` after `close`. */
export interface DatabaseCacheManager extends AsyncDisposable {
  /**
   * Returns the region of `namespace`, the same one each time. Options count at the first call.
   * @throws TypeError for options that differ from those of the first call
   */
  region<V extends Cacheable>(namespace: string, options?: RegionOptions): CacheRegion<V>;
  /** Takes a lease: a `set` under it is refused when its key was invalidated or set since. Costs nothing to drop. */
  lease(): CacheLease;
  /** Keeps a copy of a model's metadata in the region `model-metadata`; answers whether it did, as `set` does. */
  cacheModelMetadata(
    modelId: string,
    metadata: Readonly<Record<string, unknown>> | null,
    options?: SetOptions,
  ): boolean;
  /** Returns a model's cached metadata; `null` when cached as absent, `undefined` when not cached. */
  getModelMetadata(modelId: string): Readonly<Record<string, unknown>> | null | undefined;
  /** Keeps the model ids that a search found, in order, in the region `search-results`; answers whether it did. */
  cacheSearchResults(
    query: string,
    modelIds: readonly string[],
    filters?: SearchFilters,
    options?: SetOptions,
  ): boolean;
  /** Returns the ids that the same search found before, or `undefined`. */
  getSearchResults(query: string, filters?: SearchFilters): readonly string[] | undefined;
  /**
   * Drops the key `modelId` in every region, and the whole region `search-results`, because any result may hold the model.
   * True when something was cached under that key.
   */
  invalidateModelCache(modelId: string): boolean;
  /** Drops everything in every region, and keeps loads that are already under way from filling any. */
  clearAllCache(): void;
  getCacheStats(): CacheStats;
  /** Resolves when the loads under way have settled, kept or not. */
  flush(): Promise<void>;
  /** Drops everything. Loads under way still answer their callers. A second call does nothing. */
  close(): Promise<void>;
}
