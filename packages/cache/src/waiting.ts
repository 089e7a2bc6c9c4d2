// Which load waits for which: one that would wait for itself, by whatever way, is refused instead of never ending.
import { AsyncLocalStorage } from 'node:async_hooks';
import { circleError } from './errors.js';
import type { Flight, Landed } from './flight.js';

/** The loads that the calling context belongs to. */
const loading = new AsyncLocalStorage<readonly Flight[]>();

/** Runs `load`, which `flights` are waiting for. */
export function loadFor<T>(flights: readonly Flight[], load: () => Promise<T>): Promise<T> {
  return loading.run(flights, async () => await load());
}

/** Returns how `flight` lands. @throws CacheError (`CACHE_CIRCLE`) where it waits for the calling load */
export function waitFor(flight: Flight): Promise<Landed> {
  const waiting = loading.getStore();
  if (waiting === undefined) return flight.landed;
  for (const each of waiting) if (leadsTo(flight, each)) return Promise.reject(circleError());
  for (const each of waiting) each.waitsFor.add(flight);
  const landed = (): void => {
    for (const each of waiting) each.waitsFor.delete(flight);
  };
  flight.landed.then(landed, landed);
  return flight.landed;
}

/** Begins loads that the calling load does not wait for. */
export function besideLoads<T>(begin: () => T): T {
  return loading.getStore() === undefined ? begin() : loading.run(none, begin);
}

const none: readonly never[] = Object.freeze([]);

/** Whether `from` is `to`, or waits for it. */
function leadsTo(from: Flight, to: Flight): boolean {
  // What is added while it is walked through is walked through, too.
  const reached = new Set([from]);
  for (const flight of reached) {
    if (flight === to) return true;
    for (const next of flight.waitsFor) reached.add(next);
  }
  return false;
}
