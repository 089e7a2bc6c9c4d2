// Where a call belongs, transaction or statement: propagation.ts says whether it joins the transaction of its context
// (ambient.ts), opens a savepoint in it (savepoint.ts), begins one of its own (outermost.ts) or runs without; a statement runs
// in the frame of its context (frame.ts) or alone on a connection of the source. errors/refusals.ts has the words for what does
// not fit. Long, because every way of a call begins here.
import { performance } from 'node:perf_hooks';
import { checkTransaction } from '../call-arguments.js';
import { noteOutside, noteRead } from '../changes/loads.js';
import type { BatchStatement, ConnectionSource, StatementResult } from '../connection-source.js';
import { runEach } from '../drizzle/client.js';
import { metBy } from '../errors/met-by.js';
import { databaseReadOnly, readOnly, wouldWait } from '../errors/refusals.js';
import { toldBy } from '../errors/told-by.js';
import { DatabaseError } from '../errors.js';
import type { Events } from '../events.js';
import { type ResolvedOptions, resolveRetry } from '../options.js';
import type { BoundArgs } from '../statements/binding.js';
import { refuseForeign } from '../statements/refused-statements.js';
import { statementKind } from '../statements/statement-kind.js';
import type { LeasedClient, TransactionOptions } from '../types.js';
import type { Awaitable } from '../waiting/awaitable.js';
import { Limit, within } from '../waiting/bounded.js';
import type { WaitOptions } from '../waiting/fifo-lock.js';
import { endInTurn, giveTurn, inTurnOfLoop, nextTurn, refuseInTurn } from '../waiting/turns.js';
import { ambientFrame, framesAround, isInsideKey, runWithFrame } from './ambient.js';
import type { Frame, Work } from './frame.js';
import { checkIdempotencyKey, type RunStatement, storedOutcome, storeOutcome } from './outcome.js';
import { Outermost, type RunOptions } from './outermost.js';
import { runAllIn } from './pipeline.js';
import { type Way, wayOf } from './propagation.js';
import { runInSavepoint } from './savepoint.js';
import { runInTest } from './test-transaction.js';

type Jobs = { readonly drained: () => Promise<void>; readonly close: (error: DatabaseError) => Promise<void> };
type Bounds = Pick<TransactionOptions, 'timeoutMs' | 'signal' | 'idempotencyKey' | 'label'>;

/** A joined block takes a kilobyte of the stack, which has about one thousand, and its caller as much again or more. */
const mostStacked = 100;

/** Transactions and statements over one source of connections. */
export class Engine {
  readonly #source: ConnectionSource;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #outermost: Outermost;
  readonly #readOnly: boolean;
  /** The transaction of a test that rolls back (test-transaction.ts): for the code under test it is the world outside. */
  adopted: Frame | undefined;
  /** Joined blocks that have called one another without a step of the promises between: they lie on the stack. */
  #stacked = 0;
  #closed: DatabaseError | undefined;

  constructor(source: ConnectionSource, options: ResolvedOptions, events: Events) {
    this.#source = source;
    this.#readOnly = source.capabilities.readOnly || options.readOnly === true;
    this.#options = options;
    this.#events = events;
    this.#outermost = new Outermost(this, source, options, events);
  }

  /** What errors/met-by.ts tells managers apart by. */
  get owner(): object {
    return this.#events;
  }

  get openTransactions(): number {
    return this.#outermost.open;
  }

  /** The frame of the calling context, also one that has ended: late work must be refused, not run on its own. */
  current(): Frame | undefined {
    return ambientFrame(this);
  }

  /** The transaction that a call can join: `current()`, unless that is a test's. */
  joinable(): Frame | undefined {
    const current = this.current();
    return current === this.adopted ? undefined : current;
  }

  /** @throws TypeError for options that no transaction takes */
  check(options: TransactionOptions): void {
    checkTransaction(options);
    resolveRetry(options.retry, this.#options.retry);
    if (options.idempotencyKey === undefined) return;
    checkIdempotencyKey(options.idempotencyKey);
    if (options.mode === 'read')
      throw new TypeError('idempotencyKey is for write transactions: reading leaves nothing');
  }

  /**
   * Runs `work` as `options.propagation` says, or `without` where that is without a transaction. The options were checked.
   */
  transaction<T>(work: Work<T>, options: RunOptions, without?: () => Promise<T>): Promise<T> {
    try {
      const way = wayOf(options.propagation ?? 'required', this.joinable());
      if (way === 'without' && without) return this.#without(without, options);
      return this.#inside(way, work, options).then(undefined, refuseInTurn);
    } catch (error) {
      return refuseInTurn(error);
    }
  }

  #inside<T>(way: Way, work: Work<T>, options: RunOptions): Promise<T> {
    const { propagation, mode = this.#readOnly ? 'read' : 'write' } = options;
    if (this.#readOnly && mode === 'write') throw databaseReadOnly('transaction');
    const settled = { ...options, mode };
    const current = this.joinable();
    if (current && way === 'join') return this.#join(current, work, settled);
    if (current && way === 'savepoint') return this.savepoint(current, work, options);
    // A test has one connection: another transaction on it would wait for the one around.
    if (propagation === 'requires_new' && this.adopted && current) throw wouldWait();
    return this.#begin(work, settled);
  }

  /** Runs `work` with the open transaction set aside. */
  #without<T>(work: () => Promise<T>, { propagation, idempotencyKey }: TransactionOptions): Promise<T> {
    if (idempotencyKey !== undefined) {
      throw new TypeError(`idempotencyKey needs a transaction, and propagation '${propagation}' runs without one here`);
    }
    // A test has one connection: its statements outside would wait for the transaction that is set aside.
    if (this.adopted && this.joinable()?.ended === false) throw wouldWait();
    return endInTurn(() => runWithFrame(this, this.adopted, work));
  }

  /** Runs `work` in a savepoint of `around`, after its siblings. */
  savepoint<T>(around: Frame, work: Work<T>, bounds: Bounds = {}): Promise<T> {
    try {
      const [once, parent] = [this.#keyed(bounds.idempotencyKey, work), this.#innermost(around)];
      return runInSavepoint(this, parent, { work: once, bounds, events: this.#events }).then(undefined, refuseInTurn);
    } catch (error) {
      return refuseInTurn(error);
    }
  }

  /** Runs one statement where the calling context belongs: in its transaction, or on its own. */
  execute(sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    const frame = this.current();
    return frame ? this.#runIn(frame, sql, args, firstOnly) : this.#alone(sql, args, firstOnly);
  }

  async #alone(sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    if (this.#closed) throw this.#closed;
    const kind = statementKind(sql);
    refuseForeign(kind, sql);
    if (kind === 'write' && this.#readOnly) throw databaseReadOnly(sql);
    this.noteRead();
    // Writes wait where they hold the writer: here they would lose their place to those who queue for it.
    const reads = kind === 'read' || kind === 'explain';
    this.#refuseSelfWait(reads ? 'read' : 'write');
    const run = (): Promise<StatementResult> =>
      this.#source.runAlone({ sql, args, kind, firstOnly }, this.#wait(sql, undefined, undefined));
    try {
      return await (reads && nextTurn(performance.now()) ? inTurnOfLoop(run) : run());
    } catch (error) {
      throw metBy(this.#events, error);
    }
  }

  /** Runs one read on a connection of its own until `signal` fires. */
  async executeApart(sql: string, args: BoundArgs, signal: AbortSignal): Promise<StatementResult> {
    if (this.#closed) throw this.#closed;
    const wait = this.#wait(sql, signal, Number.POSITIVE_INFINITY);
    return this.#source.runApart?.({ sql, args }, wait) ?? this.execute(sql, args, false);
  }

  /** Notes for the loads of caches that a statement on its own reads this database. */
  noteRead(): void {
    noteRead(this.#source.changes.database);
  }

  /** A statement has run beside the connections. */
  ranBeside(): void {
    this.#source.changes.ran();
  }

  /** Awaits what runs beside transactions; what it fails with is known to be of this manager. */
  async met<T>(running: Promise<T>): Promise<T> {
    try {
      return await running;
    } catch (error) {
      throw metBy(this.#events, error);
    }
  }

  /** Runs one statement in `frame`, or in the savepoint of it that the calling context is in. */
  executeIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    return this.#runIn(this.#innermost(frame), sql, args, firstOnly);
  }

  /** Runs statements like `executeIn`, in one round trip where that is possible. */
  executeAllIn(frame: Frame, statements: readonly BatchStatement[]): Promise<StatementResult[]> {
    const innermost = this.#innermost(frame);
    if (statements.every(({ sql }) => this.#runsInside(innermost, sql))) return runAllIn(innermost, statements);
    return runEach(statements, ({ sql, args }) => this.#runIn(innermost, sql, args, false));
  }

  /** Holds a connection for one caller. */
  async lease(
    mode: 'read' | 'write',
    wait: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }> {
    // A lease that writes is what is given when none is asked for.
    const settled = this.#readOnly ? 'read' : mode;
    this.assertFree(settled);
    return this.met(this.#source.lease(settled, this.#wait('getConnection', wait.signal, wait.timeoutMs)));
  }

  /** @throws DatabaseError when the manager is closed, or the calling context holds what the call would wait for */
  assertFree(mode: 'read' | 'write'): void {
    if (mode === 'write' && this.#readOnly) throw databaseReadOnly('write');
    this.assertOpen();
    this.#refuseSelfWait(mode);
  }

  /** Refuses new work, waits until `timeUp` for the connections that are held and for `jobs`, rolls back what is left, closes. */
  async close(timeUp: Promise<void>, jobs: Jobs): Promise<void> {
    this.#closed = new DatabaseError('The transaction manager is closed', {
      type: 'closed',
      code: 'CLOSED',
      operation: 'transaction manager',
    });
    // One for every call that comes too late: its stack is that of who has closed.
    toldBy(this.#closed);
    this.#outermost.refuse(this.#closed);
    // Calls that came before and wait for a turn of the event loop still find the connections.
    await giveTurn();
    this.#source.refuse(this.#closed);
    await Promise.race([Promise.all([this.#source.drained(), jobs.drained()]), timeUp]);
    this.#outermost.abandon(this.#closed);
    await jobs.close(this.#closed);
    await this.#source.close();
  }

  /** @throws DatabaseError `closed` (`CLOSED`) */
  assertOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  /** A call through an outer handle from inside a savepoint runs in that savepoint: SQLite has one stack of them. */
  #innermost(frame: Frame): Frame {
    const innermost = framesAround<Frame>(this).find((around) => !around.ended && frame.encloses(around));
    if (innermost === undefined) noteOutside();
    return innermost ?? frame;
  }

  #join<T>(current: Frame, work: Work<T>, options: TransactionOptions): Promise<T> {
    current.assertOpen('transaction');
    if ((options.mode ?? 'write') === 'write' && current.mode === 'read') throw readOnly('transaction');
    const { timeoutMs = Number.POSITIVE_INFINITY, signal, idempotencyKey: key } = options;
    const joined = async (): Promise<T> => {
      const limit = new Limit(timeoutMs, signal, 'joined');
      // Deeper ones begin on a stack of their own.
      if (this.#stacked >= mostStacked) await Promise.resolve();
      const result = await within(limit, () => this.#stack(() => this.#keyed(key, work)(current)));
      limit.assert(performance.now());
      return result;
    };
    return current.soon('transaction', () => current.join(joined));
  }

  #stack<T>(call: () => Promise<T>): Promise<T> {
    this.#stacked += 1;
    try {
      return call();
    } finally {
      this.#stacked -= 1;
    }
  }

  #keyed<T>(key: string | undefined, work: Work<T>): Work<T> {
    return key === undefined ? work : (frame) => this.#once(frame, key, () => work(frame));
  }

  /** Begins an outermost transaction, which the transaction of a test has as a savepoint. */
  #begin<T>(work: Work<T>, options: RunOptions): Promise<T> {
    if (!this.adopted) {
      this.#refuseSelfWait(options.mode ?? 'write');
      return this.#outermost.run(work, options);
    }
    const [once, defaults] = [this.#keyed(options.idempotencyKey, work), this.#options];
    return runInTest(this, this.adopted, { work: once, options, defaults, events: this.#events });
  }

  /** Runs `work` in `frame`, unless a block with that key has run: its result is committed with the transaction around. */
  async #once<T>(frame: Frame, key: string, work: () => Promise<T>): Promise<T> {
    if (isInsideKey(this, key)) throw new TypeError('transaction: a block with an idempotencyKey calls itself');
    const run: RunStatement = (sql, args, firstOnly) => this.#innermost(frame).run(sql, args, firstOnly);
    const { outcomeTtlMs } = this.#options;
    // Nobody caches what is stored of outcomes.
    const { changes } = this.#source;
    return frame.oneByOne(key, async () => {
      const stored = await changes.apart(() => storedOutcome(run, key, outcomeTtlMs));
      if (stored && !stored.expired) return stored.result as T;
      const result = await runWithFrame(this, frame, work, key);
      await changes.apart(() => storeOutcome(run, key, result, outcomeTtlMs));
      return result;
    });
  }

  #runIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    if (this.#runsInside(frame, sql)) return frame.run(sql, args, firstOnly);
    frame.assertOpen(sql);
    return this.#source.runAlone({ sql, args, kind: 'explain', firstOnly }, this.#wait(sql, undefined, undefined));
  }

  /** Whether a statement of a transaction runs on its connection. @throws when it may not run there at all */
  #runsInside(frame: Frame, sql: string): boolean {
    const kind = statementKind(sql);
    refuseForeign(kind, sql);
    // Not every server refuses writes in a read transaction.
    if (kind === 'write' && frame.mode === 'read') throw this.#readOnly ? databaseReadOnly(sql) : readOnly(sql);
    // On the only connection there is no other place for it.
    return kind !== 'explain' || !this.#source.capabilities.concurrentReads;
  }

  /** Refuses a call that would wait for the transaction that waits for it. */
  #refuseSelfWait(mode: 'read' | 'write'): void {
    for (const around of framesAround<Frame>(this)) this.#refuseWaitFor(around, mode);
  }

  #refuseWaitFor(around: Frame, mode: 'read' | 'write'): void {
    if (!around.holding) return;
    if (this.#source.capabilities.concurrentReads && (mode === 'read' || around.mode === 'read')) return;
    throw wouldWait();
  }

  #wait(operation: string, signal: AbortSignal | undefined, timeoutMs: number | undefined): WaitOptions {
    return { operation, signal, timeoutMs: timeoutMs ?? this.#options.acquireTimeoutMs };
  }
}
