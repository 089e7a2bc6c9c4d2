// Which load waits for which: one that would wait for itself, by whatever way, is refused instead of never ending.
import { loadAround, type Waiting } from '../coherence/around.js';
import { circleError } from '../errors.js';
import type { Flight, Landed } from './flight.js';

/** Returns how `flight` lands, for the load around the call. @throws CacheError (`CACHE_CIRCLE`) where it waits for that load */
export function waitFor(flight: Flight): Promise<Landed> {
  return noteWaiting(flight) ? flight.landed : Promise.reject(circleError());
}

/** Notes that the load around the call waits for `flight`. False where that waits for that load, so that neither would end. */
export function noteWaiting(flight: Flight): boolean {
  const waiting = loadAround()?.flights;
  if (waiting === undefined) return true;
  if (waiting.some((each) => leadsTo(flight, each))) return false;
  for (const each of waiting) (each.waitsFor ??= new Set()).add(flight);
  const landed = (): void => {
    for (const each of waiting) each.waitsFor?.delete(flight);
  };
  flight.landed.then(landed, landed);
  return true;
}

/** Whether `from` is `to`, or waits for it. */
function leadsTo(from: Waiting, to: Waiting): boolean {
  // What is added while it is walked through is walked through, too.
  const reached = new Set([from]);
  for (const flight of reached) {
    if (flight === to) return true;
    for (const next of flight.waitsFor ?? []) reached.add(next);
  }
  return false;
}
