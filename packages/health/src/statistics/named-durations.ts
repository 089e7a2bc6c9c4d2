// Durations by name, with a limit on the names: what comes after the limit is counted together, so sums stay exact.
import type { Durations } from './durations.js';

/** The name that everything beyond the limit is counted under. */
const otherNames = '(others)';

/** A bounded map from names to what is counted about them. */
export class NamedDurations<D extends Durations = Durations> {
  readonly #create: () => D;
  readonly #most: number;
  readonly #byName = new Map<string, D>();
  #others: D | undefined;

  constructor(most: number, create: () => D) {
    this.#most = most;
    this.#create = create;
  }

  of(name: string): D {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    // Two with one name would be one series twice, and a whole scrape is refused for that.
    if (this.#byName.size >= this.#most || name === otherNames) {
      this.#others ??= this.#create();
      return this.#others;
    }
    const created = this.#create();
    this.#byName.set(name, created);
    return created;
  }

  /** What is counted under that name, where it has one of its own. */
  known(name: string): D | undefined {
    return this.#byName.get(name);
  }

  /** How many names are told apart. */
  get size(): number {
    return this.#byName.size;
  }

  /** Calls that are counted together because their name came after the limit. */
  get otherCalls(): number {
    return this.#others?.calls ?? 0;
  }

  entries(): [name: string, durations: D][] {
    const named = [...this.#byName];
    return this.#others === undefined ? named : [...named, [otherNames, this.#others]];
  }
}
