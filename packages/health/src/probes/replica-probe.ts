// How far a replica is behind: what its fetches tell.
import type { ManagerEvent } from '@cc/tx';

type SyncEvent = Extract<ManagerEvent, { readonly type: 'sync' }>;

/** Counts the fetches of a replica. */
export class ReplicaProbe {
  errors = 0;
  #fetchedAt: number;

  /** A replica that was just opened has fetched. */
  constructor(at: number) {
    this.#fetchedAt = at;
  }

  sync(event: SyncEvent, at: number): void {
    if (event.error === null) this.#fetchedAt = at;
    else this.errors += 1;
  }

  /** Never below 0: a clock may be set back. */
  lagMs(at: number): number {
    return Math.max(0, at - this.#fetchedAt);
  }
}
