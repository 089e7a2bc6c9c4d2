// The read path of one namespace: value in memory (kept-values.ts) → load under way (loads.ts) → tiers behind memory (behind.ts)
// → load. gate.ts says whether the calling context may be answered at all. Long, because all of it is one state.
import type { Gate } from '../coherence/gate.js';
import type {
  CacheAnswer,
  Cacheable,
  CacheLease,
  CacheRegion,
  SetOptions,
  ValueOptions,
  WrapOptions,
} from '../contract/cache.js';
import type { RegionStats } from '../contract/statistics.js';
import { closedError, requireFunction, requireText } from '../errors.js';
import { noOptions, type ResolvedRegionOptions, resolveValueOptions } from '../options.js';
import { LateEntry } from '../tiers/late-entry.js';
import type { Entry, MemoryTier } from '../tiers/memory-tier.js';
import { handOut, type SealedValue, sealCopy, sealIfPlain, tooLargeReason } from '../values/sealed-value.js';
import { ChangeLog } from './change-log.js';
import { zeroCounts } from './counts.js';
import type { Flight } from './flight.js';
import { fromTiers } from './from-tiers.js';
import { isForgiven, lastKnown } from './grace.js';
import { isUnchanged, type RegionHost } from './host.js';
import { KeptValues } from './kept-values.js';
import { asMap, type LoadMany, Loads, type Standing } from './loads.js';
import { endInTurn, nextTurnOfHits, noteCopy } from './turns.js';
import { withVersion } from './versioned.js';
import { wrapped } from './wrapped.js';

type Load<V> = () => Promise<V | null | undefined>;

/** The entries of one namespace. */
export class Region<V extends Cacheable> implements CacheRegion<V> {
  readonly namespace: string;
  readonly counts = zeroCounts();
  readonly options: ResolvedRegionOptions;
  readonly #host: RegionHost;
  // Of the host: a hit is short enough for the way there to count.
  readonly #gate: Gate;
  readonly #memory: MemoryTier;
  readonly #changes: ChangeLog;
  readonly #kept: KeptValues;
  readonly #loads: Loads<V>;

  constructor(host: RegionHost, namespace: string, options: ResolvedRegionOptions) {
    this.#host = host;
    this.#gate = host.gate;
    this.#memory = host.memory;
    this.#changes = new ChangeLog(host.clock);
    this.namespace = namespace;
    this.options = options;
    this.#kept = new KeptValues(host, namespace, this.counts);
    this.#loads = new Loads(host, this.counts, {
      find: (key, keeps) => this.#fromTiers(key, keeps),
      take: (key, loaded, flight, about) => this.#take(key, loaded, flight, about),
    });
  }

  get(key: string): V | null | undefined {
    const kept = this.#get(key);
    if (kept === undefined) requireText(key);
    return kept;
  }

  #get(key: string): V | null | undefined {
    if (!this.#gate.answers()) return this.#without('bypassed');
    const entry = this.#kept.find(key);
    // Closing empties the map, so a hit needs no check.
    if (entry === undefined) return this.#without('misses');
    if (entry.expiresAt !== Number.POSITIVE_INFINITY) {
      const now = this.#host.now();
      if (now >= entry.expiresAt) return this.#outlived(entry, now);
    }
    this.#memory.touch(entry);
    if (entry.value === null) {
      this.counts.negativeHits += 1;
      return null;
    }
    this.counts.hits += 1;
    if (entry.plan === 'shared') return entry.value as V;
    noteCopy(entry.bytes);
    return handOut(entry) as V;
  }

  async getOrLoad(key: string, load: Load<V>, options?: ValueOptions): Promise<V | null> {
    const turn = this.#turnOf(key);
    if (turn) await turn;
    this.#gate.coherence.refresh();
    const kept = this.#get(key);
    return kept === undefined ? endInTurn(async () => (await this.#answer(key, load, options, false)).value) : kept;
  }

  async fetch(key: string, load: Load<V>, options?: ValueOptions): Promise<CacheAnswer<V>> {
    const turn = this.#turnOf(key);
    if (turn) await turn;
    this.#gate.coherence.refresh();
    const kept = this.#get(key);
    return kept === undefined
      ? endInTurn(() => this.#answer(key, load, options, true))
      : { value: kept, from: 'memory' };
  }

  getOrLoadMany(
    keys: readonly string[],
    load: LoadMany<V>,
    options?: ValueOptions,
  ): Promise<ReadonlyMap<string, V | null>> {
    return endInTurn(() => {
      if (!Array.isArray(keys)) throw new TypeError('getOrLoadMany: the keys must be a list of texts');
      requireFunction(load, 'getOrLoadMany');
      return this.#answerMany([...new Set(keys)], load, options);
    });
  }

  wrap<A extends readonly unknown[]>(
    load: (...args: A) => Promise<V | null | undefined>,
    options: WrapOptions<A> = {},
  ): (...args: A) => Promise<V | null> {
    return wrapped((key, run, about) => this.getOrLoad(key, run, about), load, options);
  }

  set(key: string, value: V | null, options: SetOptions = {}): boolean {
    this.#requireOpen();
    requireText(key);
    const resolved = resolveValueOptions('set', options);
    if (value === undefined) throw new TypeError('set: the value must not be undefined; null stands for "absent"');
    const { lease } = options;
    if (lease && !this.#host.leases.has(lease)) throw new TypeError('set: the lease is of another cache');
    const sealed = sealCopy(value, this.#memory.mostWeighed);
    const gate = this.#gate;
    // Between COMMIT and here somebody else may have committed, and been read.
    const state = gate.inside() && gate.coherence.stateFor(this.options.toldBy);
    const isAlone = (): boolean => state === undefined || gate.coherence.stateFor(this.options.toldBy) === state;
    return gate.keep(
      () => this.#setNow(key, sealed, resolved, { lease, isAlone }),
      () => this.#invalidateNow(key),
    );
  }

  invalidate(key: string): boolean {
    this.#requireOpen();
    requireText(key);
    return this.#gate.drop(() => this.#invalidateNow(key), false);
  }

  invalidateTag(tag: string): number {
    this.#requireOpen();
    requireText(tag, 'tag');
    return this.#gate.drop(() => {
      this.#host.behind.deleteTag(tag);
      return this.dropTag(tag);
    }, 0);
  }

  clear(): void {
    this.#requireOpen();
    this.#gate.drop(() => this.#clearNow(), undefined);
  }

  /** Empties it, because something was written that it was not told of. */
  outdate(): void {
    this.#clearNow('flush');
  }

  /** Drops what was kept with `tag` in memory; the tiers behind it are told once for all regions. */
  dropTag(tag: string): number {
    this.#host.tagChanges.note(tag);
    for (const key of this.#loads.withTag(tag)) this.#detach(key);
    const dropped = this.#kept.dropTag(tag);
    this.#host.emit('invalidate', this.namespace, null, `tag ${tag}`);
    return dropped;
  }

  /** Forgets everything, which the memory has dropped at once. */
  forgetAll(): void {
    this.#loads.detachAll();
    this.#kept.forgetAll();
  }

  /** The loads that would still fill this region, as promises that never reject. */
  loadsUnderWay(): readonly Promise<unknown>[] {
    return this.#loads.underWay();
  }

  stats(): RegionStats {
    return { ...this.counts, loadMs: this.#loads.times() };
  }

  async #answer(
    key: string,
    load: Load<V>,
    options: ValueOptions | undefined,
    withGrace: boolean,
  ): Promise<CacheAnswer<V>> {
    requireText(key);
    requireFunction(load, 'getOrLoad');
    const gate = this.#gate;
    const about = resolveValueOptions('getOrLoad', options === undefined ? noOptions : options);
    if (gate.inside()) return { value: (await load()) ?? null, from: 'load' };
    const question = gate.coherence.question();
    if (question) {
      await question;
      // One lookup is counted once, as it has ended.
      this.counts.bypassed -= 1;
      const kept = this.#get(key);
      if (kept !== undefined) return { value: kept, from: 'memory' };
    }
    if (!gate.coherence.keeps()) return this.#loadApart(key, load);
    const old = this.#kept.find(key);
    if (old && isForgiven(this.#host, old, this.options.staleWhileRevalidateMs)) {
      if (!this.#loads.has(key)) this.#loads.begin(key, load, about);
      this.counts.staleHits += 1;
      return { value: handOut(old) as V | null, from: 'stale' };
    }
    try {
      const landed = await this.#loads.of(key, load, about);
      if (landed) return { value: handOut(landed.sealed) as V | null, from: landed.from };
    } catch (error) {
      const last = withGrace ? lastKnown(this.#host, error, this.#kept.find(key), this.options.graceMs) : undefined;
      if (!last) throw error;
      this.counts.graceHits += 1;
      return { value: handOut(last) as V | null, from: 'grace' };
    }
    return this.#answer(key, load, options, withGrace);
  }

  async #answerMany(
    keys: readonly string[],
    load: LoadMany<V>,
    options: ValueOptions = noOptions,
  ): Promise<ReadonlyMap<string, V | null>> {
    this.#requireOpen();
    for (const key of keys) requireText(key);
    const about = resolveValueOptions('getOrLoadMany', options);
    const gate = this.#gate;
    const question = gate.inside() ? undefined : gate.coherence.question();
    if (question) await question;
    gate.coherence.refresh();
    const kept = new Map(keys.map((key) => [key, this.#get(key)]));
    const missing = keys.filter((key) => kept.get(key) === undefined);
    if (missing.length > 0 && (gate.inside() || !gate.coherence.keeps())) {
      const isApart = gate.inside() === undefined;
      const loaded = asMap(await load(missing));
      for (const key of missing) {
        kept.set(key, loaded.get(key) ?? null);
        if (isApart) this.#forgetKey(key);
      }
    } else {
      // All at once: one that fails is heard while another is waited for.
      const landings = [...this.#loads.ofMany(missing, load, about)];
      const landed = await Promise.all(landings.map(async ([key, landing]) => [key, await landing] as const));
      for (const [key, found] of landed) if (found) kept.set(key, handOut(found.sealed) as V | null);
      const again = landed.filter(([, found]) => found === undefined).map(([key]) => key);
      if (again.length > 0)
        for (const [key, value] of await this.#answerMany(again, load, options)) kept.set(key, value);
    }
    return new Map(keys.map((key) => [key, kept.get(key) ?? null]));
  }

  #fromTiers(key: string, keeps: () => boolean): SealedValue | undefined | Promise<SealedValue | undefined> {
    const { tiers, version } = this.options;
    if (!tiers || this.#host.behind.isEmpty) return undefined;
    return fromTiers({ host: this.#host, kept: this.#kept, namespace: this.namespace, version }, key, keeps);
  }

  /** Loads while it cannot be told what is fresh. What is kept may be older than what this gives, and may prove right later. */
  async #loadApart(key: string, load: Load<V>): Promise<CacheAnswer<V>> {
    const value = (await load()) ?? null;
    this.#forgetKey(key);
    return { value, from: 'load' };
  }

  /** Seals what a load returned, and keeps it when nothing has come in between. */
  #take(key: string, loaded: V | null, flight: Flight, { current, doubt }: Standing): SealedValue {
    let refusal = '';
    const sealed = sealIfPlain(loaded, (reason) => (refusal = reason), this.#memory.mostWeighed);
    // Statements overtake one another on their way to a server: this one may have read more than what is kept, or than a lease.
    if (this.#gate.coherence.isToldLate) this.#forgetKey(key);
    if (!sealed) {
      // The read itself went well: its callers get the value, only the cache cannot have it.
      this.#refuse(key, refusal);
      return { value: loaded, plan: 'shared', bytes: 0 };
    }
    if (doubt !== undefined) this.#refuse(key, doubt);
    else if (current) this.#keep(key, sealed, flight.startedAt, flight);
    else this.#void(key);
    return sealed;
  }

  #setNow(
    key: string,
    sealed: SealedValue,
    about: ValueOptions,
    { lease, isAlone }: { readonly lease: CacheLease | undefined; readonly isAlone: () => boolean },
  ): boolean {
    if (this.#host.closed) return false;
    // While it cannot be told what is fresh nothing is kept, and what was there before goes all the same.
    if (!this.#gate.coherence.keeps()) {
      this.#invalidateNow(key);
      return this.#refuse(key, 'it cannot be told what is fresh');
    }
    // Behind the look of `keeps`: what is committed between the two would be the state that the value is kept under.
    if (!isAlone()) {
      this.#invalidateNow(key);
      return this.#void(key);
    }
    if (lease && !isUnchanged(this.#host, this.#changes, { key, tags: about.tags ?? [], lease }))
      return this.#void(key);
    if (lease && this.#host.leases.get(lease) !== this.#gate.coherence.doubtfulReads)
      return this.#refuse(key, 'something was read under its lease that is not for others');
    if (!lease || this.#gate.coherence.isToldLate) this.#detach(key);
    return this.#keep(key, sealed, this.#host.now(), about);
  }

  #invalidateNow(key: string): boolean {
    const wasKept = this.#forgetKey(key);
    this.#host.emit('invalidate', this.namespace, key);
    return wasKept;
  }

  #forgetKey(key: string): boolean {
    this.#detach(key);
    this.#host.behind.delete(this.namespace, key);
    return this.#kept.drop(key);
  }

  #clearNow(type: 'clear' | 'flush' = 'clear'): void {
    this.#changes.noteAll();
    this.#loads.detachAll();
    this.#host.behind.clear(this.namespace);
    this.#kept.dropAll();
    this.#host.emit(type, this.namespace, null);
  }

  #keep(key: string, sealed: SealedValue, since: number, { tags = [], ttlMs: ownTtlMs }: ValueOptions): boolean {
    const { gate, behind } = this.#host;
    const { ttlMs: regionTtlMs, negativeTtlMs, tiers, version } = this.options;
    const ttlMs = Math.min(ownTtlMs ?? (sealed.value === null ? negativeTtlMs : regionTtlMs), gate.coherence.lifeMs);
    if (ttlMs === 0 || sealed.bytes === Number.POSITIVE_INFINITY) {
      this.#forgetKey(key);
      return this.#refuse(key, ttlMs === 0 ? 'the region keeps such values for 0 ms' : tooLargeReason);
    }
    const expiresAt = since + ttlMs;
    // What is too large for memory may find its place behind it.
    if (tiers && !behind.isEmpty)
      behind.set(
        this.namespace,
        key,
        new LateEntry(sealed.value, { loadedAt: since, expiresAt, tags: withVersion(tags, version) }),
      );
    return this.#kept.keep(key, sealed, expiresAt, tags) || this.#refuse(key, tooLargeReason);
  }

  /** Makes a load under way, and leases taken before, come too late for `key`. */
  #detach(key: string): void {
    this.#changes.note(key);
    this.#loads.detach(key);
  }

  #void(key: string): false {
    this.counts.voidedFills += 1;
    this.#host.emit('void', this.namespace, key);
    return false;
  }

  #refuse(key: string, reason: string): false {
    this.counts.refused += 1;
    this.#host.emit('refuse', this.namespace, key, reason);
    return false;
  }

  /** A value that is too old for `get` may still be good for the time after its end. */
  #outlived(entry: Entry, now: number): undefined {
    const { staleWhileRevalidateMs, graceMs } = this.options;
    this.counts.misses += 1;
    if (now < entry.expiresAt + Math.max(staleWhileRevalidateMs, graceMs)) return undefined;
    this.#kept.drop(entry.key);
    this.counts.expired += 1;
    this.#host.emit('expire', this.namespace, entry.key);
    return undefined;
  }

  /** The turn of the event loop that is due before a hit: before the look, so that nothing is handed out that was replaced meanwhile. */
  #turnOf(key: string): Promise<void> | undefined {
    const turn = nextTurnOfHits();
    return turn && (this.#kept.has(key) || this.#host.closed) ? turn : undefined;
  }

  #without(count: 'misses' | 'bypassed'): undefined {
    this.#requireOpen();
    this.counts[count] += 1;
    return undefined;
  }

  #requireOpen(): void {
    if (this.#host.closed) throw closedError();
  }
}
