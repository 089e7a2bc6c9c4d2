// What the repositories need of a cache. Any object of this shape serves; @cc/cache fits it without being named here.

/** One namespace of a cache. */
export interface CacheRegion<V> {
  /** Returns the value, null when it is cached as absent, undefined when it is not cached. */
  get(key: string): V | null | undefined;
  /**
   * Returns the cached value, or runs `load` once for all concurrent callers and keeps its result, unless the key was
   * invalidated meanwhile.
   */
  getOrLoad(key: string, load: () => Promise<V | null>): Promise<V | null>;
  /** Drops the key, and keeps loads that are already under way from filling it. */
  invalidate(key: string): void;
  /** Drops every key of the namespace. */
  clear(): void;
}

/** The few methods the repositories need of a cache. */
export interface CachePort {
  /** Returns the region of `namespace`; the same namespace is the same region. */
  region<V extends object>(namespace: string): CacheRegion<V>;
}
