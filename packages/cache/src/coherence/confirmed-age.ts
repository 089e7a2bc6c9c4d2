// How old it is what a server has confirmed. performance.now() stands while the machine sleeps, or its process is frozen as
// serverless platforms do between two calls (https://github.com/nodejs/node/issues/47724); the wall's clock goes on then.
import { performance } from 'node:perf_hooks';

/** No clock is corrected by so much between two calls, unless somebody sets it; to set it forward costs a question. */
const sleepMs = 100;

/** Tells ages with what was slept. */
export class ConfirmedAge {
  readonly #wall: () => number;
  /** By how much the wall's clock was ahead at the last call. */
  #ahead: number;
  #sleptMs = 0;
  #asOf = Number.NEGATIVE_INFINITY;
  /** What had been slept when `#asOf` was heard of. */
  #sleptBeforeMs = 0;

  /** `wall`: a clock in milliseconds that goes on while the machine sleeps. */
  constructor(wall: () => number) {
    this.#wall = wall;
    this.#ahead = wall() - performance.now();
  }

  /** The milliseconds since `asOf` of performance.now(), which only grows; -Infinity where nobody confirms by one. */
  of(asOf: number): number {
    if (!Number.isFinite(asOf)) return Number.NEGATIVE_INFINITY;
    const now = performance.now();
    const ahead = this.#wall() - now;
    // It was heard of after the last call, and nobody knows whether before the sleep or after it.
    if (asOf !== this.#asOf) {
      this.#asOf = asOf;
      this.#sleptBeforeMs = this.#sleptMs;
    }
    if (ahead - this.#ahead > sleepMs) this.#sleptMs += ahead - this.#ahead;
    this.#ahead = ahead;
    return now - asOf + this.#sleptMs - this.#sleptBeforeMs;
  }
}
