// Runs work in transactions and statements on the right connection: the heart of the package.
// ambient.ts says which frame a call belongs to, the source hands out connections, frame.ts keeps one transaction's state.
import { setTimeout as sleep } from 'node:timers/promises';
import { ambientFrame, framesAround, runWithFrame } from './ambient.js';
import type { BoundArgs } from './binding.js';
import { bounded } from './bounded.js';
import {
  type Awaitable,
  type BatchStatement,
  type ConnectionSource,
  isPromise,
  type StatementResult,
  type TransactionConnection,
} from './connection-source.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import type { Events } from './events.js';
import type { WaitOptions } from './fifo-lock.js';
import { Frame } from './frame.js';
import { refuseUnknownOptions } from './known-options.js';
import { checkCallOptions, type ResolvedOptions, resolveRetry, transactionManagerDefaults } from './options.js';
import { checkIdempotencyKey, doubtOf, storedOutcome, storeOutcome, UnknownOutcome } from './outcome.js';
import { oneByOne, runAllIn } from './pipeline.js';
import { isRetryable, retryDelayMs } from './retry.js';
import { statementKind } from './statement-kind.js';
import type { LeasedClient, TransactionOptions } from './types.js';

type Work<T> = (frame: Frame) => Promise<T>;
type Bounds = Pick<TransactionOptions, 'timeoutMs' | 'signal'>;

/** Transactions and statements over one source of connections. */
export class Engine {
  readonly #source: ConnectionSource;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #open = new Set<Frame>();
  #begun = 0;
  #closed: DatabaseError | undefined;

  constructor(source: ConnectionSource, options: ResolvedOptions, events: Events) {
    this.#source = source;
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

  /** Runs `work` as `options.propagation` says. */
  async transaction<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    refuseUnknownOptions('transaction', options, optionNames);
    checkCallOptions('transaction', options);
    const { propagation = 'required', mode = 'write' } = options;
    const current = this.current();
    if (options.idempotencyKey !== undefined) {
      checkIdempotencyKey(options.idempotencyKey);
      if ((current && propagation !== 'requires_new') || mode === 'read') {
        throw new TypeError(
          'idempotencyKey is for outermost write transactions: only they are committed by themselves',
        );
      }
    }
    switch (propagation) {
      case 'required':
        return current ? this.#join(current, mode, work, options) : this.#begin(work, options);
      case 'nested':
        return current ? this.savepoint(current, work, options) : this.#begin(work, options);
      case 'mandatory':
        if (!current) throw wrongContext('TX_REQUIRED', `propagation 'mandatory' needs an open transaction`);
        return this.#join(current, mode, work, options);
      case 'requires_new':
        this.#refuseSelfWait(mode);
        // Set aside, not forgotten: what is held around still counts for whatever would wait for it.
        return runWithFrame(this, undefined, () => this.#begin(work, options));
      default:
        throw new TypeError(`propagation '${propagation}' runs without a transaction; use it on the manager only`);
    }
  }

  /** Runs `work` with the open transaction set aside. */
  withoutTransaction<T>(work: () => Promise<T>): Promise<T> {
    return runWithFrame(this, undefined, work);
  }

  /** Runs `work` in a savepoint of `around`, after its siblings. */
  savepoint<T>(around: Frame, work: Work<T>, bounds: Bounds = {}): Promise<T> {
    const parent = this.#innermost(around);
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = bounds;
    return parent.inTurn({ operation: 'savepoint', timeoutMs, signal }, async () => {
      const { connection } = parent;
      const { name, id } = parent.nextSavepoint();
      const beginning = connection.exec(`SAVEPOINT ${name}`);
      if (isPromise(beginning)) await beginning;
      parent.assertOpen('savepoint');
      const frame = new Frame({ id, mode: parent.mode, connection, events: this.#events, parent });
      try {
        const result = await bounded(timeoutMs, signal, () => runWithFrame(this, frame, () => work(frame)));
        frame.assertCommittable();
        frame.assertOpen('savepoint');
        const releasing = connection.exec(`RELEASE ${name}`);
        if (isPromise(releasing)) await releasing;
        frame.endReleased(parent);
        return result;
      } catch (error) {
        // Ended first: a statement between ROLLBACK TO and RELEASE would be kept.
        frame.suspend();
        try {
          const undoing = !parent.ended && connection.inTransaction ? undo(connection, name) : undefined;
          if (isPromise(undoing)) await undoing;
        } catch (undoError) {
          // The rows of the savepoint may still be there: nothing of the transaction may be committed.
          parent.fail(undoError);
        }
        // The transaction waits for the hooks after it has given its connection back: they may write.
        parent.leaveHooks(frame.endRolledBack(error));
        throw error;
      }
    });
  }

  /** Runs one statement where the calling context belongs: in its transaction, or on its own. */
  async execute(sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    const frame = this.current();
    if (frame) return this.#runIn(frame, sql, args, firstOnly);
    if (this.#closed) throw this.#closed;
    const kind = statementKind(sql);
    if (kind === 'control') throw controlRefused();
    this.#refuseSelfWait(kind === 'read' || kind === 'explain' ? 'read' : 'write');
    return this.#source.runAlone({ sql, args, kind, firstOnly }, this.#wait(sql, undefined, undefined));
  }

  /** Runs one read on a connection of its own until `signal` fires. */
  async executeApart(sql: string, args: BoundArgs, signal: AbortSignal): Promise<StatementResult> {
    if (this.#closed) throw this.#closed;
    const wait = this.#wait(sql, signal, Number.POSITIVE_INFINITY);
    return this.#source.runApart?.({ sql, args }, wait) ?? this.execute(sql, args, false);
  }

  /** Runs one statement in `frame`, or in the savepoint of it that the calling context is in. */
  async executeIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    return this.#runIn(this.#innermost(frame), sql, args, firstOnly);
  }

  /** Runs statements like `executeIn`, in one round trip where that is possible. */
  executeAllIn(frame: Frame, statements: readonly BatchStatement[]): Promise<StatementResult[]> {
    const innermost = this.#innermost(frame);
    const pipelined = statements.every(({ sql }) => this.#runsInside(innermost, sql));
    return pipelined
      ? runAllIn(innermost, statements)
      : oneByOne(statements, ({ sql, args }) => this.#runIn(innermost, sql, args, false));
  }

  /** Holds a connection for one caller. */
  async lease(
    mode: 'read' | 'write',
    wait: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly client: LeasedClient; readonly release: () => void }> {
    this.assertFree(mode);
    return this.#source.lease(mode, this.#wait('getConnection', wait.signal, wait.timeoutMs));
  }

  /** @throws DatabaseError when the manager is closed, or the calling context holds what the call would wait for */
  assertFree(mode: 'read' | 'write'): void {
    if (this.#closed) throw this.#closed;
    this.#refuseSelfWait(mode);
  }

  /** Refuses new work, waits for the connections that are held, rolls back what is left, closes. */
  async close(drainMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = new DatabaseError('The transaction manager is closed', {
      type: 'closed',
      code: 'CLOSED',
      operation: 'transaction manager',
    });
    this.#source.refuse(this.#closed);
    const stop = new AbortController();
    const timeUp = sleep(drainMs, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([this.#source.drained(), timeUp]);
    stop.abort();
    for (const frame of this.#open) frame.fail(this.#closed);
    await this.#source.close();
  }

  /** A call through an outer handle from inside a savepoint runs in that savepoint: SQLite has one stack of them. */
  #innermost(frame: Frame): Frame {
    return framesAround<Frame>(this).find((around) => !around.ended && frame.encloses(around)) ?? frame;
  }

  #join<T>(current: Frame, mode: 'read' | 'write', work: Work<T>, bounds: Bounds): Promise<T> {
    current.assertOpen('transaction');
    if (mode === 'write' && current.mode === 'read') {
      throw readOnly('transaction');
    }
    const { timeoutMs = Number.POSITIVE_INFINITY, signal } = bounds;
    return current.join(() => bounded(timeoutMs, signal, () => work(current)));
  }

  /** Runs a whole transaction, again after passing failures, and until its outcome is known when it has a key. */
  async #begin<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    this.#refuseSelfWait(options.mode ?? 'write');
    const { signal, idempotencyKey } = options;
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
        await sleep(delayMs);
      }
    }
  }

  async #attempt<T>(work: Work<T>, options: TransactionOptions, doubt: UnknownOutcome<T> | undefined): Promise<T> {
    const { mode = 'write', signal, idempotencyKey: key } = options;
    if (this.#closed) throw this.#closed;
    const held = await this.#source.begin(mode, this.#wait('transaction', signal, undefined));
    const { connection } = held;
    this.#begun += 1;
    const frame = new Frame({ id: `tx${this.#begun}`, mode, connection, events: this.#events });
    this.#open.add(frame);
    let hooks: Promise<void>;
    try {
      // With the write lock held, an earlier COMMIT has either taken effect or never will.
      const stored = key === undefined ? undefined : await storedOutcome(connection, key);
      if (stored) {
        await connection.rollbackIfOpen();
        await frame.endRolledBack(null);
        held.release();
        await doubt?.frame.endCommitted();
        return doubt ? doubt.result : (stored.result as T);
      }
      await doubt?.frame.endRolledBack(doubt.failure);
      const result = await bounded(options.timeoutMs ?? this.#options.transactionTimeoutMs, signal, () =>
        runWithFrame(this, frame, () => work(frame)),
      );
      frame.assertCommittable();
      frame.assertOpen('COMMIT');
      if (key !== undefined) {
        await storeOutcome(connection, key, result);
        frame.assertCommittable();
        frame.assertOpen('COMMIT');
      }
      // From here on work that was not awaited is refused: it would run behind COMMIT.
      frame.suspend();
      // Local connections have committed when this line is passed. Nothing may come between COMMIT and the hooks: caches
      // are told in the same turn of the event loop.
      const committing = this.#commit(frame, result);
      if (isPromise(committing)) await committing;
      if (this.#source.committed && mode === 'write') {
        // The next writer need not wait for this one's rows to arrive; the caller and the hooks do.
        held.release();
        await this.#source.committed();
      }
      hooks = frame.endCommitted();
      held.release();
      await hooks;
      return result;
    } catch (error) {
      if (error instanceof UnknownOutcome) frame.suspend();
      const rollingBack = connection.rollbackIfOpen();
      if (isPromise(rollingBack)) await rollingBack;
      hooks = error instanceof UnknownOutcome ? Promise.resolve() : frame.endRolledBack(error);
      held.release();
      await hooks;
      throw error;
    } finally {
      this.#open.delete(frame);
    }
  }

  /** @throws UnknownOutcome when the answer to COMMIT was lost; DatabaseError when it was refused */
  #commit<T>(frame: Frame, result: T): Awaitable<void> {
    const failed = (error: unknown): never => {
      const doubt = doubtOf(error);
      throw doubt ? new UnknownOutcome(frame, result, doubt) : error;
    };
    try {
      const committing = frame.connection.exec('COMMIT');
      if (!isPromise(committing)) return committing;
      // A server that does not answer in time leaves the outcome unknown.
      return bounded(this.#options.transactionTimeoutMs, undefined, () => committing).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #runIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    if (this.#runsInside(frame, sql)) return frame.run(sql, args, firstOnly);
    const wait = this.#wait(sql, undefined, undefined);
    return this.#source.runAlone({ sql, args, kind: 'explain', firstOnly }, wait);
  }

  /** Whether a statement of a transaction runs on its connection. @throws when it may not run there at all */
  #runsInside(frame: Frame, sql: string): boolean {
    const kind = statementKind(sql);
    if (kind === 'control') throw controlRefused();
    // Not every server refuses writes in a read transaction.
    if (kind === 'write' && frame.mode === 'read') throw readOnly(sql);
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
    throw wrongContext('WOULD_DEADLOCK', 'This call would wait for the connection of the transaction around it');
  }

  #wait(operation: string, signal: AbortSignal | undefined, timeoutMs: number | undefined): WaitOptions {
    return { operation, signal, timeoutMs: timeoutMs ?? this.#options.acquireTimeoutMs };
  }
}

const optionNames = ['mode', 'propagation', 'retry', 'timeoutMs', 'signal', 'idempotencyKey'];

/** Two statements: not every target takes both in one text. */
function undo(connection: TransactionConnection, savepoint: string): Awaitable<void> {
  const rollingBack = connection.exec(`ROLLBACK TO ${savepoint}`);
  const release = (): Awaitable<void> => connection.exec(`RELEASE ${savepoint}`);
  return isPromise(rollingBack) ? rollingBack.then(release) : release();
}

function controlRefused(): TypeError {
  return new TypeError('Transactions are begun and ended by transaction() and savepoint(), not by SQL text');
}

function readOnly(operation: string): DatabaseError {
  return new DatabaseError('The transaction around it only reads', {
    type: 'readonly',
    code: 'TX_READ_ONLY',
    operation,
    hint: 'Begin the outer transaction with mode write, or move the write out of read()',
  });
}

function wrongContext(code: string, reason: string): DatabaseError {
  return new DatabaseError(reason, {
    type: 'aborted',
    code,
    operation: 'transaction',
    hint: 'See the propagation modes in the documentation of @cc/tx',
  });
}
