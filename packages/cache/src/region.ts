// The read path of one namespace: entry in memory → load under way → tiers behind memory → load. gate.ts says whether the
// calling context may be answered from here at all. Invalidation detaches the load under way, so that its result reaches
// those who were already waiting and nobody else. Long, because an entry, its load and its end are one state.
import type { Found } from './behind.js';
import { canonical } from './canonical.js';
import { ChangeLog } from './change-log.js';
import { LoadTimes, zeroCounts } from './counts.js';
import { closedError } from './errors.js';
import { Flight, type Landed } from './flight.js';
import type { RegionHost } from './host.js';
import type { Entry, EntryOwner } from './memory-tier.js';
import { noOptions, type ResolvedRegionOptions, resolveRegionOptions, resolveValueOptions } from './options.js';
import { handOut, type SealedValue, seal, sealCopy } from './sealed-value.js';
import { serialise } from './serialise.js';
import { Tagged } from './tagged.js';
import type { TierEntry } from './tiers/tier.js';
import { endInTurn, nextTurnOfHits, noteCopy } from './turns.js';
import type {
  CacheAnswer,
  Cacheable,
  CacheLease,
  CacheRegion,
  RegionOptions,
  RegionStats,
  SetOptions,
  ValueOptions,
  WrapOptions,
} from './types.js';
import { textBytes } from './weigh.js';

type Load<V> = () => Promise<V | null | undefined>;

/** The entries of one namespace. */
export class Region<V extends Cacheable> implements CacheRegion<V>, EntryOwner {
  readonly namespace: string;
  readonly counts = zeroCounts();
  readonly #times = new LoadTimes();
  readonly #options: ResolvedRegionOptions;
  readonly #host: RegionHost;
  readonly #changes: ChangeLog;
  readonly #tagged = new Tagged();
  #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Flight>();

  constructor(host: RegionHost, namespace: string, options: ResolvedRegionOptions) {
    this.#host = host;
    this.#changes = new ChangeLog(host.clock);
    this.namespace = namespace;
    this.#options = options;
  }

  get(key: string): V | null | undefined {
    if (!this.#host.gate.answers()) return this.#bypassed();
    const entry = this.#entries.get(key);
    // Closing empties the map, so a hit needs no check.
    if (entry === undefined) return this.#missed();
    if (entry.expiresAt !== Number.POSITIVE_INFINITY) {
      const now = this.#host.now();
      if (now >= entry.expiresAt) return this.#outlived(entry, now);
    }
    this.#host.memory.touch(entry);
    this.#host.gate.coherence.use.hits += 1;
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
    const turn = nextTurnOfHits();
    // Before the look, so that nothing is handed out that was replaced meanwhile.
    if (turn && (this.#entries.has(key) || this.#host.closed)) await turn;
    this.#host.gate.coherence.refresh();
    const kept = this.get(key);
    return kept === undefined ? endInTurn(async () => (await this.#answer(key, load, options, false)).value) : kept;
  }

  async fetch(key: string, load: Load<V>, options?: ValueOptions): Promise<CacheAnswer<V>> {
    const turn = nextTurnOfHits();
    if (turn && (this.#entries.has(key) || this.#host.closed)) await turn;
    this.#host.gate.coherence.refresh();
    const kept = this.get(key);
    return kept === undefined
      ? endInTurn(() => this.#answer(key, load, options, true))
      : { value: kept, from: 'memory' };
  }

  getOrLoadMany(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, V | null>>,
    options?: ValueOptions,
  ): Promise<ReadonlyMap<string, V | null>> {
    return endInTurn(() => this.#answerMany([...new Set(keys)], load, options));
  }

  wrap<A extends readonly unknown[]>(
    load: (...args: A) => Promise<V | null | undefined>,
    options: WrapOptions<A> = {},
  ): (...args: A) => Promise<V | null> {
    const { key = (...args: A) => canonical(args, 'The arguments of a wrapped function'), ...value } = options;
    if (typeof load !== 'function') throw new TypeError('wrap: what is wrapped must be a function');
    if (typeof key !== 'function') throw new TypeError('wrap: key must be a function that returns a text');
    resolveValueOptions('wrap', value);
    return (...args) => this.getOrLoad(key(...args), () => load(...args), value);
  }

  set(key: string, value: V | null, options: SetOptions = {}): boolean {
    this.#requireOpen();
    requireText(key);
    const { lease, ...about } = options;
    const resolved = resolveValueOptions('set', about);
    const sealed = sealCopy(value);
    const { gate } = this.#host;
    // Between COMMIT and here somebody else may have committed, and been read.
    const state = gate.inside() && gate.coherence.stateFor(this.#options.toldBy);
    const isAlone = (): boolean => state === undefined || gate.coherence.stateFor(this.#options.toldBy) === state;
    return gate.keep(
      () => (isAlone() ? this.#setNow(key, sealed, resolved, lease) : this.#invalidateNow(key)),
      () => this.#invalidateNow(key),
    );
  }

  invalidate(key: string): boolean {
    this.#requireOpen();
    requireText(key);
    return this.#host.gate.drop(() => this.#invalidateNow(key), false);
  }

  invalidateTag(tag: string): number {
    this.#requireOpen();
    requireText(tag);
    return this.#host.gate.drop(() => {
      this.#host.behind.deleteTag(tag);
      return this.dropTag(tag);
    }, 0);
  }

  clear(): void {
    this.#requireOpen();
    this.#host.gate.drop(() => this.#clearNow(), undefined);
  }

  /** Returns this region, unless it was opened with other options. @throws TypeError */
  reopened(options: RegionOptions | undefined): this {
    if (options === undefined) return this;
    const asked = resolveRegionOptions(this.namespace, options);
    const names = Object.keys(asked) as (keyof ResolvedRegionOptions)[];
    if (names.every((name) => asked[name] === this.#options[name])) return this;
    throw new TypeError(`region: '${this.namespace}' is open with other options; leave them out to get it as it is`);
  }

  evicted(entry: Entry): void {
    this.#forget(entry);
    this.counts.evictions += 1;
    this.#host.emit('evict', this.namespace, entry.key);
  }

  /** Who tells this region of writes. */
  get toldBy(): object | undefined {
    return this.#options.toldBy;
  }

  /** Empties it, because something was written that it was not told of. */
  outdate(): void {
    this.#clearNow('flush');
  }

  /** Drops what was kept with `tag` in memory; the tiers behind it are told once for all regions. */
  dropTag(tag: string): number {
    this.#host.tagChanges.note(tag);
    for (const [key, flight] of this.#flights) if (flight.tags.includes(tag)) this.#detach(key);
    const entries = this.#tagged.with(tag);
    for (const entry of entries) this.#drop(entry);
    this.#host.emit('invalidate', this.namespace, null, `tag ${tag}`);
    return entries.length;
  }

  /** Forgets everything, which the memory has dropped at once. */
  forgetAll(): void {
    this.#flights.clear();
    this.#entries = new Map();
    this.#tagged.clear();
    this.counts.bytes = 0;
    this.counts.entries = 0;
  }

  /** The loads that would still fill this region, as promises that never reject. */
  loadsUnderWay(): readonly Promise<unknown>[] {
    return [...this.#flights.values()].map(({ landed }) => landed.catch(() => undefined));
  }

  stats(): RegionStats {
    return { ...this.counts, loadMs: this.#times.read() };
  }

  /** Answers what memory could not. */
  async #answer(
    key: string,
    load: Load<V>,
    options: ValueOptions | undefined,
    withGrace: boolean,
  ): Promise<CacheAnswer<V>> {
    requireText(key);
    const { gate } = this.#host;
    const about = resolveValueOptions('getOrLoad', options ?? noOptions);
    if (gate.inside()) return { value: (await load()) ?? null, from: 'load' };
    const question = gate.coherence.question();
    if (question) {
      await question;
      const kept = this.get(key);
      if (kept !== undefined) return { value: kept, from: 'memory' };
    }
    if (!gate.coherence.keeps()) return this.#loadApart(key, load);
    const old = this.#entries.get(key);
    if (old && gate.answers() && this.#host.now() < old.expiresAt + this.#options.staleWhileRevalidateMs) {
      // Whoever waits for the load hears of its failure; nobody may.
      if (!this.#flights.has(key)) void this.#begin(key, load, about).landed.catch(() => undefined);
      this.counts.staleHits += 1;
      return { value: handOut(old) as V | null, from: 'stale' };
    }
    try {
      const { sealed, from } = await (this.#joinable(key) ?? this.#begin(key, load, about)).landed;
      return { value: handOut(sealed) as V | null, from };
    } catch (error) {
      const last = withGrace && this.#host.isAway(error) ? this.#lastKnown(key) : undefined;
      if (!last) throw error;
      this.counts.graceHits += 1;
      return { value: handOut(last) as V | null, from: 'grace' };
    }
  }

  async #answerMany(
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, V | null>>,
    options: ValueOptions = noOptions,
  ): Promise<ReadonlyMap<string, V | null>> {
    this.#requireOpen();
    for (const key of keys) requireText(key);
    const about = resolveValueOptions('getOrLoadMany', options);
    const { gate } = this.#host;
    const question = gate.inside() ? undefined : gate.coherence.question();
    if (question) await question;
    gate.coherence.refresh();
    const kept = new Map(keys.map((key) => [key, this.get(key)]));
    const missing = keys.filter((key) => kept.get(key) === undefined);
    const waits = new Map<string, Promise<Landed>>();
    if (missing.length > 0 && (gate.inside() || !gate.coherence.keeps())) {
      const isApart = gate.inside() === undefined;
      const loaded = await load(missing);
      for (const key of missing) {
        kept.set(key, loaded.get(key) ?? null);
        if (isApart) this.#forgetKey(key);
      }
    } else {
      const mine = new Map<string, Flight>();
      for (const key of missing) {
        const joined = this.#joinable(key);
        const flight = joined ?? this.#takeOff(key, about);
        if (!joined) mine.set(key, flight);
        waits.set(key, flight.landed);
      }
      if (mine.size > 0) void this.#runMany(mine, load);
    }
    // All of them are heard, whichever fails first.
    const landed = new Map<string, Landed>();
    const failures: unknown[] = [];
    for (const [key, wait] of waits) {
      await wait.then(
        (each) => landed.set(key, each),
        (error: unknown) => failures.push(error),
      );
    }
    if (failures.length > 0) throw failures[0];
    return new Map(
      keys.map((key) => {
        const each = landed.get(key);
        return [key, each ? (handOut(each.sealed) as V | null) : (kept.get(key) ?? null)];
      }),
    );
  }

  /** The load under way that a caller of now may wait for. */
  #joinable(key: string): Flight | undefined {
    const flight = this.#flights.get(key);
    if (!flight || !this.#host.gate.coherence.isRecent(flight.began)) return undefined;
    this.counts.joined += 1;
    return flight;
  }

  #begin(key: string, load: Load<V>, about: ValueOptions): Flight {
    const flight = this.#takeOff(key, about);
    void this.#run(key, flight, load);
    return flight;
  }

  #takeOff(key: string, about: ValueOptions): Flight {
    const flight = new Flight(this.#host.now(), about);
    this.#flights.set(key, flight);
    return flight;
  }

  async #run(key: string, flight: Flight, load: Load<V>): Promise<void> {
    try {
      const asked = this.#fromTiers(key, flight);
      const found = asked instanceof Promise ? await asked : asked;
      if (found) {
        flight.land({ sealed: found, from: 'tier' });
        return;
      }
      const loaded = (await this.#timed(load)) ?? null;
      flight.land({ sealed: this.#take(key, flight, loaded), from: 'load' });
    } catch (error) {
      this.#failed(key, flight, error);
    }
  }

  async #runMany(
    flights: ReadonlyMap<string, Flight>,
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, V | null>>,
  ): Promise<void> {
    const left = new Map(flights);
    try {
      for (const [key, flight] of flights) {
        const asked = this.#fromTiers(key, flight);
        const found = asked instanceof Promise ? await asked : asked;
        if (!found) continue;
        left.delete(key);
        flight.land({ sealed: found, from: 'tier' });
      }
      if (left.size === 0) return;
      const loaded = await this.#timed(() => load([...left.keys()]));
      for (const [key, flight] of left) {
        flight.land({ sealed: this.#take(key, flight, loaded.get(key) ?? null), from: 'load' });
      }
    } catch (error) {
      for (const [key, flight] of left) this.#failed(key, flight, error);
    }
  }

  async #timed<T>(load: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const loaded = await load();
    const durationMs = performance.now() - began;
    this.#times.note(durationMs);
    this.#host.times.note(durationMs);
    return loaded;
  }

  #failed(key: string, flight: Flight, error: unknown): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    this.counts.failedLoads += 1;
    flight.fail(error);
  }

  /** What the tiers behind memory have, kept in memory too. */
  #fromTiers(key: string, flight: Flight): SealedValue | undefined | Promise<SealedValue | undefined> {
    const { behind } = this.#host;
    if (!this.#options.tiers || behind.isEmpty) return undefined;
    const take = (found: Found | undefined): SealedValue | undefined => {
      if (!found || this.#host.now() >= found.entry.expiresAt) return undefined;
      const { entry, value } = found;
      const sealed = seal(value);
      if (this.#flights.get(key) !== flight) return sealed;
      this.#flights.delete(key);
      this.#keepInMemory(key, sealed, entry);
      behind.set(this.namespace, key, entry, found.depth);
      return sealed;
    };
    const found = behind.read(this.namespace, key);
    return found instanceof Promise ? found.then(take) : take(found);
  }

  /** Loads while it cannot be told what is fresh. What is kept may be older than what this gives, and may prove right later. */
  async #loadApart(key: string, load: Load<V>): Promise<CacheAnswer<V>> {
    const value = (await load()) ?? null;
    this.#forgetKey(key);
    return { value, from: 'load' };
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
    if (current) this.#keep(key, sealed, flight.startedAt, flight);
    else this.#void(key);
    return sealed;
  }

  #setNow(key: string, sealed: SealedValue, about: ValueOptions, lease: CacheLease | undefined): boolean {
    if (this.#host.closed) return false;
    // While it cannot be told what is fresh nothing is kept, and what was there before goes all the same.
    const isKnown = this.#host.gate.coherence.keeps();
    if (!isKnown) {
      this.#invalidateNow(key);
      return this.#refuse(key, 'it cannot be told what is fresh');
    }
    if (lease === undefined) this.#detach(key);
    else if (!this.#unchangedSince(key, about.tags ?? [], lease)) return this.#void(key);
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
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(entry);
    return entry !== undefined;
  }

  #clearNow(type: 'clear' | 'flush' = 'clear'): void {
    this.#changes.noteAll();
    this.#flights.clear();
    this.#host.behind.clear(this.namespace);
    for (const entry of this.#entries.values()) this.#drop(entry);
    this.#host.emit(type, this.namespace, null);
  }

  #keep(key: string, sealed: SealedValue, since: number, { tags = [], ttlMs: ownTtlMs }: ValueOptions): boolean {
    const { gate, behind } = this.#host;
    const { ttlMs: regionTtlMs, negativeTtlMs, tiers } = this.#options;
    const ttlMs = Math.min(ownTtlMs ?? (sealed.value === null ? negativeTtlMs : regionTtlMs), gate.coherence.lifeMs);
    const entry = { loadedAt: since, expiresAt: since + ttlMs, tags };
    const isKept = this.#keepInMemory(key, sealed, entry, ttlMs);
    if (!tiers || behind.isEmpty) return isKept;
    // What was there before is replaced or gone; what is too large for memory may find its place behind it.
    if (ttlMs === 0) behind.delete(this.namespace, key);
    else behind.set(this.namespace, key, new LateEntry(sealed.value, entry));
    return isKept;
  }

  #keepInMemory(
    key: string,
    sealed: SealedValue,
    { expiresAt, tags }: Pick<TierEntry, 'expiresAt' | 'tags'>,
    ttlMs = Number.POSITIVE_INFINITY,
  ): boolean {
    const previous = this.#entries.get(key);
    if (previous !== undefined) this.#drop(previous);
    const bytes = sealed.bytes + textBytes(key) + bookkeepingBytes + tags.length * tagBytes;
    if (!this.#host.memory.fits(bytes)) return this.#refuse(key, 'it is larger than the whole cache');
    if (ttlMs === 0) return this.#refuse(key, 'the region keeps such values for 0 ms');
    const { value, plan } = sealed;
    const links = { newer: undefined, older: undefined };
    const entry: Entry = { value, plan, bytes, key, expiresAt, tags, owner: this, ...links };
    this.#entries.set(key, entry);
    this.#tagged.add(entry);
    this.counts.bytes += bytes;
    this.counts.entries += 1;
    this.counts.fills += 1;
    this.#host.gate.coherence.use.fills += 1;
    this.#host.memory.keep(entry);
    this.#host.emit('fill', this.namespace, key);
    return true;
  }

  /** Makes a load under way, and leases taken before, come too late for `key`. */
  #detach(key: string): void {
    this.#changes.note(key);
    this.#flights.delete(key);
  }

  #unchangedSince(key: string, tags: readonly string[], { takenAt }: CacheLease): boolean {
    const { changes, tagChanges } = this.#host;
    return (
      this.#changes.unchangedSince(key, takenAt) &&
      changes.unchangedSince(key, takenAt) &&
      tags.every((tag) => tagChanges.unchangedSince(tag, takenAt))
    );
  }

  /** The value that `graceMs` allows while the database is away. */
  #lastKnown(key: string): Entry | undefined {
    const { coherence } = this.#host.gate;
    const entry = this.#entries.get(key);
    if (!entry || !coherence.keeps()) return undefined;
    const { graceMs } = this.#options;
    const isYoung = this.#host.now() < entry.expiresAt + graceMs && coherence.overdueMs < graceMs;
    return isYoung ? entry : undefined;
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
    const { staleWhileRevalidateMs, graceMs } = this.#options;
    this.counts.misses += 1;
    if (now < entry.expiresAt + Math.max(staleWhileRevalidateMs, graceMs)) return undefined;
    this.#drop(entry);
    this.counts.expired += 1;
    this.#host.emit('expire', this.namespace, entry.key);
    return undefined;
  }

  #missed(): undefined {
    this.#requireOpen();
    this.counts.misses += 1;
    return undefined;
  }

  #bypassed(): undefined {
    this.#requireOpen();
    this.counts.bypassed += 1;
    return undefined;
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    this.#host.memory.drop(entry);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#tagged.delete(entry);
    this.counts.bytes -= entry.bytes;
    this.counts.entries -= 1;
  }

  #requireOpen(): void {
    if (this.#host.closed) throw closedError();
  }
}

/** The entry object, its slots in the map of the region and in the order of the tier. */
const bookkeepingBytes = 232;
/** Its places in the lists of its tags. */
const tagBytes = 120;

/** An entry for the tiers, serialised when the first of them wants it. */
class LateEntry implements TierEntry {
  readonly loadedAt: number;
  readonly expiresAt: number;
  readonly tags: readonly string[];
  readonly #value: unknown;
  #data: Uint8Array | undefined;

  constructor(value: unknown, { loadedAt, expiresAt, tags }: Omit<TierEntry, 'data'>) {
    this.#value = value;
    this.loadedAt = loadedAt;
    this.expiresAt = expiresAt;
    this.tags = tags;
  }

  get data(): Uint8Array {
    this.#data ??= serialise(this.#value);
    return this.#data;
  }
}

function requireText(key: string): void {
  // A number would live beside its text: an entry that nobody invalidates.
  if (typeof key !== 'string') throw new TypeError('The key of a cached value must be a text');
}
