// What may be answered although it is past its time: while it is loaded anew, and while the database is away.
import type { Entry } from '../tiers/memory-tier.js';
import type { RegionHost } from './host.js';

/** The value that `graceMs` allows after a load has failed with `error`; undefined when there is none. */
export function lastKnown(
  { gate, now, isAway }: RegionHost,
  error: unknown,
  entry: Entry | undefined,
  graceMs: number,
): Entry | undefined {
  const { coherence } = gate;
  if (!entry || !coherence.keeps()) return undefined;
  try {
    if (!isAway(error)) return undefined;
  } catch {
    // The error of the load says more than that of the one who was asked about it.
    return undefined;
  }
  return now() < entry.expiresAt + graceMs && coherence.overdueMs < graceMs ? entry : undefined;
}

/**
 * Whether a value that is past its `ttlMs` may be answered while it is loaded anew. Not where nobody tells of changes: there its age
 * is all that says whether it was replaced.
 */
export function isForgiven({ gate, now }: RegionHost, entry: Entry, staleWhileRevalidateMs: number): boolean {
  const isTold = gate.coherence.lifeMs === Number.POSITIVE_INFINITY;
  return isTold && gate.answers() && now() < entry.expiresAt + staleWhileRevalidateMs;
}
