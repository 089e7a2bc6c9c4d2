// One load and everyone who waits for it.
import { performance } from 'node:perf_hooks';
import type { Waiting } from '../coherence/around.js';
import type { AnswerSource, ValueOptions } from '../contract/cache.js';
import type { SealedValue } from '../values/sealed-value.js';

/** How a load ended well. */
export interface Landed {
  readonly sealed: SealedValue;
  readonly from: AnswerSource;
  /** Why it is for whoever has begun the load, and for nobody who has waited for it. */
  readonly doubt?: string | undefined;
}

/** A load under way. */
export class Flight implements Waiting {
  /** By the clock of the cache: what it reads is not older. */
  readonly startedAt: number;
  readonly #began = performance.now();
  waitsFor: Set<Waiting> | undefined;
  readonly tags: readonly string[];
  readonly ttlMs: number | undefined;
  readonly landed: Promise<Landed>;
  land: (landed: Landed) => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(startedAt: number, { tags = [], ttlMs }: ValueOptions) {
    this.startedAt = startedAt;
    this.tags = tags;
    this.ttlMs = ttlMs;
    this.landed = new Promise((resolve, reject) => {
      this.land = resolve;
      this.fail = reject;
    });
  }

  /** How long ago it began, at `now` of the clock of the cache: that one may stand, the other does while the machine sleeps. */
  ageMs(now: number): number {
    return Math.max(performance.now() - this.#began, now - this.startedAt);
  }
}
