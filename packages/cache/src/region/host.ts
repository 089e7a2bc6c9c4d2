// What the regions of one cache share.
import type { Gate } from '../coherence/gate.js';
import type { CacheLease } from '../contract/cache.js';
import type { Emit } from '../events.js';
import type { Behind } from '../tiers/behind.js';
import type { MemoryTier } from '../tiers/memory-tier.js';
import type { ChangeClock, ChangeLog } from './change-log.js';
import type { LoadTimes } from './counts.js';

/** Given to each region. */
export interface RegionHost {
  readonly memory: MemoryTier;
  readonly behind: Behind;
  readonly gate: Gate;
  readonly clock: ChangeClock;
  /** Changes of every region at once, those that will be opened later included. */
  readonly changes: ChangeLog;
  readonly tagChanges: ChangeLog;
  /** Those that this cache has given, and how many doubtful reads there had been. */
  readonly leases: WeakMap<CacheLease, number>;
  readonly times: LoadTimes;
  readonly now: () => number;
  readonly isAway: (error: unknown) => boolean;
  readonly emit: Emit;
  closed: boolean;
}

/** Whether a key of a region with the changes `own`, and its tags, are as they were when the lease was taken. */
export function isUnchanged(
  { changes, tagChanges }: RegionHost,
  own: ChangeLog,
  { key, tags, lease }: { readonly key: string; readonly tags: readonly string[]; readonly lease: CacheLease },
): boolean {
  const { takenAt } = lease;
  const logs = own.unchangedSince(key, takenAt) && changes.unchangedSince(key, takenAt);
  return logs && tags.every((tag) => tagChanges.unchangedSince(tag, takenAt));
}
