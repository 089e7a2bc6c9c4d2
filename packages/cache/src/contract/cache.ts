// The public contract of @cc/cache: what openCacheManager returns and what its methods take. statistics.ts is what it counts,
// bound.ts what it asks of the database, tier.ts what stands behind memory. Other packages state the few methods they need of
// a cache themselves; these fit by structure.
import type { BoundTransactions } from './bound.js';
import type { CacheStats } from './statistics.js';
import type { CacheTier } from './tier.js';

/** What can be kept: plain data. Objects and arrays of it, primitives, `Date`, `Map`, `Set`, `Buffer`, typed arrays. */
export type Cacheable = NonNullable<unknown>;

/** How long a region keeps its values, and what it does when they cannot be had anew. */
export interface RegionOptions {
  /** Since the load of the value began. 0 = keep nothing; Infinity (default) = until it is replaced, invalidated or evicted. */
  readonly ttlMs?: number | undefined;
  /** The same for "absent" (`null`). Default 30,000. */
  readonly negativeTtlMs?: number | undefined;
  /**
   * For so long after `ttlMs` the old value is answered at once while one load runs behind it. Only age is forgiven: what was
   * replaced or invalidated is never answered. Without effect on a server that tells no replication index, where age alone says
   * what may have been replaced. Default 0.
   */
  readonly staleWhileRevalidateMs?: number | undefined;
  /**
   * How long a value is answered by `fetch`, marked as `grace`, while the database is away: one that is too old, or one that
   * the server cannot confirm. Default 0 = never.
   */
  readonly graceMs?: number | undefined;
  /** Whether the tiers behind memory keep its values too. Default true. */
  readonly tiers?: boolean | undefined;
  /**
   * Of what its values mean: tiers that outlive the process (`disk`) answer only with what a region of the same version has
   * kept. Give another whenever a load returns something of another form or meaning. Text or number; default: none.
   */
  readonly version?: string | number | undefined;
  /**
   * Whoever writes in `transactions.changes.declared(toldBy, …)` tells this region key by key what that replaces, so that such a
   * commit leaves the rest of it. Default: nobody does, and every commit that reaches the database empties the region.
   */
  readonly toldBy?: object | undefined;
}

/** Options of one value. */
export interface ValueOptions {
  /** `invalidateTag` with any of them drops the value. */
  readonly tags?: readonly string[] | undefined;
  /** Instead of the region's, for "absent" too. */
  readonly ttlMs?: number | undefined;
}

/** The state of the cache at one moment: take it before a read, and give it to the `set` that keeps what was read. */
export interface CacheLease {
  /** The number of changes that the cache had seen; -1 while it could not tell. */
  readonly takenAt: number;
}

/** Options of `set` and of the methods that keep a value under a fixed namespace. */
export interface SetOptions extends ValueOptions {
  /** The value was read under this lease: it is refused when the key, a tag of it or the database has changed since. */
  readonly lease?: CacheLease | undefined;
}

/**
 * Where an answer of `fetch` comes from. `memory`, `tier`: it was kept. `load`: it was read now. `stale`: older than `ttlMs`, and
 * loaded anew behind it. `grace`: the database is away, and this is what it last held as far as is known.
 */
export type AnswerSource = 'memory' | 'tier' | 'load' | 'stale' | 'grace';

/** What `fetch` answers. */
export interface CacheAnswer<V> {
  readonly value: V | null;
  readonly from: AnswerSource;
}

/** Options of `wrap`. */
export interface WrapOptions<A extends readonly unknown[]> extends ValueOptions {
  /** The key of a call. Default: its arguments, which must be plain data, in one canonical text. */
  readonly key?: ((...args: A) => string) | undefined;
}

/**
 * The cached values of one namespace. Every method throws a `CacheError` once the cache is closed.
 *
 * In a bound cache every method may be called anywhere. Inside a transaction or a snapshot of the bound manager `get` finds
 * nothing, loads are run and not kept, and `set`, `invalidate`, `invalidateTag` and `clear` take effect in the turn of COMMIT, or
 * not at all when it is rolled back.
 */
export interface CacheRegion<V extends Cacheable> {
  readonly namespace: string;
  /** Returns the value in memory; `null` when the key is kept as absent, `undefined` when it is not kept there, or may be old. */
  get(key: string): V | null | undefined;
  /**
   * Returns the kept value, or runs `load` once for all concurrent callers and keeps its result, unless the key was
   * invalidated or the database changed meanwhile. `null` and `undefined` are kept as absent. The loaded value belongs to the
   * cache: it is frozen. When `load` fails every caller gets its error and nothing is kept. In a bound cache nothing is kept, or
   * given to others, of a load that has read what only its caller may see: uncommitted, of a snapshot, of another database.
   * @throws CacheError `CACHE_CIRCLE` when the call is made by a load that the key waits for, such as its own
   */
  getOrLoad(key: string, load: () => Promise<V | null | undefined>, options?: ValueOptions): Promise<V | null>;
  /**
   * The same for several keys: `load` is called once with those that are neither kept nor being loaded, and answers with the
   * values it has; keys that its map lacks are kept as absent. The answer has every key of `keys`.
   */
  getOrLoadMany(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, V | null>>,
    options?: ValueOptions,
  ): Promise<ReadonlyMap<string, V | null>>;
  /** `getOrLoad` that tells where the value comes from. The only method that answers within `graceMs`. */
  fetch(key: string, load: () => Promise<V | null | undefined>, options?: ValueOptions): Promise<CacheAnswer<V>>;
  /** Returns `load` as a function that reads through this region. Two functions in one region need `key`, or they share keys. */
  wrap<A extends readonly unknown[]>(
    load: (...args: A) => Promise<V | null | undefined>,
    options?: WrapOptions<A>,
  ): (...args: A) => Promise<V | null>;
  /**
   * Keeps a copy of `value`, and answers whether it did. Without a lease the caller vouches that the value is committed
   * and current; for a value that was read, pass the lease that was taken before the read, or use `getOrLoad`. Inside a write
   * transaction it answers false; in a region that is told of the writes (`toldBy`) of a local file it keeps the value at COMMIT,
   * if nobody else has committed by then, and everywhere else the commit drops the key.
   * @throws TypeError for a value that is not plain data
   */
  set(key: string, value: V | null, options?: SetOptions): boolean;
  /** Drops the key, and keeps loads that are already under way from filling it. True when it was in memory and is dropped now. */
  invalidate(key: string): boolean;
  /** Drops every value of this region that was kept with this tag. The number of those in memory that are dropped now. */
  invalidateTag(tag: string): number;
  /** Drops every key, and keeps loads that are already under way from filling any. */
  clear(): void;
}

/**
 * Something that changed what is cached, told to `onEvent` and on the channel `cc:cache:<type>` of `node:diagnostics_channel`. Hits
 * and misses are counted, not reported.
 */
export interface CacheEvent {
  /**
   * - `fill`: a value was kept.
   * - `void`: a load or leased set came too late and was not kept.
   * - `invalidate`, `clear`: the caller dropped a key, a tag or a whole region.
   * - `evict`: an entry made room. `expire`: an entry was too old.
   * - `refuse`: a value was not kept; `reason` says why.
   * - `flush`: something was written that a region was not told of key by key, and it was emptied.
   * - `aside`: others write so often that the cache stands aside for a while.
   * - `tier`: a tier failed, or had to begin anew; `reason` says why.
   */
  readonly type: 'fill' | 'void' | 'invalidate' | 'clear' | 'evict' | 'expire' | 'refuse' | 'flush' | 'aside' | 'tier';
  /** Null where it is about the whole cache. */
  readonly namespace: string | null;
  /** Null where it is about more than one key. */
  readonly key: string | null;
  readonly reason?: string | undefined;
}

/** Filters of a search: plain data. The order of keys does not matter, the order of arrays does; `undefined` is left out. */
export type SearchFilters = Readonly<Record<string, unknown>>;

/** A cache shared by everything in one process that reads one database. Every method throws a `CacheError` after `close`. */
export interface DatabaseCacheManager extends AsyncDisposable {
  /**
   * Whether it is bound to a transaction manager. One that is not knows nothing of transactions and of other writers: its
   * callers invalidate after COMMIT, and neither read nor fill it inside a transaction.
   */
  readonly bound: boolean;
  /**
   * Returns the region of `namespace`, the same one each time. Options count at the first call.
   * @throws TypeError for options that differ from those of the first call
   */
  region<V extends Cacheable>(namespace: string, options?: RegionOptions): CacheRegion<V>;
  /**
   * Takes a lease: a `set` under it is refused when its key was invalidated or set, or the database has changed, since. One
   * that is taken inside a transaction is good for nothing: what is read there may be rolled back. Costs nothing to drop.
   */
  lease(): CacheLease;
  /** Drops every value that was kept with this tag, in every region. The number of those in memory that are dropped now. */
  invalidateTag(tag: string): number;
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
   * True when something was cached under that key and is dropped now.
   */
  invalidateModelCache(modelId: string): boolean;
  /** Drops everything in every region, and keeps loads that are already under way from filling any. */
  clearAllCache(): void;
  getCacheStats(): CacheStats;
  /** Drops the least recently used entries until memory holds `bytes` at most. `maxBytes` stays as it is. Default 0. */
  shrink(bytes?: number): void;
  /**
   * Resolves when the loads under way have settled, kept or not, and the tiers have written what waits.
   *
   * @throws CacheError `CACHE_CIRCLE` when the call is made by a load that is one of them, or that one of them waits for
   */
  flush(): Promise<void>;
  /** Drops what is in memory; a disk tier keeps its file. Loads under way still answer their callers. A second call does nothing. */
  close(): Promise<void>;
}

/** A cache that is bound to a transaction manager: right wherever it is called from. */
export interface BoundCacheManager extends DatabaseCacheManager {
  readonly bound: true;
}

/** A cache that nobody tells of transactions and of other writers. */
export interface UnboundCacheManager extends DatabaseCacheManager {
  readonly bound: false;
}

/** The disk tier of a cache: a libSQL file of its own. */
export interface DiskOptions {
  /** Path of its file. Default: that of the database with `.cache` behind it; needed where the database is no local file. */
  readonly path?: string | undefined;
  /** Most bytes of the file and its log together. Default 256 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Memory as a share of what the process may take. */
export interface MemoryShare {
  /** Above 0 and up to 1, of the memory that is available when the cache is opened, limits of its container counted. */
  readonly share: number;
  /** Default 500 MiB. */
  readonly atMost?: number | undefined;
}

/** Options of `openCacheManager`. */
export interface CacheManagerOptions {
  /** The transaction manager of the database whose rows are kept. Without it the cache is not bound. */
  readonly transactions?: BoundTransactions | undefined;
  /** Most memory for all regions together, by estimate; the least recently used entry goes first. 0 = keep nothing. Default 64 MiB. */
  readonly maxBytes?: number | MemoryShare | undefined;
  /** Servers: how old an answer may be that the cache has not confirmed, in milliseconds, those counted that the machine slept. Local files need none. Default 1,000. */
  readonly maxStaleMs?: number | undefined;
  /** The disk tier: `true`, its path, or its options. Default: none. */
  readonly disk?: boolean | string | DiskOptions | undefined;
  /** Tiers behind memory, and behind the disk tier if there is one, the nearest first. They belong to this cache, which closes them. */
  readonly tiers?: readonly CacheTier[] | undefined;
  /** Whether the error of a load means that the database is away (`graceMs`). Default: its `type` is `connection` or `timeout`. */
  readonly isAway?: ((error: unknown) => boolean) | undefined;
  /** The clock that entries expire by, in milliseconds; it goes on while the machine sleeps. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Called with each change of what is cached, while it happens. Its errors are ignored. */
  readonly onEvent?: ((event: CacheEvent) => void) | undefined;
}
