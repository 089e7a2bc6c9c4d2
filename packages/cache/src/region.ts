// The read path of one namespace: entry → load under way → load. Invalidation detaches the load under way, so that its
// result reaches those who were already waiting and nobody else.
import { type ChangeClock, ChangeLog } from './change-log.js';
import { zeroCounts } from './counts.js';
import { closedError } from './errors.js';
import type { Entry, EntryOwner, MemoryTier } from './memory-tier.js';
import { resolveRegionOptions } from './options.js';
import { handOut, type SealedValue, seal, sealCopy } from './sealed-value.js';
import { endInTurn, nextTurnOfHits, noteCopy } from './turns.js';
import type { Cacheable, CacheEvent, CacheLease, CacheRegion, RegionOptions, SetOptions } from './types.js';
import { textBytes } from './weigh.js';

/** What the regions of one cache share. */
export interface RegionHost {
  readonly tier: MemoryTier;
  readonly clock: ChangeClock;
  /** Changes of every region at once, those that will be opened later included. */
  readonly changes: ChangeLog;
  readonly now: () => number;
  readonly emit: ((event: CacheEvent) => void) | undefined;
  closed: boolean;
}

/** The entries of one namespace. */
export class Region<V extends Cacheable> implements CacheRegion<V>, EntryOwner {
  readonly namespace: string;
  readonly counts = zeroCounts();
  readonly #options: Required<RegionOptions>;
  readonly #host: RegionHost;
  readonly #tier: MemoryTier;
  readonly #changes: ChangeLog;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();

  constructor(host: RegionHost, namespace: string, options: Required<RegionOptions>) {
    this.#host = host;
    this.#tier = host.tier;
    this.#changes = new ChangeLog(host.clock);
    this.namespace = namespace;
    this.#options = options;
  }

  get(key: string): V | null | undefined {
    const entry = this.#entries.get(key);
    // Closing empties the map, so a hit needs no check.
    if (entry === undefined) return this.#missed();
    if (entry.expiresAt !== Number.POSITIVE_INFINITY && this.#host.now() >= entry.expiresAt) return this.#expire(entry);
    this.#tier.touch(entry);
    if (entry.value === null) {
      this.counts.negativeHits += 1;
      return null;
    }
    this.counts.hits += 1;
    if (entry.plan !== 'shared') noteCopy(entry.bytes);
    return handOut(entry) as V;
  }

  async getOrLoad(key: string, load: () => Promise<V | null | undefined>): Promise<V | null> {
    const turn = nextTurnOfHits();
    // Before the look, so that nothing is handed out that was replaced meanwhile.
    if (turn && (this.#entries.has(key) || this.#host.closed)) await turn;
    const cached = this.get(key);
    return cached === undefined ? endInTurn(() => this.#load(key, load)) : cached;
  }

  async #load(key: string, load: () => Promise<V | null | undefined>): Promise<V | null> {
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      requireText(key);
      flight = new Flight(this.#host.now());
      this.#flights.set(key, flight);
      void this.#run(key, flight, load);
    } else {
      this.counts.joined += 1;
    }
    return handOut(await flight.landed) as V | null;
  }

  set(key: string, value: V | null, options: SetOptions = {}): boolean {
    this.#requireOpen();
    requireText(key);
    const { lease } = options;
    if (lease === undefined) this.#detach(key);
    else if (!this.#unchangedSince(key, lease)) return this.#void(key);
    return this.#keep(key, sealCopy(value), this.#host.now());
  }

  invalidate(key: string): boolean {
    this.#requireOpen();
    requireText(key);
    this.#detach(key);
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(entry);
    this.#emit('invalidate', key);
    return entry !== undefined;
  }

  clear(): void {
    this.#requireOpen();
    this.#changes.noteAll();
    this.#flights.clear();
    for (const entry of this.#entries.values()) this.#drop(entry);
    this.#emit('clear', null);
  }

  /** Returns this region, unless it was opened with other options. @throws TypeError */
  reopened(options: RegionOptions | undefined): this {
    if (options === undefined) return this;
    const { ttlMs, negativeTtlMs } = resolveRegionOptions(this.namespace, options);
    if (ttlMs === this.#options.ttlMs && negativeTtlMs === this.#options.negativeTtlMs) return this;
    throw new TypeError(`region: '${this.namespace}' is open with other options; leave them out to get it as it is`);
  }

  evicted(entry: Entry): void {
    this.#forget(entry);
    this.counts.evictions += 1;
    this.#emit('evict', entry.key);
  }

  /** The loads that would still fill this region, as promises that never reject. */
  loadsUnderWay(): readonly Promise<unknown>[] {
    return [...this.#flights.values()].map(({ landed }) => landed.catch(() => undefined));
  }

  async #run(key: string, flight: Flight, load: () => Promise<V | null | undefined>): Promise<void> {
    try {
      flight.land(this.#take(key, flight, (await load()) ?? null));
    } catch (error) {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
      this.counts.failedLoads += 1;
      flight.fail(error);
    }
  }

  /** Seals what a load returned, and keeps it when the load is still the one of its key. */
  #take(key: string, flight: Flight, loaded: V | null): SealedValue {
    const current = this.#flights.get(key) === flight;
    if (current) this.#flights.delete(key);
    let sealed: SealedValue;
    try {
      sealed = seal(loaded);
    } catch (error) {
      // The read itself went well: its callers get the value, only the cache cannot have it.
      this.#refuse(key, error instanceof Error ? error.message : String(error));
      return { value: loaded, plan: 'shared', bytes: 0 };
    }
    if (current) this.#keep(key, sealed, flight.startedAt);
    else this.#void(key);
    return sealed;
  }

  #keep(key: string, sealed: SealedValue, since: number): boolean {
    const previous = this.#entries.get(key);
    if (previous !== undefined) this.#drop(previous);
    const bytes = sealed.bytes + textBytes(key) + bookkeepingBytes;
    const ttlMs = sealed.value === null ? this.#options.negativeTtlMs : this.#options.ttlMs;
    if (!this.#tier.fits(bytes)) return this.#refuse(key, 'it is larger than the whole cache');
    if (ttlMs === 0) return this.#refuse(key, 'the region keeps such values for 0 ms');
    const entry: Entry = { value: sealed.value, plan: sealed.plan, bytes, key, expiresAt: since + ttlMs, owner: this };
    this.#entries.set(key, entry);
    this.counts.bytes += bytes;
    this.counts.entries += 1;
    this.counts.fills += 1;
    this.#tier.keep(entry);
    this.#emit('fill', key);
    return true;
  }

  /** Makes a load under way, and leases taken before, come too late for `key`. */
  #detach(key: string): void {
    this.#changes.note(key);
    this.#flights.delete(key);
  }

  #unchangedSince(key: string, { takenAt }: CacheLease): boolean {
    return this.#changes.unchangedSince(key, takenAt) && this.#host.changes.unchangedSince(key, takenAt);
  }

  #void(key: string): false {
    this.counts.voidedFills += 1;
    this.#emit('void', key);
    return false;
  }

  #refuse(key: string, reason: string): false {
    this.counts.refused += 1;
    this.#emit('refuse', key, reason);
    return false;
  }

  #expire(entry: Entry): undefined {
    this.#drop(entry);
    this.counts.expired += 1;
    this.counts.misses += 1;
    this.#emit('expire', entry.key);
    return undefined;
  }

  #missed(): undefined {
    this.#requireOpen();
    this.counts.misses += 1;
    return undefined;
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    this.#tier.drop(entry);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.counts.bytes -= entry.bytes;
    this.counts.entries -= 1;
  }

  #requireOpen(): void {
    if (this.#host.closed) throw closedError();
  }

  #emit(type: CacheEvent['type'], key: string | null, reason?: string): void {
    this.#host.emit?.({ type, namespace: this.namespace, key, ...(reason !== undefined && { reason }) });
  }
}

/** The entry object, its slots in the map of the region and in the order of the tier. */
const bookkeepingBytes = 232;

/** One load and everyone who waits for it. */
class Flight {
  readonly startedAt: number;
  readonly landed: Promise<SealedValue>;
  land: (sealed: SealedValue) => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
    this.landed = new Promise((resolve, reject) => {
      this.land = resolve;
      this.fail = reject;
    });
  }
}

function requireText(key: string): void {
  // A number would live beside its text: an entry that nobody invalidates.
  if (typeof key !== 'string') throw new TypeError('The key of a cached value must be a text');
}
