// One open transaction or savepoint: its statements, its children, its hooks and its end.
// A frame owns no connection: the outermost one borrows it from the pool (see outermost.ts). Long, because its parts are
// one state: what may run, wait, commit or be told depends on all of it.

import { performance } from 'node:perf_hooks';
import { currentLabel } from '../call-label.js';
import { type Ground, loadAround } from '../changes/loads.js';
import type { StatementResult, TransactionConnection } from '../connection-source.js';
import { observed } from '../connections/observe.js';
import { runOutside } from '../context.js';
import { metBy } from '../errors/met-by.js';
import { DatabaseError, toDatabaseError } from '../errors.js';
import type { Events, HookErrorEvent, TransactionEvent } from '../events.js';
import type { BoundArgs } from '../statements/binding.js';
import { type Awaitable, isPromise } from '../waiting/awaitable.js';
import type { Limit } from '../waiting/bounded.js';
import { FifoLock, type WaitOptions } from '../waiting/fifo-lock.js';
import { nextTurn } from '../waiting/turns.js';

/** With its place in the order of registration. */
interface Hook {
  readonly order: number;
  readonly run: () => unknown;
}

/** What runs in a frame. */
export type Work<T> = (frame: Frame) => Promise<T>;

/** One list of both; most transactions have no hooks, and no lists. */
function joined(mine: Hook[] | undefined, theirs: Hook[] | undefined): Hook[] | undefined {
  if (!mine || !theirs) return mine ?? theirs;
  for (const hook of theirs) mine.push(hook);
  return mine;
}

/** Where a frame stands. */
export interface FrameSettings {
  readonly id: string;
  readonly mode: 'read' | 'write';
  readonly connection: TransactionConnection;
  readonly events: Events;
  readonly limit: Limit;
  /** Of an outermost one. */
  readonly ground?: Ground;
  readonly parent?: Frame;
  /** Default: that of the parent. */
  readonly label?: string | undefined;
}

/** An open transaction (depth 0) or savepoint. */
export class Frame {
  readonly id: string;
  readonly depth: number;
  readonly mode: 'read' | 'write';
  readonly connection: TransactionConnection;
  readonly parent: Frame | undefined;
  /** What its caller says that it is for. */
  readonly label: string | undefined;
  /** What it sees, for the loads of caches. */
  readonly ground: Ground | undefined;
  readonly #events: Events;
  readonly #limit: Limit;
  readonly #started: number;
  /** Held by the open child: siblings and the parent's own statements wait, or they would share its savepoint. */
  #turn: FifoLock | undefined;
  #ended = false;
  #lost = false;
  #settled = false;
  #savepoints = 0;
  #pending = 0;
  #failure: { readonly cause: unknown } | undefined;
  /** The keyed blocks that run in the outermost frame. */
  readonly #keys = new Map<string, Promise<unknown>>();
  #hookCount = 0;
  /** Hooks that have started and that the end of the outermost transaction waits for. */
  #running: Promise<void>[] | undefined;
  #commitHooks: Hook[] | undefined;
  #rollbackHooks: Hook[] | undefined;
  #unknownHooks: Hook[] | undefined;

  constructor(settings: FrameSettings) {
    this.id = settings.id;
    this.mode = settings.mode;
    this.connection = settings.connection;
    this.parent = settings.parent;
    this.depth = settings.parent ? settings.parent.depth + 1 : 0;
    this.label = settings.label ?? settings.parent?.label ?? currentLabel();
    this.ground = settings.ground ?? settings.parent?.ground;
    this.#events = settings.events;
    this.#limit = settings.limit;
    this.#started = settings.events.active ? performance.now() : 0;
    this.#emit('begin', null);
  }

  /** Who hears of its statements. */
  get events(): Events {
    return this.#events;
  }

  get ended(): boolean {
    return this.#ended || (this.parent?.ended ?? false);
  }

  /** Whether the outermost transaction around it still has its connection, also one that the engine has ended. */
  get holding(): boolean {
    return !this.#root().#settled;
  }

  /** Whether it has ended because the engine or the server ended the outermost transaction, whose work still runs. */
  get lost(): boolean {
    return this.parent ? !this.#ended && this.parent.lost : this.#lost && !this.#settled;
  }

  /** Whether it is known, or given up on, what became of it. */
  get settled(): boolean {
    return this.#settled;
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

  /** @throws DatabaseError when the time of this frame, or of one around it, is up at `now`, or its signal has fired */
  assertInTime(now: number): void {
    this.#limit.assert(now);
    this.parent?.assertInTime(now);
  }

  /** Runs one statement in this frame, after the children that are open. */
  run(sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    const turn = this.#dueTurn(sql);
    if (turn) return this.#after(turn, sql, () => this.#runInOrder(sql, args, firstOnly));
    return this.#runInOrder(sql, args, firstOnly);
  }

  /** Runs `work` at once, or after the next turn of the event loop where that is due; in the order of the calls. */
  soon<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#dueTurn(operation);
    return turn ? this.#after(turn, operation, work) : work();
  }

  #dueTurn(operation: string): Promise<void> | undefined {
    this.assertOpen(operation);
    const now = performance.now();
    this.assertInTime(now);
    return nextTurn(now);
  }

  #after<T>(turn: Promise<void>, operation: string, work: () => Awaitable<T>): Promise<T> {
    this.#pending += 1;
    // Counted down in the same step in which it runs: COMMIT may be waiting for the same turn.
    const go = (): Awaitable<T> => {
      this.#pending -= 1;
      const next = this.#dueTurn(operation);
      return next ? this.#after(next, operation, work) : work();
    };
    return turn.then(go);
  }

  #runInOrder(sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    if (!this.#turn || this.#turn.held === 0) return this.#runNow(sql, args, firstOnly);
    const wait = { operation: sql, timeoutMs: Number.POSITIVE_INFINITY, signal: undefined };
    return this.inTurn(wait, () => this.#runNow(sql, args, firstOnly));
  }

  /** Runs `work` when no child is open, and keeps new ones waiting until it settles. */
  async inTurn<T>(wait: WaitOptions, work: () => T | Promise<T>): Promise<T> {
    const { operation } = wait;
    this.assertOpen(operation);
    this.#pending += 1;
    try {
      this.#turn ??= new FifoLock();
      const release = this.#turn.tryAcquire() ?? (await this.#turn.acquire(wait));
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

  /** Runs `work` once for each `key` at a time: who comes meanwhile waits for its end. */
  async oneByOne<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#root().#keys;
    for (let other = running.get(key); other; other = running.get(key)) await other;
    const run = work();
    running.set(
      key,
      run.then(
        () => running.delete(key),
        () => running.delete(key),
      ),
    );
    return run;
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

  /** Ends the wait for its work, which goes on alone and is refused: the transaction ends with `cause` now. */
  abandon(cause: DatabaseError): void {
    this.fail(cause);
    this.#limit.end(cause);
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

  addCommitHook(run: () => unknown): void {
    this.assertOpen('afterCommit');
    (this.#commitHooks ??= []).push(this.#inOrder(run));
  }

  addRollbackHook(run: () => unknown): void {
    this.assertOpen('afterRollback');
    (this.#rollbackHooks ??= []).push(this.#inOrder(run));
  }

  addUnknownHook(run: () => unknown): void {
    this.assertOpen('afterUnknown');
    (this.#unknownHooks ??= []).push(this.#inOrder(run));
  }

  /** Lets the end of the outermost transaction wait for hooks that have started. */
  leaveHooks(running: Awaitable<void>): void {
    if (!isPromise(running)) return;
    const root = this.#root();
    (root.#running ??= []).push(running);
  }

  /** Ends a savepoint that was released: its hooks wait for the end of its parent. */
  endReleased(parent: Frame): void {
    this.#ended = true;
    parent.#commitHooks = joined(parent.#commitHooks, this.#commitHooks);
    parent.#rollbackHooks = joined(parent.#rollbackHooks, this.#rollbackHooks);
    parent.#unknownHooks = joined(parent.#unknownHooks, this.#unknownHooks);
    this.#emit('commit', null);
  }

  /** Ends after COMMIT. The hooks start at once, before any other code can run; the promise settles when they all have. */
  endCommitted(): Awaitable<void> {
    this.#ended = true;
    this.#settled = true;
    this.#emit('commit', null);
    return this.#runHooks('afterCommit', this.#commitHooks);
  }

  /** Ends after a rollback. */
  endRolledBack(error: unknown): Awaitable<void> {
    this.#ended = true;
    this.#settled = true;
    this.#emit('rollback', error);
    return this.#runHooks('afterRollback', this.#rollbackHooks);
  }

  /** Refuses further work while it is found out whether COMMIT took effect; one of the other ends follows. */
  suspend(): void {
    this.#ended = true;
  }

  /** Ends when it stays unknown whether COMMIT took effect. */
  endUnknown(error: unknown): Awaitable<void> {
    this.#settled = true;
    this.#emit('unknown', error);
    return this.#runHooks('afterUnknown', this.#unknownHooks);
  }

  #inOrder(run: () => unknown): Hook {
    const root = this.#root();
    root.#hookCount += 1;
    return { order: root.#hookCount, run };
  }

  #root(): Frame {
    return this.parent ? this.parent.#root() : this;
  }

  #runNow(sql: string, args: BoundArgs, firstOnly: boolean): Awaitable<StatementResult> {
    const about = { sql, mode: this.mode, transactionId: this.id, label: this.label };
    this.ground?.ran(sql);
    try {
      const result = observed(this.#events, about, () => this.connection.run(sql, args, firstOnly));
      return isPromise(result) ? this.#whenDone(result) : result;
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
  }

  async #whenDone(running: Promise<StatementResult>): Promise<StatementResult> {
    this.#pending += 1;
    try {
      return await running;
    } catch (error) {
      this.noteFailure(error);
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Some errors (a full disk, INSERT OR ROLLBACK, a lost server) end the transaction: the next statement would autocommit. */
  noteFailure(error: unknown): void {
    metBy(this.#events, error);
    const { inTransaction, poisoned } = this.connection;
    const root = this.#root();
    if (!inTransaction || poisoned) root.fail(error);
    if (inTransaction) return;
    root.#ended = true;
    root.#lost = true;
  }

  #runHooks(hook: HookErrorEvent['hook'], hooks: readonly Hook[] | undefined): Awaitable<void> {
    return hooks || this.#running ? this.#startHooks(hook, hooks ?? []) : undefined;
  }

  async #startHooks(hook: HookErrorEvent['hook'], hooks: readonly Hook[]): Promise<void> {
    // Awaited inside, where a query of drizzle starts.
    const about = loadAround();
    const start = ({ run }: Hook): Promise<void> => runOutside(about, async () => void (await run()));
    const started = [...hooks].sort((a, b) => a.order - b.order).map(start);
    for (const result of await Promise.allSettled(started)) {
      if (result.status === 'fulfilled') continue;
      this.#events.emit({ type: 'hook_error', hook, transactionId: this.id, error: result.reason });
    }
    await Promise.all(this.#running ?? []);
  }

  #emit(phase: TransactionEvent['phase'], error: unknown): void {
    if (!this.#events.active) return;
    const { id, depth, mode, label } = this;
    // A listener that came later does not know when it began.
    const durationMs = phase === 'begin' || this.#started === 0 ? 0 : performance.now() - this.#started;
    const reported = error === null ? null : toDatabaseError(error, 'transaction');
    this.#events.emit({ type: 'transaction', phase, id, depth, mode, label, durationMs, error: reported });
  }
}
