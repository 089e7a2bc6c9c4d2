// Statements or waits of the last one to two windows: what the status is judged by, so that an old fault is forgotten.
import { Durations } from './durations.js';

/** Counts in windows of fixed length; the current and the previous one are what is recent. */
export class RecentDurations {
  readonly #windowMs: number;
  #startedAt = Number.NEGATIVE_INFINITY;
  #previousStartedAt = 0;
  #current = new RecentWindow();
  #previous = new RecentWindow();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** `faulty`: the statement failed for a reason that says something about the database. */
  record(at: number, durationMs: number, failed: boolean, faulty: boolean, bin?: number): void {
    this.#turn(at);
    this.#current.record(durationMs, failed, bin);
    if (faulty) this.#current.faults += 1;
  }

  /** Returns the counts up to `at`. */
  upTo(at: number): RecentWindow {
    this.#turn(at);
    const both = new RecentWindow();
    for (const window of [this.#previous, this.#current]) {
      both.add(window);
      both.faults += window.faults;
    }
    return both;
  }

  /** How much time what `upTo` returns is of: from one window to two, less at the beginning. */
  spanMs(at: number): number {
    this.#turn(at);
    return Math.max(0, at - this.#previousStartedAt);
  }

  #turn(at: number): void {
    const elapsedMs = at - this.#startedAt;
    // Two clocks are asked, which are a little apart.
    if (elapsedMs >= -apartMs && elapsedMs < this.#windowMs) return;
    // A clock that was set back, or a pause of two windows, leaves nothing that is known to be recent.
    const follows = elapsedMs >= this.#windowMs && elapsedMs < 2 * this.#windowMs;
    this.#previous = follows ? this.#current : new RecentWindow();
    this.#current = new RecentWindow();
    this.#previousStartedAt = follows ? this.#startedAt : at;
    this.#startedAt = follows ? this.#startedAt + this.#windowMs : at;
  }
}

const apartMs = 1_000;

/** Counts of one window. */
export class RecentWindow extends Durations {
  faults = 0;
}
