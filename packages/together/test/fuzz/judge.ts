// Judges what readers get by the log of all commits: which versions of a row somebody was told of, and when. Each row counts
// its own versions up from 1; what a transaction writes that is then rolled back is far above them.

/** What a transaction adds that is rolled back: nobody may ever get it. */
export const undone = 100_000_000;

/** Rows lie so far apart that a version tells whose it is. */
const most = 100_000;

/** The version that a row begins with. */
export function firstVersion(id: number): number {
  return id * most;
}

/** What is wrong with reads. */
export interface Verdict {
  readonly reads: number;
  /** Older than what was known when the read began. */
  readonly stale: number;
  /** Of another row. */
  readonly others: number;
  /** Never committed. */
  readonly uncommitted: number;
  /** Older than what the same reader had before. */
  readonly backwards: number;
  /** How long a version had been known at most of which a reader got the one before. */
  readonly behindMs: number;
}

/** When a version was first known. */
interface Known {
  readonly version: number;
  readonly at: number;
}

/** The log, and what was wrong. */
export class Judge {
  readonly #lagMs: number;
  readonly #isQuiet: boolean;
  readonly #known = new Map<number, Known[]>();
  readonly #last = new Map<string, number>();
  readonly #counts = { reads: 0, stale: 0, uncommitted: 0, others: 0, backwards: 0, behindMs: 0 };
  /** Sentences about the first reads that were wrong. */
  readonly wrong: string[] = [];

  /**
   * `lagMs`: for how long a reader may be given what was replaced by somebody else. Default 0. `isQuiet`: also after another
   * reader has got what replaced it.
   */
  constructor(lagMs = 0, isQuiet = false) {
    this.#lagMs = lagMs;
    this.#isQuiet = isQuiet;
  }

  get verdict(): Verdict {
    return this.#counts;
  }

  /** Somebody has been told that this version is committed. By this process: from now on nobody may get an older one. */
  learn(id: number, version: number, by: 'others' | 'this process'): void {
    const known = this.#known.get(id) ?? [];
    this.#known.set(id, known);
    const at = by === 'others' ? performance.now() : Number.NEGATIVE_INFINITY;
    known.push({ version, at });
  }

  /** The version that a read that begins now must give at least. */
  floor(id: number): number {
    const known = this.#known.get(id) ?? [];
    const since = performance.now() - this.#lagMs;
    let floor = firstVersion(id);
    for (const { version, at } of known) if (at <= since) floor = Math.max(floor, version);
    // What is long known need not be looked through again.
    if (known.length > 64) {
      const recent = known.filter(({ at }) => at > since);
      this.#known.set(id, [{ version: floor, at: Number.NEGATIVE_INFINITY }, ...recent]);
    }
    return floor;
  }

  /** A reader got `version`; `floor` was what `floor()` said when it began, at `began` of performance.now(). */
  got(reader: string, id: number, version: number, floor: number, began: number): void {
    const counts = this.#counts;
    const place = `${reader} ${id}`;
    const last = this.#last.get(place) ?? firstVersion(id);
    counts.reads += 1;
    if (version >= undone) {
      counts.uncommitted += 1;
      this.#say(`${reader} got a version of row ${id} that was never committed`);
      return;
    }
    if (Math.floor(version / most) !== id) {
      counts.others += 1;
      this.#say(`read ${counts.reads}: ${reader} got version ${version} of another row for row ${id}`);
    }
    for (const known of this.#known.get(id) ?? [])
      if (known.version > version && known.at < began && known.at > 0)
        counts.behindMs = Math.max(counts.behindMs, began - known.at);
    if (version < floor) {
      counts.stale += 1;
      this.#say(
        `read ${counts.reads}: ${reader} got version ${version} of row ${id}; ${floor} was known when it began`,
      );
    }
    if (version < last) {
      counts.backwards += 1;
      this.#say(`read ${counts.reads}: ${reader} got version ${version} of row ${id} after ${last}`);
    }
    this.#last.set(place, version);
    // Whoever got it knows it: the next reader may not get an older one.
    if (version > floor) this.learn(id, version, this.#isQuiet ? 'others' : 'this process');
  }

  #say(sentence: string): void {
    if (this.wrong.length < 10) this.wrong.push(sentence);
  }
}
