// Whether what is kept may be answered now: asks the database that the cache is bound to whether anybody has written what was
// not declared, once in each callback of the event loop, and has everything dropped when somebody has. Knows no entries.
// Long, because the last look, the callback that it was made in and what ran since are one state.
import { performance } from 'node:perf_hooks';
import { nextTick } from 'node:process';
import type { BoundChanges, BoundWitnessed } from '../contract/bound.js';
import type { CoherenceStats } from '../contract/statistics.js';
import { runUnbound } from './around.js';
import { ConfirmedAge } from './confirmed-age.js';

/**
 * How the cache learns that its database has changed. What is in memory belongs to the last state that was seen: a change that
 * happens unseen while something is read and kept is seen before that is answered.
 */
export interface Coherence {
  /** Names who hears of changes. Before, there is nothing that could be old. */
  listen(listener: CoherenceListener): void;
  /** Whether what is kept may be answered now. Has everything dropped when the database has changed. */
  confirm(): boolean;
  /** Has the next `confirm` look anew when there was time for a commit since the last call: for callers that wait anyway. */
  refresh(): void;
  /** Whether what is read from now on may be kept. */
  keeps(): boolean;
  /** Whether nothing was committed since the last look. Looks now, and has dropped what is old when something was. */
  isStill(): boolean;
  /** A region of this teller is opened. */
  open(teller: object | undefined): void;
  /** The state of the database but for what this teller has declared, looked at now; NaN while it cannot be told. */
  stateFor(teller: object | undefined): number;
  /** Whether what a load reads that began so long ago is recent enough for a caller of now. */
  isRecent(ageMs: number): boolean;
  /** Runs a load, and answers also why what it has read is for whoever asked, and not to be kept. */
  witness<T>(load: () => Promise<T>, about: object): Promise<BoundWitnessed<T>>;
  /** Grows with each statement that has read what is not to be kept. */
  readonly doubtfulReads: number;
  /** A question to the server after which `confirm` may say yes, where that is what is missing. */
  question(): Promise<boolean> | undefined;
  /** How long a value may be answered after its load where nobody tells of changes; Infinity where somebody does. */
  readonly lifeMs: number;
  /** Whether what has changed can be read before it is told, as on a server. */
  readonly isToldLate: boolean;
  /** For how long a server has not confirmed what it should have. 0 where nothing needs to be confirmed. */
  readonly overdueMs: number;
  stats(): CoherenceStats;
}

/** What a look may have to tell. */
export interface CoherenceListener {
  /** How often something was kept, and answered from what is kept, in the regions of these tellers since their last change. */
  useSince(tellers: ReadonlySet<object | undefined>): { readonly fills: number; readonly hits: number };
  /** Something was committed, whoever was told of it. */
  onMove(): void;
  /** Who tells regions of writes; undefined for those that nobody tells. */
  tellers(): ReadonlySet<object | undefined>;
  /** What is kept in the regions of these tellers may be old. */
  onChange(tellers: ReadonlySet<object | undefined>): void;
  onAside(pauseMs: number): void;
}

/** Of a cache that is not bound: its callers tell it of every change. */
export function unboundCoherence(): Coherence {
  const none = { checks: 0, foreignFlushes: 0, asks: 0, steppedAside: 0, isAside: false };
  return {
    listen: () => undefined,
    confirm: () => true,
    refresh: () => undefined,
    keeps: () => true,
    isStill: () => false,
    open: () => undefined,
    stateFor: () => 0,
    isRecent: () => true,
    // Awaited inside: drizzle's builders are lazy and start there.
    witness: async (load, about) => ({ value: await runUnbound(about, async () => await load()), doubt: undefined }),
    doubtfulReads: 0,
    question: () => undefined,
    lifeMs: Number.POSITIVE_INFINITY,
    isToldLate: false,
    overdueMs: 0,
    stats: () => none,
  };
}

/** So many hits are answered by one look at most: a loop that never ends its callback is bounded too. */
const hitsPerLook = 1_024;
/**
 * No commit of another connection of this process is quicker, between two lines of a program: it locks, writes and unlocks a
 * file, 9 µs where this was measured. Hits that follow on one another take less, and leave no room for one.
 */
const shortestCommitMs = 0.002;
/** For so long hits that leave no room for it are answered by one look: a worker thread may commit beside them. */
const longestStretchMs = 0.25;
/** So many changes in a row, each within `crowdedMs` of the last, after which less was answered than kept. */
const wastedInRow = 8;
const crowdedMs = 100;
const shortestPauseMs = 25;
const longestPauseMs = 1_000;

/** Of a bound cache. */
export class BoundCoherence implements Coherence {
  readonly #changes: BoundChanges;
  readonly #maxStaleMs: number;
  readonly #age: ConfirmedAge;
  #listener: CoherenceListener | undefined;
  #mark: number | undefined;
  /** The state of the database without what each teller has declared. */
  readonly #marks = new WeakMap<object, number>();
  #confirmed = false;
  #isKnown = false;
  #isTold = false;
  #asking: Promise<boolean> | undefined;
  /** Answers left until the next look, while nothing else makes one due. */
  #left = 0;
  #statements = -1;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The last call of `refresh`, or the end of the look that it has led to. */
  #calledAt = Number.NEGATIVE_INFINITY;
  #awaitsTurn = false;
  #changedAt = Number.NEGATIVE_INFINITY;
  #wasted = 0;
  #pauseMs = shortestPauseMs;
  #asideUntil = Number.NEGATIVE_INFINITY;
  #counts = { checks: 0, foreignFlushes: 0, asks: 0, steppedAside: 0 };

  /** `now`: the clock of the cache, which goes on while the machine sleeps. */
  constructor(changes: BoundChanges, maxStaleMs: number, now: () => number) {
    this.#changes = changes;
    this.#maxStaleMs = maxStaleMs;
    this.#age = new ConfirmedAge(now);
    this.#mark = changes.look();
  }

  listen(listener: CoherenceListener): void {
    this.#listener = listener;
  }

  get lifeMs(): number {
    return this.#changes.asOf === Number.NEGATIVE_INFINITY ? this.#maxStaleMs : Number.POSITIVE_INFINITY;
  }

  get isToldLate(): boolean {
    return this.#changes.asOf !== Number.POSITIVE_INFINITY;
  }

  get overdueMs(): number {
    return Math.max(0, this.#age.of(this.#changes.asOf) - this.#maxStaleMs);
  }

  confirm(): boolean {
    // A statement that has run since may have read what this look has not seen.
    if (this.#left > 0 && this.#statements === this.#changes.statements) {
      this.#left -= 1;
      return this.#confirmed;
    }
    return this.#look();
  }

  refresh(): void {
    const now = performance.now();
    if (now - this.#calledAt > shortestCommitMs || now - this.#lookedAt > longestStretchMs) this.#left = 0;
    this.#calledAt = now;
  }

  keeps(): boolean {
    this.confirm();
    return this.#isKnown;
  }

  isStill(): boolean {
    const mark = this.#mark;
    this.#look();
    return this.#isTold && this.#mark === mark;
  }

  stateFor(teller: object | undefined): number {
    return this.#changes.look(teller) ?? Number.NaN;
  }

  isRecent(ageMs: number): boolean {
    return !this.isToldLate || ageMs <= this.#maxStaleMs;
  }

  witness<T>(load: () => Promise<T>, about: object): Promise<BoundWitnessed<T>> {
    return this.#changes.witness(load, about);
  }

  get doubtfulReads(): number {
    return this.#changes.doubtfulReads;
  }

  question(): Promise<boolean> | undefined {
    return this.#age.of(this.#changes.asOf) > this.#maxStaleMs ? this.#ask() : undefined;
  }

  stats(): CoherenceStats {
    return { ...this.#counts, isAside: this.#isAside };
  }

  get #isAside(): boolean {
    return performance.now() < this.#asideUntil;
  }

  #look(): boolean {
    this.#counts.checks += 1;
    const mark = this.#changes.look();
    this.#lookedAt = performance.now();
    this.#calledAt = this.#lookedAt;
    this.#statements = this.#changes.statements;
    this.#left = hitsPerLook - 1;
    this.#endWithCallback();
    // Unknown is not changed: what is kept may prove right later.
    this.#isTold = mark !== undefined;
    this.#isKnown = mark !== undefined && !this.#stepsAside(mark);
    this.#confirmed = this.#isKnown && this.#isYoung();
    return this.#confirmed;
  }

  /** The next callback may have been told of a change by whoever made it. */
  #endWithCallback(): void {
    if (this.#awaitsTurn) return;
    this.#awaitsTurn = true;
    nextTick(() => {
      this.#awaitsTurn = false;
      this.#left = 0;
    });
  }

  /** Takes note of the state of the database, and answers whether the cache stands aside now. */
  #stepsAside(mark: number): boolean {
    const isNew = mark !== this.#mark;
    this.#mark = mark;
    if (!isNew) return this.#isAside;
    this.#listener?.onMove();
    const outdated = this.#outdated();
    if (outdated.size === 0) return this.#isAside;
    this.#counts.foreignFlushes += 1;
    this.#weigh(outdated);
    this.#listener?.onChange(outdated);
    return this.#isAside;
  }

  /** Whose regions do not know of what has changed. */
  #outdated(): ReadonlySet<object | undefined> {
    const outdated = new Set<object | undefined>();
    for (const teller of this.#listener?.tellers() ?? []) {
      if (teller === undefined) {
        outdated.add(undefined);
        continue;
      }
      const mark = this.#changes.look(teller);
      if (mark === undefined || mark !== this.#marks.get(teller)) outdated.add(teller);
      if (mark === undefined) this.#marks.delete(teller);
      else this.#marks.set(teller, mark);
    }
    return outdated;
  }

  open(teller: object | undefined): void {
    const mark = teller && this.#changes.look(teller);
    // Behind it, and not one of before: what is committed in between has to be a change.
    this.#look();
    if (teller && mark !== undefined && !this.#marks.has(teller)) this.#marks.set(teller, mark);
  }

  /** Whether keeping is worth it: what is dropped again before it is answered only costs. */
  #weigh(outdated: ReadonlySet<object | undefined>): void {
    const now = performance.now();
    const { fills, hits } = this.#listener?.useSince(outdated) ?? { fills: 0, hits: 0 };
    const isCrowded = now - this.#changedAt < crowdedMs;
    this.#changedAt = now;
    if (now < this.#asideUntil) return;
    if (hits > fills) this.#pauseMs = shortestPauseMs;
    this.#wasted = isCrowded && fills > hits ? this.#wasted + 1 : 0;
    if (this.#wasted < wastedInRow) return;
    this.#counts.steppedAside += 1;
    this.#asideUntil = now + this.#pauseMs;
    this.#listener?.onAside(this.#pauseMs);
    // One more change of that kind is enough to stand aside again, for longer.
    this.#wasted = wastedInRow - 1;
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  /** Whether a server has confirmed it lately; past half of the time it is asked again behind the answers. */
  #isYoung(): boolean {
    const age = this.#age.of(this.#changes.asOf);
    if (age > this.#maxStaleMs / 2) void this.#ask();
    return age <= this.#maxStaleMs;
  }

  #ask(): Promise<boolean> {
    this.#asking ??= this.#askOnce();
    return this.#asking;
  }

  async #askOnce(): Promise<boolean> {
    this.#counts.asks += 1;
    try {
      return await this.#changes.ask();
    } finally {
      this.#asking = undefined;
      this.#left = 0;
    }
  }
}
