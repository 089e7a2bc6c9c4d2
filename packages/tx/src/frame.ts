// One open transaction or savepoint: its statements, its children, its hooks and its end.
// A frame owns no connection: the outermost one borrows it from the pool (see transactions.ts).

import { runOutside } from './ambient.js';
import type { BoundArgs } from './binding.js';
import type { Connection, StatementResult } from './connection.js';
import { DatabaseError, toDatabaseError } from './errors.js';
import type { Events } from './events.js';
import { FifoLock } from './fifo-lock.js';

type Hook = () => unknown;

/** Where a frame stands. */
export interface FrameSettings {
  readonly id: string;
  readonly mode: 'read' | 'write';
  readonly connection: Connection;
  readonly events: Events;
  readonly parent?: Frame;
}

/** An open transaction (depth 0) or savepoint. */
export class Frame {
  readonly id: string;
  readonly depth: number;
  readonly mode: 'read' | 'write';
  readonly connection: Connection;
  readonly parent: Frame | undefined;
  readonly #events: Events;
  readonly #started = performance.now();
  /** Held by the open child: siblings and the parent's own statements wait, or they would share its savepoint. */
  readonly #turn = new FifoLock();
  #ended = false;
  #savepoints = 0;
  #pending = 0;
  #failure: { readonly cause: unknown } | undefined;
  #commitHooks: Hook[] = [];
  #rollbackHooks: Hook[] = [];

  constructor(settings: FrameSettings) {
    this.id = settings.id;
    this.mode = settings.mode;
    this.connection = settings.connection;
    this.parent = settings.parent;
    this.depth = settings.parent ? settings.parent.depth + 1 : 0;
    this.#events = settings.events;
    this.#emit('begin', null);
  }

  get ended(): boolean {
    return this.#ended || (this.parent?.ended ?? false);
  }

  /** Whether `other` is this frame or lies inside it. */
  encloses(other: Frame): boolean {
    for (let frame: Frame | undefined = other; frame; frame = frame.parent) if (frame === this) return true;
    return false;
  }

  /** @throws DatabaseError `aborted` (`TX_CLOSED`) once the frame has ended */
  assertOpen(operation: string): void {
    if (!this.ended) return;
    throw new DatabaseError('The transaction has ended, so this work belongs to none', {
      type: 'aborted',
      code: 'TX_CLOSED',
      operation,
      hint: 'Await all work inside the transaction, or start it outside',
    });
  }

  /** Runs one statement in this frame, after the children that are open. */
  async run(sql: string, args: BoundArgs, firstOnly: boolean): Promise<StatementResult> {
    this.assertOpen(sql);
    const free = this.#turn.held === 0;
    if (free) return this.#runNow(sql, args, firstOnly);
    return this.inTurn(sql, () => this.#runNow(sql, args, firstOnly));
  }

  /** Runs `work` when no child is open, and keeps new ones waiting until it settles. */
  async inTurn<T>(operation: string, work: () => T | Promise<T>): Promise<T> {
    this.assertOpen(operation);
    this.#pending += 1;
    try {
      const release = await this.#turn.acquire({ timeoutMs: Number.POSITIVE_INFINITY, signal: undefined, operation });
      try {
        this.assertOpen(operation);
        return await work();
      } finally {
        release();
      }
    } finally {
      this.#pending -= 1;
    }
  }

  /** Runs a joined block: an error that escapes it leaves this frame good for a rollback only. */
  async join<T>(work: () => Promise<T>): Promise<T> {
    this.assertOpen('transaction');
    this.#pending += 1;
    try {
      return await work();
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Leaves this frame good for a rollback only. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
  }

  /** A name for a savepoint that no other savepoint of this connection has. */
  nextSavepoint(): { readonly name: string; readonly id: string } {
    const root = this.#root();
    root.#savepoints += 1;
    return { name: `cc_${root.#savepoints}`, id: `${root.id}.${root.#savepoints}` };
  }

  /** @throws DatabaseError when this frame may not commit: a joined block failed, work was not awaited, the engine gave up */
  assertCommittable(): void {
    if (this.#pending > 0) {
      throw new DatabaseError('The transaction ended before the work that was started in it', {
        type: 'aborted',
        code: 'TX_UNAWAITED_WORK',
        operation: 'COMMIT',
        hint: 'Await every query and nested block before the transaction function returns',
      });
    }
    if (this.#failure) {
      throw new DatabaseError('The transaction can only be rolled back, because work inside it failed', {
        type: 'aborted',
        code: 'TX_ROLLBACK_ONLY',
        operation: 'COMMIT',
        cause: this.#failure.cause,
        hint: "Let the inner error escape, or run the inner block with propagation 'nested'",
      });
    }
  }

  addCommitHook(hook: Hook): void {
    this.assertOpen('afterCommit');
    this.#commitHooks.push(hook);
  }

  addRollbackHook(hook: Hook): void {
    this.assertOpen('afterRollback');
    this.#rollbackHooks.push(hook);
  }

  /** Ends a savepoint that was released: its hooks wait for the end of its parent. */
  endReleased(parent: Frame): void {
    this.#ended = true;
    parent.#commitHooks.push(...this.#commitHooks);
    parent.#rollbackHooks.push(...this.#rollbackHooks);
    this.#emit('commit', null);
  }

  /** Ends after COMMIT. The hooks start at once, before any other code can run; the promise settles when they all have. */
  endCommitted(): Promise<void> {
    this.#ended = true;
    this.#emit('commit', null);
    return this.#runHooks('afterCommit', this.#commitHooks);
  }

  /** Ends after a rollback. */
  endRolledBack(error: unknown): Promise<void> {
    this.#ended = true;
    this.#emit('rollback', error);
    return this.#runHooks('afterRollback', this.#rollbackHooks);
  }

  #root(): Frame {
    return this.parent ? this.parent.#root() : this;
  }

  #runNow(sql: string, args: BoundArgs, firstOnly: boolean): StatementResult {
    const { connection } = this;
    try {
      return observed(this.#events, { sql, mode: this.mode, transactionId: this.id }, () =>
        connection.run(sql, args, firstOnly),
      );
    } catch (error) {
      // Some errors (a full disk, INSERT OR ROLLBACK) end the transaction: the next statement would autocommit.
      if (!connection.inTransaction || connection.poisoned) this.#root().fail(error);
      if (!connection.inTransaction) this.#root().#ended = true;
      throw error;
    }
  }

  async #runHooks(hook: 'afterCommit' | 'afterRollback', hooks: readonly Hook[]): Promise<void> {
    if (hooks.length === 0) return;
    const started = hooks.map((run) => {
      try {
        return Promise.resolve(runOutside(run));
      } catch (error) {
        return Promise.reject(error);
      }
    });
    for (const result of await Promise.allSettled(started)) {
      if (result.status === 'fulfilled') continue;
      this.#events.emit({ type: 'hook_error', hook, transactionId: this.id, error: result.reason });
    }
  }

  #emit(phase: 'begin' | 'commit' | 'rollback', error: unknown): void {
    if (!this.#events.active) return;
    const { id, depth, mode } = this;
    const durationMs = phase === 'begin' ? 0 : performance.now() - this.#started;
    const reported = error === null ? null : toDatabaseError(error, 'transaction');
    this.#events.emit({ type: 'transaction', phase, id, depth, mode, durationMs, error: reported });
  }
}

/** Runs `run` and reports it when somebody listens. */
export function observed(
  events: Events,
  about: { readonly sql: string; readonly mode: 'read' | 'write'; readonly transactionId: string | null },
  run: () => StatementResult,
): StatementResult {
  if (!events.active) return run();
  const started = performance.now();
  try {
    const result = run();
    const { rowsAffected } = result;
    const durationMs = performance.now() - started;
    events.emit({ type: 'query', ...about, durationMs, rows: result.rows.length, rowsAffected, error: null });
    return result;
  } catch (cause) {
    const error = toDatabaseError(cause, about.sql);
    const durationMs = performance.now() - started;
    events.emit({ type: 'query', ...about, durationMs, rows: 0, rowsAffected: 0, error });
    throw error;
  }
}
