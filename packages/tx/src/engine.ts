// Runs work in transactions and statements on the right connection: the heart of the package.
// ambient.ts says which frame a call belongs to, pool.ts hands out connections, frame.ts keeps one transaction's state.
import { setTimeout as sleep } from 'node:timers/promises';
import { ambientFrame, runOutside, runWithFrame, setAsideFrame } from './ambient.js';
import type { BoundArgs } from './binding.js';
import type { Connection, StatementResult } from './connection.js';
import { DatabaseError, isDatabaseError } from './errors.js';
import type { Events } from './events.js';
import { abortedError, type WaitOptions } from './fifo-lock.js';
import { Frame, observed } from './frame.js';
import { type ResolvedOptions, refuseUnknownOptions, resolveRetry } from './options.js';
import type { Held, Pool } from './pool.js';
import { isRetryable, retryDelayMs } from './retry.js';
import { type StatementKind, statementKind } from './statement-kind.js';
import type { TransactionOptions } from './types.js';

type Work<T> = (frame: Frame) => Promise<T>;

/** Transactions and statements over one pool. */
export class Engine {
  readonly #pool: Pool;
  readonly #options: ResolvedOptions;
  readonly #events: Events;
  readonly #open = new Set<Frame>();
  #begun = 0;
  #closed: DatabaseError | undefined;

  constructor(pool: Pool, options: ResolvedOptions, events: Events) {
    this.#pool = pool;
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
    refuseUnknownOptions('transaction', options, ['mode', 'propagation', 'retry', 'timeoutMs', 'signal']);
    const { propagation = 'required', mode = 'write' } = options;
    const current = this.current();
    switch (propagation) {
      case 'required':
        return current ? this.#join(current, mode, work) : this.#begin(work, options);
      case 'nested':
        return current ? this.savepoint(current, work) : this.#begin(work, options);
      case 'mandatory':
        if (!current) throw wrongContext('TX_REQUIRED', `propagation 'mandatory' needs an open transaction`);
        return this.#join(current, mode, work);
      case 'requires_new':
        if (current) this.#refuseSelfWait(current, mode);
        return runOutside(() => this.#begin(work, options));
      default:
        throw new TypeError(`propagation '${propagation}' runs without a transaction; use it on the manager only`);
    }
  }

  /** Runs `work` with the open transaction set aside. */
  withoutTransaction<T>(work: () => Promise<T>): Promise<T> {
    return runWithFrame(this, undefined, work);
  }

  /** Runs `work` in a savepoint of `around`, after its siblings. */
  savepoint<T>(around: Frame, work: Work<T>): Promise<T> {
    const parent = this.#innermost(around);
    return parent.inTurn('savepoint', async () => {
      const { connection } = parent;
      const { name, id } = parent.nextSavepoint();
      connection.exec(`SAVEPOINT ${name}`);
      const frame = new Frame({ id, mode: parent.mode, connection, events: this.#events, parent });
      try {
        const result = await runWithFrame(this, frame, () => work(frame));
        frame.assertCommittable();
        frame.assertOpen('savepoint');
        connection.exec(`RELEASE ${name}`);
        frame.endReleased(parent);
        return result;
      } catch (error) {
        const stillOpen = !parent.ended && connection.inTransaction;
        if (stillOpen) connection.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
        await frame.endRolledBack(error);
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
    const mode = kind === 'read' || kind === 'explain' ? 'read' : 'write';
    const setAside = setAsideFrame<Frame>(this);
    if (setAside) this.#refuseSelfWait(setAside, mode);
    return this.#runAlone(kind, mode, sql, args, firstOnly);
  }

  /** Runs one statement in `frame`, or in the savepoint of it that the calling context is in. */
  async executeIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    return this.#runIn(this.#innermost(frame), sql, args, firstOnly);
  }

  /** Holds a connection for one caller. */
  async hold(mode: 'read' | 'write', wait: Partial<WaitOptions> & { readonly operation: string }): Promise<Held> {
    if (this.#closed) throw this.#closed;
    const around = this.current() ?? setAsideFrame<Frame>(this);
    if (around) this.#refuseSelfWait(around, mode);
    const bounds = this.#wait(wait.operation, wait.signal, wait.timeoutMs);
    return mode === 'write' ? this.#pool.writer(bounds) : this.#pool.reader(bounds);
  }

  /** Begins a write transaction on a connection that is held. */
  beginWrite(connection: Connection, operation: string): Promise<void> {
    return this.#pool.beginWrite(connection, this.#wait(operation, undefined, undefined));
  }

  /** Refuses new work, waits for the connections that are held, rolls back what is left, closes. */
  async close(drainMs: number): Promise<void> {
    if (this.#closed) return;
    this.#closed = new DatabaseError('The transaction manager is closed', {
      type: 'closed',
      code: 'CLOSED',
      operation: 'transaction manager',
    });
    this.#pool.refuse(this.#closed);
    const stop = new AbortController();
    const timeUp = sleep(drainMs, undefined, { signal: stop.signal }).catch(() => undefined);
    await Promise.race([this.#pool.drained(), timeUp]);
    stop.abort();
    for (const frame of this.#open) frame.fail(this.#closed);
    this.#pool.close();
  }

  /** A call through an outer handle from inside a savepoint runs in that savepoint: SQLite has one stack of them. */
  #innermost(frame: Frame): Frame {
    const current = this.current();
    return current && !current.ended && frame.encloses(current) ? current : frame;
  }

  #join<T>(current: Frame, mode: 'read' | 'write', work: Work<T>): Promise<T> {
    current.assertOpen('transaction');
    if (mode === 'write' && current.mode === 'read') {
      throw new DatabaseError('A write transaction cannot join the read transaction around it', {
        type: 'readonly',
        code: 'TX_READ_ONLY',
        operation: 'transaction',
        hint: 'Begin the outer transaction with mode write, or move the write out of read()',
      });
    }
    return current.join(() => work(current));
  }

  async #begin<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    const setAside = setAsideFrame<Frame>(this);
    if (setAside) this.#refuseSelfWait(setAside, options.mode ?? 'write');
    const retry = resolveRetry(options.retry, this.#options.retry);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(work, options);
      } catch (error) {
        if (retry === false || attempt >= retry.maxAttempts || !isRetryable(error) || this.#closed) throw error;
        const delayMs = retryDelayMs(attempt, retry);
        if (isDatabaseError(error)) this.#events.emit({ type: 'retry', attempt, delayMs, error });
        await sleep(delayMs);
        if (options.signal?.aborted) throw error;
      }
    }
  }

  async #attempt<T>(work: Work<T>, options: TransactionOptions): Promise<T> {
    const { mode = 'write', signal } = options;
    if (this.#closed) throw this.#closed;
    const wait = this.#wait('transaction', signal, undefined);
    const held = mode === 'write' ? await this.#pool.writer(wait) : await this.#pool.reader(wait);
    const { connection } = held;
    this.#begun += 1;
    let frame: Frame | undefined;
    let hooks: Promise<void>;
    try {
      if (mode === 'write') await this.#pool.beginWrite(connection, wait);
      // A deferred BEGIN takes its snapshot with the first read; readers expect it to be that of the call.
      else connection.exec('BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1');
      const open = new Frame({ id: `tx${this.#begun}`, mode, connection, events: this.#events });
      frame = open;
      this.#open.add(open);
      const result = await this.#bounded(open, options, () => runWithFrame(this, open, () => work(open)));
      open.assertCommittable();
      open.assertOpen('COMMIT');
      connection.exec('COMMIT');
      // Nothing may come between COMMIT and the hooks: caches are told in the same turn of the event loop.
      hooks = open.endCommitted();
      held.release();
      await hooks;
      return result;
    } catch (error) {
      connection.rollbackIfOpen();
      hooks = frame?.endRolledBack(error) ?? Promise.resolve();
      held.release();
      await hooks;
      throw error;
    } finally {
      if (frame) this.#open.delete(frame);
    }
  }

  /** Ends the wait for `work` when the time is up or the signal fires; what it still does is refused by the ended frame. */
  async #bounded<T>(frame: Frame, options: TransactionOptions, work: () => Promise<T>): Promise<T> {
    const { timeoutMs = this.#options.transactionTimeoutMs, signal } = options;
    if (!Number.isFinite(timeoutMs) && !signal) return work();
    let stop: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => reject(transactionTimeout(timeoutMs)), timeoutMs)
        : undefined;
      const onAbort = (): void => reject(abortedError({ signal, operation: 'transaction' }));
      signal?.addEventListener('abort', onAbort, { once: true });
      stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
    });
    try {
      return await Promise.race([work(), stopped]);
    } finally {
      stop?.();
    }
  }

  #runIn(frame: Frame, sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    const kind = statementKind(sql);
    if (kind === 'control') throw controlRefused();
    // On the only connection there is no other place for it.
    if (kind === 'explain' && !this.#pool.single) return this.#runAlone(kind, 'read', sql, args, firstOnly);
    return frame.run(sql, args, firstOnly);
  }

  async #runAlone(
    kind: StatementKind,
    mode: 'read' | 'write',
    sql: string,
    args: BoundArgs,
    firstOnly: boolean,
  ): Promise<StatementResult> {
    if (kind === 'control') throw controlRefused();
    const wait = this.#wait(sql, undefined, undefined);
    const run = (connection: Connection): StatementResult =>
      observed(this.#events, { sql, mode, transactionId: null }, () => connection.run(sql, args, firstOnly));
    if (kind === 'read') return this.#pool.readOnce(run, wait);
    if (kind === 'explain') return this.#pool.once(run, wait);
    const held = await this.#pool.writer(wait);
    const { connection } = held;
    try {
      if (kind === 'session') return run(connection);
      await this.#pool.beginWrite(connection, wait);
      const result = run(connection);
      connection.exec('COMMIT');
      return result;
    } finally {
      // Also after an error: release rolls back what is still open.
      held.release();
    }
  }

  /** Refuses a call that would wait for the transaction that waits for it. */
  #refuseSelfWait(around: Frame, mode: 'read' | 'write'): void {
    if (around.ended) return;
    if (!this.#pool.single && (mode === 'read' || around.mode === 'read')) return;
    throw wrongContext('WOULD_DEADLOCK', 'This call would wait for the connection of the transaction around it');
  }

  #wait(operation: string, signal: AbortSignal | undefined, timeoutMs: number | undefined): WaitOptions {
    return { operation, signal, timeoutMs: timeoutMs ?? this.#options.acquireTimeoutMs };
  }
}

function controlRefused(): TypeError {
  return new TypeError('Transactions are begun and ended by transaction() and savepoint(), not by SQL text');
}

function wrongContext(code: string, reason: string): DatabaseError {
  return new DatabaseError(reason, {
    type: 'aborted',
    code,
    operation: 'transaction',
    hint: 'See the propagation modes in the documentation of @cc/tx',
  });
}

function transactionTimeout(timeoutMs: number): DatabaseError {
  return new DatabaseError(`The transaction ran longer than ${timeoutMs} ms and was rolled back`, {
    type: 'timeout',
    code: 'TX_TIMEOUT',
    operation: 'transaction',
  });
}
