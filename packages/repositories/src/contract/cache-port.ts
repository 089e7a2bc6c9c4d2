// What the repositories need of a cache. Any object of this shape serves; @cc/cache fits it without being named here.

/** One namespace of a cache. What it hands out its callers cannot change. */
export interface CacheRegion<V> {
  /**
   * Returns the cached value, or runs `load` once for all concurrent callers and keeps its result, unless the key was
   * invalidated meanwhile. Null is kept as absent.
   */
  getOrLoad(key: string, load: () => Promise<V | null>): Promise<V | null>;
  /** The same for several keys: `loadMissing` runs once for those that are not cached. The answer has every key. */
  getOrLoadMany(
    keys: readonly string[],
    loadMissing: (missing: readonly string[]) => Promise<ReadonlyMap<string, V>>,
  ): Promise<ReadonlyMap<string, V | null>>;
  /** Drops the key, and keeps loads that are already under way from filling it. */
  invalidate(key: string): void;
  /** Drops every key of the namespace, and keeps loads that are already under way from filling any. */
  clear(): void;
}

/** The few methods the repositories need of a cache. */
export interface CachePort {
  /**
   * Returns the region of `namespace`; the same namespace is the same region. What the repositories write they tell it key by
   * key, and declare so under the name of `toldBy` (`transactions.changes.declared`): a cache that watches the database itself
   * need not drop the region for it. `version` names the form of the values: what is kept beyond the process, in a file, may have
   * been kept by another version of this package, and is answered only to one of the same form.
   */
  region<V extends object>(
    namespace: string,
    options: { readonly toldBy: object; readonly version: string },
  ): CacheRegion<V>;
}
