// A database of one row, whose value is its version: what is committed and when, and the little that a cache asks a
// transaction manager. What `BoundChanges` promises is kept to the letter and no further, unless a fault is injected.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BoundChanges, BoundTransaction, BoundTransactions, BoundWitnessed } from '../../src/index.js';

/** What a row says. */
export interface Row {
  readonly version: number;
}

/** What a statement has read, and what its answer tells of the server. */
export interface Answer extends Row {
  readonly index: number;
  readonly sentAt: number;
}

/**
 * - `local`: tells at once.
 * - `server`: tells with each answer, and when it is asked.
 * - `quiet`: a server that tells only when it is asked, as over a WebSocket.
 * - `mute`: a server that never tells.
 */
export type Target = 'local' | 'server' | 'quiet' | 'mute';

/**
 * What can be made wrong, for the test that the judge sees it: each stands for something that a cache could fail to ask, or
 * a manager fail to tell.
 */
export interface Faults {
  /** Commits of others and undeclared ones of this process leave the number as it is. */
  readonly blind?: boolean;
  /** Statements are not counted: a second look in a callback does not happen. */
  readonly uncounted?: boolean;
  /** No context is ever inside a transaction. */
  readonly outside?: boolean;
  /** What is to happen after COMMIT happens at once. */
  readonly hasty?: boolean;
  /** What is to happen after COMMIT, or after one of which nothing is known, does not happen. */
  readonly forgetful?: boolean;
  /** The number is told while a COMMIT is on its way, and does not move when its answer arrives or is lost. */
  readonly sure?: boolean;
  /** Nobody tells that a load has read what is not committed. */
  readonly trusting?: boolean;
  /** What a server has told never gets old. */
  readonly ageless?: boolean;
}

/** Whoever tells caches what declared transactions replace. */
export const declarer = {};

/** A clock that the schedule moves. */
export const clock = { now: 1_000_000 };

/** Has `performance.now()` tell that time; returns what ends this. Not a spy, which would remember millions of calls. */
export function stopClock(): () => void {
  performance.now = () => clock.now;
  return () => void Reflect.deleteProperty(performance, 'now');
}

/** One for all runs: each that there ever was costs every promise something. */
const context = new AsyncLocalStorage<OpenTransaction>();

interface Level {
  readonly written: number | undefined;
  readonly isSet: boolean;
  readonly commit: number;
  readonly unknown: number;
}

/** A transaction of this process, or a snapshot. */
export class OpenTransaction implements BoundTransaction {
  readonly mode: 'read' | 'write';
  /** It tells the cache itself which keys it replaces. */
  readonly declared: boolean;
  /** The version that a snapshot sees. */
  readonly snapshot: number | undefined;
  /** The version that it has written and not committed. */
  written: number | undefined;
  /** What it has written was set, so it writes no more: a caller that sets vouches for the value. */
  isSet = false;
  /** It was committed or rolled back; what still runs in its context is late. */
  ended = false;
  readonly #faults: Faults;
  readonly #commit: (() => unknown)[] = [];
  readonly #unknown: (() => unknown)[] = [];
  #savepoint: Level | undefined;

  constructor(faults: Faults, declared: boolean, snapshot?: number) {
    this.#faults = faults;
    this.declared = declared;
    this.snapshot = snapshot;
    this.mode = snapshot === undefined ? 'write' : 'read';
  }

  get inSavepoint(): boolean {
    return this.#savepoint !== undefined;
  }

  afterCommit(hook: () => unknown): void {
    if (this.ended) throw new Error('the transaction has ended');
    if (this.#faults.hasty === true) hook();
    else if (this.#faults.forgetful !== true) this.#commit.push(hook);
  }

  afterUnknown(hook: () => unknown): void {
    if (this.ended) throw new Error('the transaction has ended');
    if (this.#faults.forgetful !== true) this.#unknown.push(hook);
  }

  beginSavepoint(): void {
    const { written, isSet } = this;
    this.#savepoint = { written, isSet, commit: this.#commit.length, unknown: this.#unknown.length };
  }

  rollBackSavepoint(): void {
    if (this.#savepoint === undefined) return;
    this.written = this.#savepoint.written;
    this.isSet = this.#savepoint.isSet;
    this.#commit.length = this.#savepoint.commit;
    this.#unknown.length = this.#savepoint.unknown;
    this.#savepoint = undefined;
  }

  end(how: 'committed' | 'unknown'): void {
    this.ended = true;
    for (const hook of how === 'committed' ? this.#commit : this.#unknown) hook();
  }
}

/** The database and the manager of this process. */
export class Database implements BoundTransactions, BoundChanges {
  readonly url = 'file:one-row.db';
  /** The newest committed version that this target can see. */
  committed = 1;
  statements = 0;
  /** Another process commits right behind the look that many looks from now: between two lines of the cache. 0: it does not. */
  looksUntilCommit = 0;
  /** How many rows were read through the open transaction by somebody outside it. */
  doubtfulReads = 0;
  /** Loads here wait for nothing. */
  loadAround(): undefined {
    return undefined;
  }

  readonly #private = new WeakSet<Row>();
  /** The open write transaction of this process. */
  open: OpenTransaction | undefined;
  /** The last one that was rolled back. */
  undone: OpenTransaction | undefined;
  /** COMMIT has taken effect at the server, and its answer is on the way. */
  sent: OpenTransaction | undefined;
  readonly #target: Target;
  readonly #faults: Faults;
  readonly #commits: { readonly version: number; readonly at: number }[] = [{ version: 1, at: 0 }];
  readonly #asks: { readonly index: number; readonly sentAt: number; resolve(known: boolean): void }[] = [];
  #versions = 1;
  #number = 1;
  /** So many moves of the number were of commits that `declarer` had told key by key. */
  #declared = 0;
  /** What the last answer told, and when it was sent. */
  #index = 1;
  #asOf = clock.now;

  constructor(target: Target, faults: Faults) {
    this.#target = target;
    this.#faults = faults;
  }

  // What a cache asks.

  get changes(): BoundChanges {
    return this;
  }

  current(): OpenTransaction | undefined {
    return this.#faults.outside === true ? undefined : context.getStore();
  }

  look(by?: object): number | undefined {
    const told = this.#told(by);
    if (this.looksUntilCommit > 0 && this.open === undefined && this.sent === undefined) {
      this.looksUntilCommit -= 1;
      if (this.looksUntilCommit === 0) this.foreignCommit();
    }
    return told;
  }

  #told(by: object | undefined): number | undefined {
    if (this.sent !== undefined && this.#faults.sure !== true) return undefined;
    return by === declarer ? this.#number - this.#declared : this.#number;
  }

  get asOf(): number {
    if (this.#target === 'local' || this.#faults.ageless === true) return Number.POSITIVE_INFINITY;
    return this.#target === 'mute' ? Number.NEGATIVE_INFINITY : this.#asOf;
  }

  ask(): Promise<boolean> {
    if (this.#target === 'local' || this.#target === 'mute') return Promise.resolve(this.#target === 'local');
    const [index, sentAt] = [this.committed, clock.now];
    return new Promise((resolve) => this.#asks.push({ index, sentAt, resolve }));
  }

  async witness<T>(load: () => Promise<T>): Promise<BoundWitnessed<T>> {
    const value = await load();
    const rows: readonly unknown[] = value instanceof Map ? [...value.values()] : [value];
    const isPrivate = rows.some((row) => this.#private.has(row as Row));
    return { value, doubt: isPrivate && this.#faults.trusting !== true ? 'read in a transaction' : undefined };
  }

  proof(): string | undefined {
    return undefined;
  }

  onClose(): () => void {
    return () => undefined;
  }

  // What happens.

  inside<T>(transaction: OpenTransaction, work: () => T): T {
    return context.run(transaction, work);
  }

  /** Whether this version was ever committed. */
  had(version: number): boolean {
    return this.#commits.some((commit) => commit.version === version);
  }

  /** The newest version that was committed at `at` or before. */
  versionAt(at: number): number {
    return Math.max(1, ...this.#commits.filter((commit) => commit.at <= at).map(({ version }) => version));
  }

  /** One statement that reads the row. What it tells of the server is heard when its answer has arrived. */
  read(): Answer {
    this.#count();
    return { version: this.committed, index: this.committed, sentAt: clock.now };
  }

  /** One statement that reads the row in `transaction`, for somebody who is not in its context. */
  readThrough(transaction: OpenTransaction): Answer {
    this.#count();
    this.doubtfulReads += 1;
    return { version: transaction.written ?? this.committed, index: this.committed, sentAt: clock.now };
  }

  /** Whoever has read this row through a transaction may not keep it. */
  own(row: Row): Row {
    this.#private.add(row);
    return row;
  }

  /** The answer of a statement has arrived. */
  hear({ index, sentAt }: Answer): void {
    if (this.#target === 'server') this.#learn(index, sentAt);
  }

  begin(declared: boolean): void {
    this.open = new OpenTransaction(this.#faults, declared);
    this.#count();
  }

  snapshot(): OpenTransaction {
    this.#count();
    return new OpenTransaction(this.#faults, false, this.committed);
  }

  write(): void {
    if (this.open === undefined) return;
    this.#versions += 1;
    this.open.written = this.#versions;
    this.#count();
  }

  /** COMMIT and its hooks in one turn, as a local file does. */
  commit(): void {
    const { open } = this;
    this.open = undefined;
    this.#count();
    if (open?.written !== undefined) {
      this.#commit(open.written);
      this.#move();
      if (open.declared && this.#faults.blind !== true) this.#declared += 1;
    }
    open?.end('committed');
  }

  /** COMMIT takes effect at the server. */
  send(): void {
    this.sent = this.open;
    this.open = undefined;
    this.#count();
    if (this.sent?.written !== undefined) this.#commit(this.sent.written);
  }

  /** Its answer arrives, or never will. Returns the version that it has committed. */
  settle(how: 'committed' | 'unknown'): number {
    const { sent } = this;
    this.sent = undefined;
    if (sent?.written !== undefined && this.#faults.sure !== true) this.#move();
    sent?.end(how);
    return sent?.written ?? 1;
  }

  rollBack(): void {
    if (this.open) this.open.ended = true;
    this.undone = this.open;
    this.open = undefined;
    this.#count();
  }

  /** Another process commits. */
  foreignCommit(): void {
    this.#versions += 1;
    this.#commit(this.#versions);
    if (this.#target === 'local') this.#move();
  }

  get asking(): boolean {
    return this.#asks.length > 0;
  }

  /** The answer to the oldest question arrives. */
  answerAsk(known: boolean): void {
    const ask = this.#asks.shift();
    if (ask === undefined) return;
    if (known) this.#learn(ask.index, ask.sentAt);
    ask.resolve(known);
  }

  #commit(version: number): void {
    this.committed = version;
    this.#commits.push({ version, at: clock.now });
  }

  /** Any index that differs from the last one is another number, also that of an answer that was overtaken. */
  #learn(index: number, sentAt: number): void {
    if (index !== this.#index) this.#move();
    this.#index = index;
    this.#asOf = Math.max(this.#asOf, sentAt);
  }

  #move(): void {
    if (this.#faults.blind !== true) this.#number += 1;
  }

  #count(): void {
    if (this.#faults.uncounted !== true) this.statements += 1;
  }
}
