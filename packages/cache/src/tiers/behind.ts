// The tiers behind memory: asked in order for what memory lacks, told of what was loaded and dropped. Calls may be answered by
// promise, and seen by a slow tier long after they were made; here they count from the call. Nothing that a tier does fails a read.
import { clearTimeout, setTimeout } from 'node:timers';
import { types } from 'node:util';
import type { TierStats } from '../contract/statistics.js';
import type { CacheTier, TierEntry } from '../contract/tier.js';
import { isPromise } from '../promises.js';
import { isError } from '../realms.js';
import { deserialise } from './serialise.js';

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
  /** Calls that were given up on and may still take effect: before they have ended it cannot be emptied for good. */
  hung: number;
  isHealing: boolean;
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
      hung: 0,
      isHealing: false,
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
      if (!kept.isSick) this.#tell(kept, (tier) => tier.set(namespace, key, entry), 'matters');
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

  /** Notes that a value that was found is none that a cache keeps. */
  noteCorruption({ depth }: Found): undefined {
    const kept = this.#tiers[depth];
    if (kept) this.#noteCorruption(kept, 'an entry holds what no cache keeps');
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
      this.#tiers.map((kept) => {
        const [bytes, entries] = [this.#sizeOf(kept, 'bytes'), this.#sizeOf(kept, 'entries')];
        return [kept.tier.name, { ...kept.counts, bytes, entries }];
      }),
    );
  }

  #sizeOf(kept: Kept, name: 'bytes' | 'entries'): number {
    try {
      return kept.tier[name];
    } catch (error) {
      this.#note(kept, error);
      return 0;
    }
  }

  #getFrom(depth: number, namespace: string, key: string): Found | undefined | Promise<Found | undefined> {
    const kept = this.#tiers[depth];
    if (!kept) return undefined;
    if (kept.isSick) this.#heal(kept);
    if (kept.isSick) return this.#getFrom(depth + 1, namespace, key);
    // What it has not done yet could still be answered.
    if (kept.last) return kept.last.then(() => this.#getFrom(depth, namespace, key));
    const { dropped } = kept;
    const take = (answer: unknown): Found | undefined | Promise<Found | undefined> => {
      const isAbsent = answer === undefined || answer === null || kept.dropped !== dropped;
      const entry = isAbsent ? undefined : this.#entryOf(kept, answer);
      const value = entry && this.#valueOf(kept, entry);
      const isFound = entry !== undefined && value !== undefined;
      kept.counts[isFound ? 'hits' : 'misses'] += 1;
      return isFound ? { entry, value, depth } : this.#getFrom(depth + 1, namespace, key);
    };
    const failed = (error: unknown): Found | undefined | Promise<Found | undefined> => {
      this.#note(kept, error);
      return take(undefined);
    };
    try {
      const answer: unknown = kept.tier.get(namespace, key);
      return isPromise(answer) ? Promise.resolve(answer).then(take, failed) : take(answer);
    } catch (error) {
      return failed(error);
    }
  }

  /** What a tier has answered, if it is an entry. */
  #entryOf(kept: Kept, answer: unknown): TierEntry | undefined {
    const { data, expiresAt, loadedAt, tags } = Object(answer) as { [Name in keyof TierEntry]?: unknown };
    const isEntry =
      types.isUint8Array(data) &&
      typeof expiresAt === 'number' &&
      typeof loadedAt === 'number' &&
      Array.isArray(tags) &&
      tags.every((tag) => typeof tag === 'string');
    if (isEntry) return { data, expiresAt, loadedAt, tags };
    this.#noteCorruption(kept, 'what it has answered is no entry: data, loadedAt, expiresAt and tags as it was given');
    return undefined;
  }

  #valueOf(kept: Kept, entry: TierEntry): unknown {
    const value = deserialise(entry.data);
    if (value === undefined) {
      this.#noteCorruption(kept, 'an entry cannot be read: it is damaged, or written by another version of the engine');
    }
    return value;
  }

  #noteCorruption({ tier, counts }: Kept, reason: string): void {
    counts.corruptions += 1;
    this.#onError(tier.name, reason);
  }

  #drop(call: (tier: CacheTier) => unknown): void {
    for (const kept of this.#tiers) {
      kept.dropped += 1;
      this.#tell(kept, call, 'matters');
    }
  }

  /** Empties a tier that is not believed; what is asked meanwhile passes it by. */
  #heal(kept: Kept): void {
    if (kept.last || kept.hung > 0 || kept.isHealing) return;
    kept.isHealing = true;
    const { errors } = kept.counts;
    this.#tell(kept, (tier) => tier.clear(), 'heals');
    const ended = (): void => {
      kept.isHealing = false;
      kept.isSick = kept.counts.errors > errors;
    };
    const { last } = kept as { last: Promise<void> | undefined };
    if (last) void last.then(ended);
    else ended();
  }

  /**
   * Has a tier do something, after what it was told before. Where it matters, a tier that fails is not believed any more; and one
   * that is not believed has only what `heals` it to do, since it will be emptied.
   */
  #tell(kept: Kept, call: (tier: CacheTier) => unknown, why: 'matters' | 'heals' | 'asked' = 'asked'): void {
    const failed = (error: unknown): void => {
      this.#note(kept, error);
      kept.isSick ||= why !== 'asked';
    };
    const run = (): void | Promise<void> => {
      if (why === 'matters' && kept.isSick) return undefined;
      try {
        const done = call(kept.tier);
        return isPromise(done) ? this.#inTime(kept, Promise.resolve(done)).catch(failed) : undefined;
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

  /** Gives up on a call that takes too long. @throws Error then */
  #inTime(kept: Kept, done: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const timer = setTimeout(() => {
        isGivenUp = true;
        kept.hung += 1;
        reject(new Error(`it has not ended within ${slowestAnswerMs} ms`));
      }, slowestAnswerMs);
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        if (isGivenUp) kept.hung -= 1;
        settle();
      };
      done.then(
        () => end(resolve),
        (error: unknown) => end(() => reject(error as Error)),
      );
    });
  }

  #note({ tier, counts }: Kept, error: unknown): void {
    counts.errors += 1;
    this.#onError(tier.name, isError(error) ? error.message : String(error));
  }
}

/** A tier that says nothing for so long is slower than what it stands before. */
const slowestAnswerMs = 1_000;

function inTime(found: Promise<Found | undefined>): Promise<Found | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, slowestAnswerMs, undefined);
    const end = (answer: Found | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    found.then(end, () => end(undefined));
  });
}
