// Holds paths that something has happened to until nothing has for a while: a file that is being written is not read.

/** What is asked about paths and time. */
export interface RestOptions {
  /** How long a path may not have changed. */
  readonly restMs: number;
  /** What tells whether a path has changed: equal while it has not. */
  readonly look: (path: string) => string;
  /** Milliseconds from any start. */
  readonly now: () => number;
}

interface Change {
  readonly look: string;
  readonly seenAt: number;
}

/** Paths that have changed. */
export class ChangesAtRest {
  readonly #options: RestOptions;
  readonly #changes = new Map<string, Change>();

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Something has happened to a path. */
  add(path: string): void {
    this.#changes.set(path, { look: this.#options.look(path), seenAt: this.#options.now() });
  }

  /**
   * Takes out the paths that are at rest. They wait as long again for others that are not: a move has two paths, and a swap is
   * only seen as one when both are looked at together.
   */
  take(): string[] {
    const { look, restMs } = this.#options;
    const now = this.#options.now();
    const paths: string[] = [];
    let longestMs = 0;
    for (const [path, change] of this.#changes) {
      const present = look(path);
      const ms = now - change.seenAt;
      // Not every system tells of each write.
      if (present !== change.look) this.#changes.set(path, { look: present, seenAt: now });
      else if (ms >= restMs) {
        paths.push(path);
        longestMs = Math.max(longestMs, ms);
      }
    }
    if (paths.length < this.#changes.size && longestMs < 2 * restMs) return [];
    for (const path of paths) this.#changes.delete(path);
    return paths;
  }
}
