// The loads under way in one region: one to a key, for everybody who asks meanwhile. A load that was detached still answers those
// who were already waiting, and nobody else.

import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import { Loading } from '../coherence/around.js';
import type { BoundWitnessed } from '../contract/bound.js';
import type { ValueOptions } from '../contract/cache.js';
import type { RegionStats } from '../contract/statistics.js';
import { circleError } from '../errors.js';
import { isPromise } from '../promises.js';
import type { SealedValue } from '../values/sealed-value.js';
import { type Counts, LoadTimes } from './counts.js';
import { Flight, type Landed } from './flight.js';
import type { RegionHost } from './host.js';
import { noteWaiting, waitFor } from './waiting.js';

/** What is known of a load that has ended. */
export interface Standing {
  /** It is still the one of its key. */
  readonly current: boolean;
  /** Why what it has read is not for others. */
  readonly doubt: string | undefined;
}

/** What becomes of values, once they are there. */
export interface Landing<V> {
  /** What the tiers behind memory have for a key; `keeps`: whether the load is still the one of its key, once it is known. */
  find(key: string, keeps: () => boolean): SealedValue | undefined | Promise<SealedValue | undefined>;
  /** Seals what a load returned, and keeps it where it is `current`, still the load of its key, and there is no doubt about it. */
  take(key: string, loaded: V | null, flight: Flight, about: Standing): SealedValue;
}

/** Loads several keys; what the answer lacks is absent. */
export type LoadMany<V> = (missing: readonly string[]) => Promise<ReadonlyMap<string, V | null>>;

/** The loads under way. */
export class Loads<V> {
  readonly #host: RegionHost;
  readonly #counts: Counts;
  readonly #landing: Landing<V>;
  readonly #times = new LoadTimes();
  readonly #flights = new Map<string, Flight>();

  constructor(host: RegionHost, counts: Counts, landing: Landing<V>) {
    this.#host = host;
    this.#counts = counts;
    this.#landing = landing;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * The load that a caller of now may wait for: the one under way, or a new one. Undefined when the one under way has read what
   * is not for others, so that the caller has to ask again.
   */
  of(key: string, load: () => Promise<V | null | undefined>, about: ValueOptions): Promise<Landed | undefined> {
    const joined = this.#joinable(key);
    if (joined) return waitFor(joined).then(forOthers);
    const flight = this.#takeOff(key, about);
    // Before it runs: a load that asks in the same turn for one that waits for it is refused there, and this one is heard of.
    const landed = waitFor(flight);
    void this.#run(key, flight, load);
    return landed;
  }

  /** Begins a load that nobody waits for, and whose failure nobody hears of. */
  begin(key: string, load: () => Promise<V | null | undefined>, about: ValueOptions): void {
    const flight = this.#takeOff(key, about);
    flight.landed.catch(() => undefined);
    void this.#run(key, flight, load);
  }

  /** The same for several keys: `load` is called once, with those that nobody is loading. */
  ofMany(
    keys: readonly string[],
    load: LoadMany<V>,
    about: ValueOptions,
  ): ReadonlyMap<string, Promise<Landed | undefined>> {
    const own = new Map<string, Flight>();
    const landings = new Map<string, Promise<Landed | undefined>>();
    for (const key of keys) {
      const joined = this.#joinable(key);
      const flight = joined ?? this.#takeOff(key, about);
      if (!joined) own.set(key, flight);
      landings.set(key, joined ? waitFor(flight).then(forOthers) : waitFor(flight));
    }
    if (own.size > 0) void this.#runMany(own, load);
    return landings;
  }

  detach(key: string): void {
    this.#flights.delete(key);
  }

  detachAll(): void {
    this.#flights.clear();
  }

  /** The keys whose loads have the tag. */
  withTag(tag: string): readonly string[] {
    return [...this.#flights].filter(([, { tags }]) => tags.includes(tag)).map(([key]) => key);
  }

  /** Those that are still waited for, as promises that never reject. @throws CacheError (`CACHE_CIRCLE`) in one of them */
  underWay(): readonly Promise<unknown>[] {
    return [...this.#flights.values()].map((flight) => {
      if (!noteWaiting(flight)) throw circleError();
      return flight.landed.catch(() => undefined);
    });
  }

  times(): RegionStats['loadMs'] {
    return this.#times.read();
  }

  #joinable(key: string): Flight | undefined {
    const flight = this.#flights.get(key);
    if (!flight || !this.#host.gate.coherence.isRecent(flight.ageMs(this.#host.now()))) return undefined;
    this.#counts.joined += 1;
    return flight;
  }

  #takeOff(key: string, about: ValueOptions): Flight {
    const flight = new Flight(this.#host.now(), about);
    this.#flights.set(key, flight);
    return flight;
  }

  async #run(key: string, flight: Flight, load: () => Promise<V | null | undefined>): Promise<void> {
    try {
      const asked = this.#found(key, flight);
      const found = isPromise(asked) ? await asked : asked;
      if (found) flight.land({ sealed: found, from: 'tier' });
      else {
        const { value, doubt } = await this.#timed([flight], load);
        this.#land(key, flight, value ?? null, doubt);
      }
    } catch (error) {
      this.#fail(key, flight, error);
    }
  }

  async #runMany(flights: ReadonlyMap<string, Flight>, load: LoadMany<V>): Promise<void> {
    const left = new Map(flights);
    try {
      // All at once: a slow tier is waited for once.
      const asked = [...flights].map(([key, flight]) => [key, flight, this.#found(key, flight)] as const);
      for (const [key, flight, answer] of asked) {
        const found = isPromise(answer) ? await answer : answer;
        if (!found) continue;
        left.delete(key);
        flight.land({ sealed: found, from: 'tier' });
      }
      if (left.size === 0) return;
      const { value, doubt } = await this.#timed([...left.values()], () => load([...left.keys()]));
      const loaded = asMap(value);
      for (const [key, flight] of left) this.#land(key, flight, loaded.get(key) ?? null, doubt);
    } catch (error) {
      for (const [key, flight] of left) this.#fail(key, flight, error);
    }
  }

  #found(key: string, flight: Flight): SealedValue | undefined | Promise<SealedValue | undefined> {
    return this.#landing.find(key, () => this.#end(key, flight));
  }

  #land(key: string, flight: Flight, loaded: V | null, doubt: string | undefined): void {
    const current = this.#end(key, flight);
    flight.land({ sealed: this.#landing.take(key, loaded, flight, { current, doubt }), from: 'load', doubt });
  }

  #fail(key: string, flight: Flight, error: unknown): void {
    this.#end(key, flight);
    this.#counts.failedLoads += 1;
    flight.fail(error);
  }

  /** Whether it was still the load of its key. */
  #end(key: string, flight: Flight): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }

  async #timed<T>(flights: readonly Flight[], load: () => Promise<T>): Promise<BoundWitnessed<T>> {
    const began = performance.now();
    const loading = new Loading(flights);
    const loaded = await this.#host.gate.coherence.witness(load, loading).finally(() => loading.end());
    const durationMs = performance.now() - began;
    this.#times.note(durationMs);
    this.#host.times.note(durationMs);
    return loaded;
  }
}

function forOthers(landed: Landed): Landed | undefined {
  return landed.doubt === undefined ? landed : undefined;
}

/** Returns what is a Map. @throws TypeError for an answer of `getOrLoadMany`'s load that is no Map */
export function asMap<V>(loaded: ReadonlyMap<string, V>): ReadonlyMap<string, V> {
  if (types.isMap(loaded)) return loaded;
  throw new TypeError('getOrLoadMany: load must answer with a Map of the values by key');
}
