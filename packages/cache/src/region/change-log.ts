// When each key of a region last changed, so that a `set` under an older lease can be refused. Bounded: what is forgotten
// counts as changed at the newest forgotten change, which refuses too much rather than too little.

/** Counts the changes of all regions of one cache. */
export interface ChangeClock {
  ticks: number;
}

/** The last change of each key of one region. */
export class ChangeLog {
  readonly #clock: ChangeClock;
  readonly #changedAt = new Map<string, number>();
  /** Every key that is not listed has not changed after this. */
  #floor = 0;

  constructor(clock: ChangeClock) {
    this.#clock = clock;
  }

  note(key: string): void {
    this.#clock.ticks += 1;
    this.#changedAt.delete(key);
    this.#changedAt.set(key, this.#clock.ticks);
    if (this.#changedAt.size > mostKeys) this.#forgetOldest();
  }

  noteAll(): void {
    this.#clock.ticks += 1;
    this.#changedAt.clear();
    this.#floor = this.#clock.ticks;
  }

  /** Whether `key` is unchanged since `takenAt`. */
  unchangedSince(key: string, takenAt: number): boolean {
    return takenAt >= (this.#changedAt.get(key) ?? this.#floor);
  }

  #forgetOldest(): void {
    for (const [key, at] of this.#changedAt) {
      this.#changedAt.delete(key);
      this.#floor = at;
      return;
    }
  }
}

const mostKeys = 10_000;
