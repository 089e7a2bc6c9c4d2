// The tiers behind memory: asked in order for what memory lacks, told of what was loaded and dropped. Calls may be answered by
// promise, and seen by a slow tier long after they were made; here they count from the call. Nothing that a tier does fails a read.
import { deserialise } from './serialise.js';
import type { CacheTier, TierEntry } from './tiers/tier.js';
import type { TierStats } from './types.js';

/** Hears of a tier that failed. */
export type OnTierError = (tier: string, reason: string) => void;

/** One tier, its counts, and what it has been told and not yet done. */
interface Kept {
  readonly tier: CacheTier;
  readonly counts: { hits: number; misses: number; errors: number; corruptions: number };
  /** Grows with each `delete`, `deleteTag` and `clear`: an answer that was asked for before is not believed. */
  dropped: number;
  /** The last call that was answered by promise; later ones wait for it, so that they are done in order. */
  last: Promise<void> | undefined;
  /** It has failed to drop or replace something: nothing that it has is believed before it is empty. */
  isSick: boolean;
}

/** A value found behind memory. */
export interface Found {
  readonly entry: TierEntry;
  readonly value: unknown;
  /** The tier that had it; those before it lack it. */
  readonly depth: number;
}

/** The tiers of one cache. */
export class Behind {
  readonly #tiers: readonly Kept[];
  readonly #onError: OnTierError;

  constructor(tiers: readonly CacheTier[], onError: OnTierError) {
    this.#tiers = tiers.map((tier) => ({
      tier,
      counts: { hits: 0, misses: 0, errors: 0, corruptions: 0 },
      dropped: 0,
      last: undefined,
      isSick: false,
    }));
    this.#onError = onError;
  }

  get isEmpty(): boolean {
    return this.#tiers.length === 0;
  }

  /** Reads from the tiers in order. Answers at once as long as they do; those that do not answer in time have nothing. */
  read(namespace: string, key: string): Found | undefined | Promise<Found | undefined> {
    const found = this.#getFrom(0, namespace, key);
    return isPromise(found) ? inTime(found) : found;
  }

  /** Keeps an entry in every tier, or in those before `depth` only. */
  set(namespace: string, key: string, entry: TierEntry, depth: number = this.#tiers.length): void {
    for (const kept of this.#tiers.slice(0, depth)) {
      // A failed one may have left what was there before.
      if (!kept.isSick) this.#tell(kept, (tier) => tier.set(namespace, key, entry), true);
    }
  }

  delete(namespace: string, key: string): void {
    this.#drop((tier) => tier.delete(namespace, key));
  }

  deleteTag(tag: string): void {
    this.#drop((tier) => (tier.deleteTag ? tier.deleteTag(tag) : tier.clear()));
  }

  clear(namespace?: string): void {
    this.#drop((tier) => tier.clear(namespace));
  }

  /** Drops everything in other namespaces than these. */
  clearExcept(namespaces: readonly string[]): void {
    this.#drop((tier) => (tier.clearExcept ? tier.clearExcept(namespaces) : tier.clear()));
  }

  async flush(): Promise<void> {
    for (const kept of this.#tiers) {
      this.#tell(kept, (tier) => tier.flush?.());
      await kept.last;
    }
  }

  async close(): Promise<void> {
    for (const kept of this.#tiers) {
      this.#tell(kept, (tier) => tier.close());
      await kept.last;
    }
  }

  stats(): Record<string, TierStats> {
    return Object.fromEntries(
      this.#tiers.map(({ tier, counts }) => [tier.name, { ...counts, bytes: tier.bytes, entries: tier.entries }]),
    );
  }

  #getFrom(depth: number, namespace: string, key: string): Found | undefined | Promise<Found | undefined> {
    const kept = this.#tiers[depth];
    if (!kept) return undefined;
    if (kept.isSick) this.#heal(kept);
    if (kept.isSick) return this.#getFrom(depth + 1, namespace, key);
    // What it has not done yet could still be answered.
    if (kept.last) return kept.last.then(() => this.#getFrom(depth, namespace, key));
    const { dropped } = kept;
    const next = (entry: TierEntry | undefined): Found | undefined | Promise<Found | undefined> => {
      const value = entry !== undefined && kept.dropped === dropped ? this.#valueOf(kept, entry) : undefined;
      const isFound = entry !== undefined && value !== undefined;
      kept.counts[isFound ? 'hits' : 'misses'] += 1;
      return isFound ? { entry, value, depth } : this.#getFrom(depth + 1, namespace, key);
    };
    const failed = (error: unknown): Found | undefined | Promise<Found | undefined> => {
      this.#note(kept, error);
      return next(undefined);
    };
    try {
      const answer = kept.tier.get(namespace, key);
      return isPromise(answer) ? answer.then(next, failed) : next(answer);
    } catch (error) {
      return failed(error);
    }
  }

  #valueOf(kept: Kept, entry: TierEntry): unknown {
    const value = deserialise(entry.data);
    if (value !== undefined) return value;
    kept.counts.corruptions += 1;
    this.#onError(
      kept.tier.name,
      'an entry cannot be read: it is damaged, or written by another version of the engine',
    );
    return undefined;
  }

  #drop(call: (tier: CacheTier) => void | Promise<void>): void {
    for (const kept of this.#tiers) {
      kept.dropped += 1;
      this.#tell(kept, call, true);
    }
  }

  /** Empties a tier that is not believed. */
  #heal(kept: Kept): void {
    if (kept.last) return;
    kept.isSick = false;
    this.#tell(kept, (tier) => tier.clear(), true);
  }

  /** Has a tier do something, after what it was told before. Where it `matters`, a tier that fails is not believed any more. */
  #tell(kept: Kept, call: (tier: CacheTier) => void | Promise<void>, matters = false): void {
    const failed = (error: unknown): void => {
      this.#note(kept, error);
      kept.isSick ||= matters;
    };
    const run = (): void | Promise<void> => {
      try {
        const done = call(kept.tier);
        return isPromise(done) ? done.catch(failed) : undefined;
      } catch (error) {
        failed(error);
      }
    };
    const doing = kept.last ? kept.last.then(run) : run();
    if (!doing) return;
    const last = doing.then(() => {
      if (kept.last === last) kept.last = undefined;
    });
    kept.last = last;
  }

  #note({ tier, counts }: Kept, error: unknown): void {
    counts.errors += 1;
    this.#onError(tier.name, error instanceof Error ? error.message : String(error));
  }
}

/** A tier that says nothing for so long is slower than what it stands before. */
const slowestAnswerMs = 1_000;

function inTime(found: Promise<Found | undefined>): Promise<Found | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, slowestAnswerMs, undefined);
    void found.then((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return value instanceof Promise;
}
