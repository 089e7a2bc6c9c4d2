// Opens a cache and holds its regions. A read goes coherence/gate.ts (may it be answered?) → region/region.ts (memory, load under
// way) → tiers/behind.ts (slower tiers) → the caller's load, sealed by values/ before it is kept; coherence/coherence.ts has
// everything dropped when the database has changed. contract/ is what all of them promise.

import { addContext } from './coherence/around.js';
import { BoundCoherence, type Coherence, unboundCoherence } from './coherence/coherence.js';
import { Gate } from './coherence/gate.js';
import type { BoundTransactions } from './contract/bound.js';
import type {
  BoundCacheManager,
  Cacheable,
  CacheLease,
  CacheManagerOptions,
  CacheRegion,
  DatabaseCacheManager,
  RegionOptions,
  SearchFilters,
  SetOptions,
  UnboundCacheManager,
} from './contract/cache.js';
import type { CacheStats } from './contract/statistics.js';
import { closedError, requireText } from './errors.js';
import { checkReopening, type ResolvedManagerOptions, resolveManagerOptions, resolveRegionOptions } from './options.js';
import { asyncDispose } from './realms.js';
import { ChangeLog } from './region/change-log.js';
import { LoadTimes, sumOf } from './region/counts.js';
import type { RegionHost } from './region/host.js';
import { Region } from './region/region.js';
import { endInTurn } from './region/turns.js';
import { Behind } from './tiers/behind.js';
import { MemoryTier } from './tiers/memory-tier.js';
import { diskTierOf, type OpenDisk } from './tiers/open-disk.js';
import { searchKey } from './values/search-key.js';

/**
 * Opens an empty cache; with a disk tier, one that goes on with what is kept there if the database is still the same. Bound
 * to a transaction manager it needs to be told nothing.
 *
 * @throws TypeError for an unknown option or a value out of range, and for `disk: true` without a local file beside which to lie
 */
export function openCacheManager(
  options: CacheManagerOptions & { readonly transactions: BoundTransactions },
): Promise<BoundCacheManager>;
export function openCacheManager(
  options?: CacheManagerOptions & { readonly transactions?: undefined },
): Promise<UnboundCacheManager>;
export function openCacheManager(options?: CacheManagerOptions): Promise<DatabaseCacheManager>;
export function openCacheManager(options: CacheManagerOptions = {}): Promise<DatabaseCacheManager> {
  return endInTurn(() => open(resolveManagerOptions(options)));
}

async function open(options: ResolvedManagerOptions): Promise<DatabaseCacheManager> {
  const { transactions, emit } = options;
  // A server that nobody has asked yet may well tell.
  if (transactions?.changes.asOf === Number.NEGATIVE_INFINITY) await transactions.changes.ask();
  // Before anything is read from the tiers: what is committed from here on is seen.
  const coherence = transactions
    ? new BoundCoherence(transactions.changes, options.maxStaleMs, options.now)
    : unboundCoherence();
  const disk =
    options.disk &&
    (await diskTierOf(options.disk, {
      ...{ transactions, coherence, now: options.now },
      onEvent: (reason) => emit('tier', null, null, `disk: ${reason}`),
    }));
  const behind = new Behind([...(disk ? [disk.tier] : []), ...options.tiers], (tier, reason) =>
    emit('tier', null, null, `${tier}: ${reason}`),
  );
  return new CacheManager(options, coherence, behind, disk);
}

type Metadata = Readonly<Record<string, unknown>>;

class CacheManager implements DatabaseCacheManager {
  readonly bound: boolean;
  readonly #host: RegionHost;
  readonly #coherence: Coherence;
  readonly #regions = new Map<string, Region<Cacheable>>();
  /** What each region had kept and answered when it was last dropped. */
  readonly #usedBefore = new WeakMap<object, { readonly fills: number; readonly hits: number }>();
  /** Whether anything was committed since the opening. */
  #hasMoved = false;
  readonly #disk: OpenDisk | undefined;
  /** Ends that loads ask the context of the database. */
  readonly #leave: (() => void) | undefined;

  constructor(options: ResolvedManagerOptions, coherence: Coherence, behind: Behind, disk: OpenDisk | undefined) {
    const { transactions, maxBytes, now, isAway, emit } = options;
    const clock = { ticks: 0 };
    this.bound = transactions !== undefined;
    this.#disk = disk;
    this.#leave = transactions && addContext(transactions.changes);
    this.#coherence = coherence;
    coherence.listen({
      useSince: (tellers) => this.#useSince(tellers),
      onMove: () => this.#forgetUnopened(),
      tellers: () => new Set([...this.#regions.values()].map(({ options }) => options.toldBy)),
      onChange: (tellers) => this.#outdate(tellers),
      onAside: (pauseMs) => emit('aside', null, null, `for ${pauseMs} ms`),
    });
    this.#host = {
      ...{ memory: new MemoryTier(maxBytes), behind, gate: new Gate(transactions, this.#coherence), clock },
      ...{
        changes: new ChangeLog(clock),
        tagChanges: new ChangeLog(clock),
        times: new LoadTimes(),
        leases: new WeakMap(),
      },
      ...{ now, isAway, emit, closed: false },
    };
  }

  region<V extends Cacheable>(namespace: string, options?: RegionOptions): CacheRegion<V> {
    this.#requireOpen();
    const open = this.#regions.get(namespace);
    if (open) checkReopening(namespace, open.options, options);
    // The caller names the type of what it keeps there; the region itself never looks at it.
    return (open ?? this.#openRegion(namespace, options)) as unknown as CacheRegion<V>;
  }

  lease(): CacheLease {
    this.#requireOpen();
    const { gate, clock, leases } = this.#host;
    // What is read inside a transaction may be rolled back.
    const isGood = gate.inside() === undefined && this.#coherence.keeps();
    const lease = { takenAt: isGood ? clock.ticks : -1 };
    leases.set(lease, this.#coherence.doubtfulReads);
    return lease;
  }

  invalidateTag(tag: string): number {
    this.#requireOpen();
    requireText(tag, 'tag');
    return this.#host.gate.drop(() => {
      this.#host.tagChanges.note(tag);
      this.#host.behind.deleteTag(tag);
      return [...this.#regions.values()].reduce((sum, region) => sum + region.dropTag(tag), 0);
    }, 0);
  }

  cacheModelMetadata(modelId: string, metadata: Metadata | null, options?: SetOptions): boolean {
    if (typeof metadata !== 'object')
      throw new TypeError('cacheModelMetadata: the metadata must be an object, or null');
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
    if (!Array.isArray(modelIds) || !modelIds.every((id) => typeof id === 'string')) {
      throw new TypeError('cacheSearchResults: the ids must be a list of texts');
    }
    return this.#results.set(searchKey(query, filters), modelIds, options);
  }

  getSearchResults(query: string, filters?: SearchFilters): readonly string[] | undefined {
    return this.#results.get(searchKey(query, filters)) ?? undefined;
  }

  invalidateModelCache(modelId: string): boolean {
    this.#results.clear();
    const noted = (): undefined => this.#host.changes.note(modelId) as undefined;
    this.#host.gate.drop(noted, undefined);
    const dropped = [...this.#regions.values()].filter((region) => region.invalidate(modelId));
    return dropped.length > 0;
  }

  clearAllCache(): void {
    this.#requireOpen();
    this.#host.gate.drop(() => {
      this.#forgetAll();
      this.#host.emit('clear', null, null);
    }, undefined);
  }

  getCacheStats(): CacheStats {
    this.#requireOpen();
    const { memory, behind, times } = this.#host;
    const regions = [...this.#regions].map(([namespace, region]) => [namespace, region.stats()] as const);
    return {
      ...sumOf([...this.#regions.values()].map(({ counts }) => counts)),
      loadMs: times.read(),
      maxBytes: memory.maxBytes,
      regions: Object.fromEntries(regions),
      tiers: behind.stats(),
      coherence: this.#coherence.stats(),
    };
  }

  shrink(bytes = 0): void {
    this.#requireOpen();
    if (typeof bytes !== 'number' || !(bytes >= 0))
      throw new TypeError('shrink: the bytes must be a number of at least 0');
    this.#host.memory.shrink(bytes);
  }

  flush(): Promise<void> {
    return endInTurn(async () => {
      this.#requireOpen();
      await Promise.all([...this.#regions.values()].flatMap((region) => region.loadsUnderWay()));
      await this.#host.behind.flush();
    });
  }

  close(): Promise<void> {
    return endInTurn(async () => {
      if (this.#host.closed) return;
      // What is committed before the registration is seen by the look, what comes after it by the transaction manager.
      const disk = this.#disk;
      disk?.awaitEnd();
      this.#coherence.isStill();
      this.#host.closed = true;
      this.#leave?.();
      this.#forgetMemory();
      await this.#host.behind.close();
      disk?.closed();
    });
  }

  async [asyncDispose](): Promise<void> {
    await this.close();
  }

  get #metadata(): CacheRegion<Metadata> {
    return this.region('model-metadata');
  }

  get #results(): CacheRegion<readonly string[]> {
    return this.region('search-results');
  }

  /** Of what is dropped now alone: regions that are told of their changes may be filled meanwhile, and keep what they have. */
  #useSince(tellers: ReadonlySet<object | undefined>): { readonly fills: number; readonly hits: number } {
    const since = { fills: 0, hits: 0 };
    for (const region of this.#regions.values()) {
      if (!tellers.has(region.options.toldBy)) continue;
      const { fills, hits, negativeHits } = region.counts;
      const before = this.#usedBefore.get(region) ?? { fills: 0, hits: 0 };
      since.fills += fills - before.fills;
      since.hits += hits + negativeHits - before.hits;
      this.#usedBefore.set(region, { fills, hits: hits + negativeHits });
    }
    return since;
  }

  /** What tiers kept of an earlier process in regions that are not open here is told of nothing. */
  #forgetUnopened(): void {
    if (this.#hasMoved) return;
    this.#hasMoved = true;
    this.#host.behind.clearExcept([...this.#regions.keys()]);
  }

  /** Empties the regions that were not told of a change. */
  #outdate(tellers: ReadonlySet<object | undefined>): void {
    const regions = [...this.#regions.values()];
    if (regions.every(({ options }) => tellers.has(options.toldBy))) {
      this.#forgetAll();
      this.#host.emit('flush', null, null);
    } else {
      for (const region of regions) if (tellers.has(region.options.toldBy)) region.outdate();
    }
  }

  /** Drops everything that is kept, in memory and behind it. */
  #forgetAll(): void {
    this.#forgetMemory();
    this.#host.behind.clear();
  }

  #forgetMemory(): void {
    this.#host.changes.noteAll();
    this.#host.memory.clear();
    for (const region of this.#regions.values()) region.forgetAll();
  }

  #openRegion(namespace: string, options: RegionOptions = {}): Region<Cacheable> {
    const resolved = resolveRegionOptions(namespace, options);
    // Before there is anything that a change could make old.
    this.#coherence.open(resolved.toldBy);
    const region = new Region<Cacheable>(this.#host, namespace, resolved);
    this.#regions.set(namespace, region);
    return region;
  }

  #requireOpen(): void {
    if (this.#host.closed) throw closedError();
  }
}
