// Opens a cache and holds its regions. A read goes region → memory tier → loader; slower tiers belong between the two.
import { ChangeLog } from './change-log.js';
import { sumOf } from './counts.js';
import { closedError } from './errors.js';
import { MemoryTier } from './memory-tier.js';
import { type CacheManagerOptions, resolveManagerOptions, resolveRegionOptions } from './options.js';
import { Region, type RegionHost } from './region.js';
import { searchKey } from './search-key.js';
import { endInTurn } from './turns.js';
import type {
  Cacheable,
  CacheLease,
  CacheRegion,
  CacheStats,
  DatabaseCacheManager,
  RegionOptions,
  SearchFilters,
  SetOptions,
} from './types.js';

/** Opens an empty cache in memory. @throws TypeError for an unknown option or a value out of range */
export function openCacheManager(options: CacheManagerOptions = {}): Promise<DatabaseCacheManager> {
  return endInTurn(() => {
    const { maxBytes, now, emit } = resolveManagerOptions(options);
    const clock = { ticks: 0 };
    const tier = new MemoryTier(maxBytes);
    return new CacheManager({ tier, clock, changes: new ChangeLog(clock), now, emit, closed: false });
  });
}

type Metadata = Readonly<Record<string, unknown>>;

class CacheManager implements DatabaseCacheManager {
  readonly #host: RegionHost;
  readonly #regions = new Map<string, Region<Cacheable>>();

  constructor(host: RegionHost) {
    this.#host = host;
  }

  region<V extends Cacheable>(namespace: string, options?: RegionOptions): CacheRegion<V> {
    this.#requireOpen();
    // The caller names the type of what it keeps there; the region itself never looks at it.
    return (this.#regions.get(namespace)?.reopened(options) ??
      this.#openRegion(namespace, options)) as unknown as CacheRegion<V>;
  }

  lease(): CacheLease {
    this.#requireOpen();
    return { takenAt: this.#host.clock.ticks };
  }

  cacheModelMetadata(modelId: string, metadata: Metadata | null, options?: SetOptions): boolean {
    return this.#metadata.set(modelId, metadata, options);
  }

  getModelMetadata(modelId: string): Metadata | null | undefined {
    return this.#metadata.get(modelId);
  }

  cacheSearchResults(
    query: string,
    modelIds: readonly string[],
    filters?: SearchFilters,
    options?: SetOptions,
  ): boolean {
    return this.#results.set(searchKey(query, filters), modelIds, options);
  }

  getSearchResults(query: string, filters?: SearchFilters): readonly string[] | undefined {
    return this.#results.get(searchKey(query, filters)) ?? undefined;
  }

  invalidateModelCache(modelId: string): boolean {
    this.#results.clear();
    this.#host.changes.note(modelId);
    const dropped = [...this.#regions.values()].filter((region) => region.invalidate(modelId));
    return dropped.length > 0;
  }

  clearAllCache(): void {
    this.#requireOpen();
    this.#host.changes.noteAll();
    for (const region of this.#regions.values()) region.clear();
  }

  getCacheStats(): CacheStats {
    this.#requireOpen();
    const regions = [...this.#regions].map(([namespace, { counts }]) => [namespace, { ...counts }] as const);
    const total = sumOf(regions.map(([, counts]) => counts));
    return { ...total, maxBytes: this.#host.tier.maxBytes, regions: Object.fromEntries(regions) };
  }

  flush(): Promise<void> {
    return endInTurn(async () => {
      this.#requireOpen();
      await Promise.all([...this.#regions.values()].flatMap((region) => region.loadsUnderWay()));
    });
  }

  close(): Promise<void> {
    return endInTurn(() => {
      if (this.#host.closed) return;
      this.clearAllCache();
      this.#host.closed = true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #metadata(): CacheRegion<Metadata> {
    return this.region('model-metadata');
  }

  get #results(): CacheRegion<readonly string[]> {
    return this.region('search-results');
  }

  #openRegion(namespace: string, options: RegionOptions = {}): Region<Cacheable> {
    const region = new Region<Cacheable>(this.#host, namespace, resolveRegionOptions(namespace, options));
    this.#regions.set(namespace, region);
    return region;
  }

  #requireOpen(): void {
    if (this.#host.closed) throw closedError();
  }
}
