// What the connections of one manager have run and committed: they count here, and whoever tells of changes compares.

/** Counted up, never down. One for each manager. */
export class Counts {
  /** Statements of any kind. */
  statements = 0;
  /** Commits that wrote. */
  commits = 0;
  /** Those of them that wrote something outside `declared`. */
  untold = 0;
}
