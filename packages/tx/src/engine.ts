// Runs work in transactions and statements on the right connection: the heart of the package.
// ambient.ts says which frame a call belongs to, the source hands out connections, frame.ts keeps one transaction's state.
import { setTimeout as sleep } from 'node:timers/promises';
import { ambientFrame, framesAround, isInsideKey, runWithFrame } from './ambient.js';
import type { BoundArgs } from './binding.js';
import { bounded, Limit, within } from './bounded.js';
import { checkTransaction } from './call-arguments.js';
import { runEach } from './client.js';
import {
  type Awaitable,
  type BatchStatement,
  type ConnectionSource,
  type Held,
  isPromise,
  type StatementResult,
} from './connection-source.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import type { Events } from './events.js';
import type { WaitOptions } from './fifo-lock.js';
import { Frame } from './frame.js';
import { type ResolvedOptions, resolveRetry, transactionManagerDefaults } from './options.js';
import {
  checkIdempotencyKey,
  doubtOf,
  type RunStatement,
  settledBy,
  storedOutcome,
  storeOutcome,
  UnknownOutcome,
} from './outcome.js';
import { runAllIn } from './pipeline.js';
import { databaseReadOnly, readOnly, refuseForeign, wouldWait, wrongContext } from './refusals.js';
import { isRetryable, retryDelayMs } from './retry.js';
import { runInSavepoint } from './savepoint.js';
import { statementKind } from './statement-kind.js';
import { runInTest } from './test-transaction.js';
import { endInTurn, giveTurn, inTurnOfLoop, nextTurn, refuseInTurn } from './turns.js';
import type { LeasedClient, TransactionOptions } from './types.js';

type Work<T> = (frame: Frame) => Promise<T>;
type Jobs = { readonly drained: () => Promise<void>; readonly close: (error: DatabaseError) => Promise<void> };
type Bounds = Pick<TransactionOptions, 'timeoutMs' | 'signal' | 'idempotencyKey'>;

/** Transactions and statements over one source of connections. */
export class Engine {
  readonly #source: ConnectionSource;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #open = new Set<Frame>();
  readonly #readOnly: boolean;
  /** The transaction of a test that rolls back (test-transaction.ts): for the code under test it is the world outside. */
  adopted: Frame | undefined;
  #begun = 0;
  #closed: DatabaseError | undefined;

  constructor(source: ConnectionSource, options: ResolvedOptions, events: Events) {
    this.#source = source;
    this.#readOnly = source.capabilities.readOnly || options.readOnly === true;
    this.#options = options;
    this.#events = events;
  }

  get openTransactions(): number {
    return this.#open.size;
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

  /** Runs `work` as `options.propagation` says; the options were checked. */
  transaction<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    try {
      return this.#propagated(work, options).then(undefined, refuseInTurn);
    } catch (error) {
      return refuseInTurn(error);
    }
  }

  #propagated<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    const { propagation = 'required', mode = this.#readOnly ? 'read' : 'write' } = options;
    if (this.#readOnly && mode === 'write') throw databaseReadOnly('transaction');
    const settled = { ...options, mode };
    const current = this.joinable();
    switch (propagation) {
      case 'required':
        return current ? this.#join(current, work, settled) : this.#begin(work, settled);
      case 'nested':
        return current ? this.savepoint(current, work, options) : this.#begin(work, settled);
      case 'mandatory':
        if (!current) throw wrongContext('TX_REQUIRED', `propagation 'mandatory' needs an open transaction`);
        return this.#join(current, work, settled);
      case 'requires_new':
        if (!this.adopted) this.#refuseSelfWait(mode);
        else if (current) throw wouldWait();
        // Set aside, not forgotten: what is held around still counts for whatever would wait for it.
        return runWithFrame(this, undefined, () => this.#begin(work, settled));
      default:
        throw new TypeError(`propagation '${propagation}' runs without a transaction; use it on the manager only`);
    }
  }

  /** Runs `work` with the open transaction set aside. */
  async withoutTransaction<T>(work: () => Promise<T>): Promise<T> {
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
    // Writes wait where they hold the writer: here they would lose their place to those who queue for it.
    const reads = kind === 'read' || kind === 'explain';
    this.#refuseSelfWait(reads ? 'read' : 'write');
    const run = (): Promise<StatementResult> =>
      this.#source.runAlone({ sql, args, kind, firstOnly }, this.#wait(sql, undefined, undefined));
    return await (reads && nextTurn(performance.now()) ? inTurnOfLoop(run) : run());
  }

  /** Runs one read on a connection of its own until `signal` fires. */
  async executeApart(sql: string, args: BoundArgs, signal: AbortSignal): Promise<StatementResult> {
    if (this.#closed) throw this.#closed;
    const wait = this.#wait(sql, signal, Number.POSITIVE_INFINITY);
    return this.#source.runApart?.({ sql, args }, wait) ?? this.execute(sql, args, false);
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
    return this.#source.lease(settled, this.#wait('getConnection', wait.signal, wait.timeoutMs));
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
    // Calls that came before and wait for a turn of the event loop still find the connections.
    await giveTurn();
    this.#source.refuse(this.#closed);
    await Promise.race([Promise.all([this.#source.drained(), jobs.drained()]), timeUp]);
    for (const frame of this.#open) frame.fail(this.#closed);
    await jobs.close(this.#closed);
    await this.#source.close();
  }

  /** @throws DatabaseError `closed` (`CLOSED`) */
  assertOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  /** A call through an outer handle from inside a savepoint runs in that savepoint: SQLite has one stack of them. */
  #innermost(frame: Frame): Frame {
    return framesAround<Frame>(this).find((around) => !around.ended && frame.encloses(around)) ?? frame;
  }

  #join<T>(current: Frame, work: Work<T>, options: TransactionOptions): Promise<T> {
    current.assertOpen('transaction');
    if ((options.mode ?? 'write') === 'write' && current.mode === 'read') throw readOnly('transaction');
    const { timeoutMs = Number.POSITIVE_INFINITY, signal, idempotencyKey: key } = options;
    const joined = async (): Promise<T> => {
      const limit = new Limit(timeoutMs, signal, 'joined');
      const result = await within(limit, () => this.#keyed(key, work)(current));
      limit.assert(performance.now());
      return result;
    };
    return current.soon('transaction', () => current.join(joined));
  }

  #keyed<T>(key: string | undefined, work: Work<T>): Work<T> {
    return key === undefined ? work : (frame) => this.#once(frame, key, () => work(frame));
  }

  /** Runs `work` in `frame`, unless a block with that key has run: its result is committed with the transaction around. */
  async #once<T>(frame: Frame, key: string, work: () => Promise<T>): Promise<T> {
    if (isInsideKey(this, key)) throw new TypeError('transaction: a block with an idempotencyKey calls itself');
    const run: RunStatement = (sql, args, firstOnly) => this.#innermost(frame).run(sql, args, firstOnly);
    const { outcomeTtlMs } = this.#options;
    return frame.oneByOne(key, async () => {
      const stored = await storedOutcome(run, key, outcomeTtlMs);
      if (stored && !stored.expired) return stored.result as T;
      const result = await runWithFrame(this, frame, work, key);
      await storeOutcome(run, key, result, outcomeTtlMs);
      return result;
    });
  }

  /** Runs a whole transaction, again after passing failures, and until its outcome is known when it has a key. */
  async #begin<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    const { signal, idempotencyKey } = options;
    if (this.adopted) {
      const [once, defaults] = [this.#keyed(idempotencyKey, work), this.#options];
      return runInTest(this, this.adopted, { work: once, options, defaults, events: this.#events });
    }
    this.#refuseSelfWait(options.mode ?? 'write');
    const retry = resolveRetry(options.retry, this.#options.retry);
    let doubt: UnknownOutcome<T> | undefined;
    let settleBy = Number.POSITIVE_INFINITY;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(work, options, doubt);
      } catch (thrown) {
        if (thrown instanceof UnknownOutcome) {
          doubt = thrown;
          settleBy = performance.now() + this.#options.acquireTimeoutMs;
        } else if (doubt?.frame.settled) {
          // It was found to be rolled back, so this failure is one of a new run.
          doubt = undefined;
        }
        const error: unknown = doubt?.failure ?? thrown;
        const again = doubt
          ? idempotencyKey !== undefined && performance.now() < settleBy
          : retry !== false && attempt < retry.maxAttempts && isRetryable(error);
        if (!again || this.#closed || signal?.aborted) {
          await doubt?.frame.endUnknown(error);
          throw error;
        }
        const delayMs = retryDelayMs(attempt, retry === false ? transactionManagerDefaults.retry : retry);
        if (isDatabaseError(error)) this.#events.emit({ type: 'retry', attempt, delayMs, error });
        // A signal is heard by the next attempt.
        await sleep(delayMs, undefined, { ...(signal && { signal }) }).catch(() => undefined);
      }
    }
  }

  async #attempt<T>(work: Work<T>, options: TransactionOptions, doubt: UnknownOutcome<T> | undefined): Promise<T> {
    const { mode = 'write', signal, idempotencyKey: key } = options;
    if (this.#closed) throw this.#closed;
    const beginning = this.#source.begin(mode, this.#wait('transaction', signal, undefined));
    const held = isPromise(beginning) ? await beginning : beginning;
    const { connection } = held;
    this.#begun += 1;
    const limit = new Limit(options.timeoutMs ?? this.#options.transactionTimeoutMs, signal);
    const frame = new Frame({ id: `tx${this.#begun}`, mode, connection, events: this.#events, limit });
    const run: RunStatement = connection.run.bind(connection);
    const { outcomeTtlMs: ttlMs } = this.#options;
    this.#open.add(frame);
    let hooks: Awaitable<void>;
    try {
      // With the write lock held, an earlier COMMIT has either taken effect or never will.
      const settled =
        key === undefined ? undefined : settledBy(await within(limit, () => storedOutcome(run, key, ttlMs)), doubt);
      if (settled) {
        await connection.rollbackIfOpen();
        await frame.endRolledBack(null);
        held.release();
        await (settled.isOwn ? doubt?.frame.endCommitted() : doubt?.frame.endRolledBack(doubt.failure));
        return settled.result;
      }
      await doubt?.frame.endRolledBack(doubt.failure);
      if (nextTurn(performance.now())) await giveTurn();
      const result = await within(limit, () => runWithFrame(this, frame, () => work(frame), key));
      const due = nextTurn(performance.now());
      // One step of the promises at least: what was not awaited counts as begun.
      await (due && giveTurn());
      frame.assertCommittable();
      frame.assertOpen('COMMIT');
      frame.assertInTime(performance.now());
      const name = key === undefined ? undefined : await within(limit, () => storeOutcome(run, key, result, ttlMs));
      if (key !== undefined) {
        frame.assertCommittable();
        frame.assertOpen('COMMIT');
      }
      // From here on work that was not awaited is refused: it would run behind COMMIT.
      frame.suspend();
      // Local connections have committed when this line is passed. Nothing may come between COMMIT and the hooks: caches
      // are told in the same turn of the event loop.
      const committing = this.#commit(frame, held, result, name);
      if (isPromise(committing)) await committing;
      if (this.#source.committed && mode === 'write') {
        // The next writer need not wait for this one's rows to arrive; the caller and the hooks do.
        held.release();
        await this.#source.committed();
      }
      hooks = frame.endCommitted();
      held.release();
      if (isPromise(hooks)) await hooks;
      return result;
    } catch (error) {
      if (error instanceof UnknownOutcome) frame.suspend();
      const rollingBack = connection.rollbackIfOpen();
      if (isPromise(rollingBack)) await rollingBack;
      hooks = error instanceof UnknownOutcome ? undefined : frame.endRolledBack(error);
      held.release();
      await hooks;
      throw error;
    } finally {
      this.#open.delete(frame);
    }
  }

  /** @throws UnknownOutcome when the answer to COMMIT was lost; DatabaseError when it was refused */
  #commit<T>(frame: Frame, held: Held, result: T, run: string | undefined): Awaitable<void> {
    const failed = (error: unknown): never => {
      const doubt = doubtOf(error);
      throw doubt ? new UnknownOutcome(frame, result, { failure: doubt, run }) : error;
    };
    try {
      const committing = held.commit ? held.commit() : frame.connection.exec('COMMIT');
      if (!isPromise(committing)) return committing;
      if (held.commit) return committing.catch(failed);
      // A server that does not answer in time leaves the outcome unknown.
      return bounded(this.#options.transactionTimeoutMs, undefined, () => committing).catch(failed);
    } catch (error) {
      return failed(error);
    }
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
