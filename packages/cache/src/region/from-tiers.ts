// What the tiers behind memory have for a key of a region, put into memory and into the tiers in front of the one that had it.

import type { TierEntry } from '../contract/tier.js';
import type { ResolvedRegionOptions } from '../options.js';
import { isPromise } from '../promises.js';
import type { Found } from '../tiers/behind.js';
import { type SealedValue, sealIfPlain } from '../values/sealed-value.js';
import type { RegionHost } from './host.js';
import type { KeptValues } from './kept-values.js';
import { isOfVersion, withoutVersion } from './versioned.js';

/** The region that asks. */
export interface AskingRegion {
  readonly host: RegionHost;
  readonly kept: KeptValues;
  readonly namespace: string;
  readonly version: ResolvedRegionOptions['version'];
}

/**
 * Returns the value; `keeps`: whether the load that asks is still the one of its key, once there is an answer. Nothing while a
 * server has not confirmed what is kept: what stands behind memory is as old as what stands in it.
 */
export function fromTiers(
  { host, kept, namespace, version }: AskingRegion,
  key: string,
  keeps: () => boolean,
): SealedValue | undefined | Promise<SealedValue | undefined> {
  const { behind, now, gate } = host;
  const take = (found: Found | undefined): SealedValue | undefined => {
    // A slow tier may answer when what was confirmed has grown too old.
    if (!found || !isYoung(found.entry, now()) || !gate.coherence.confirm()) return undefined;
    const { entry, value, depth } = found;
    if (!isOfVersion(entry.tags, version)) return undefined;
    const sealed = sealIfPlain(value);
    if (!sealed) return behind.noteCorruption(found);
    if (!keeps()) return sealed;
    kept.keep(key, sealed, entry.expiresAt, withoutVersion(entry.tags));
    behind.set(namespace, key, entry, depth);
    return sealed;
  };
  if (!gate.coherence.confirm()) return undefined;
  const found = behind.read(namespace, key);
  return isPromise(found) ? found.then(take) : take(found);
}

/** Of one from the future the age is not known: an earlier process has kept it, and the clock was set back since. */
function isYoung({ loadedAt, expiresAt }: TierEntry, now: number): boolean {
  return expiresAt === Number.POSITIVE_INFINITY || (now < expiresAt && now >= loadedAt);
}
