// What the connections of one manager have run and committed: they count here, and whoever tells of changes compares.
import { isDeclared } from './declared.js';

/** Counted up, never down. One for each manager. */
export class Counts {
  /** Statements of any kind. */
  statements = 0;
  /** Commits that wrote. */
  commits = 0;
  /** Those of them that wrote something outside `declared`. */
  untold = 0;
}

/** What one connection has written since its last commit. */
export class Written {
  readonly #counts: Counts;
  #some = false;
  #untold = false;

  constructor(counts: Counts) {
    this.#counts = counts;
  }

  /** Whether there is any of it. */
  get some(): boolean {
    return this.#some;
  }

  /** A statement is about to write. */
  note(): void {
    this.#some = true;
    this.#untold ||= !isDeclared(this.#counts);
  }

  /** It was committed, or may have been. */
  committed(): void {
    this.#counts.commits += 1;
    if (this.#untold) this.#counts.untold += 1;
    this.rolledBack();
  }

  rolledBack(): void {
    this.#some = false;
    this.#untold = false;
  }
}
