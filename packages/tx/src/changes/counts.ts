// What the connections of one manager have run and committed: they count here, and whoever tells of changes compares.

/** Counted up, never down. One for each manager. */
export class Counts {
  /** Statements of any kind. */
  statements = 0;
  /** Commits that wrote. */
  commits = 0;
  /** Those of them all of whose writes somebody tells caches of, by who does. */
  readonly told = new WeakMap<object, number>();
}
