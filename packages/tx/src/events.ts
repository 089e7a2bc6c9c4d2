// What happened, for whoever listens (health, tests): no bound values, no rows, and no cost while nobody listens.
import type { DatabaseError } from './errors.js';

/** A statement ended. */
export interface QueryEvent {
  readonly type: 'query';
  /** Statement text with placeholders. */
  readonly sql: string;
  readonly durationMs: number;
  /** Rows returned. */
  readonly rows: number;
  readonly rowsAffected: number;
  readonly mode: 'read' | 'write';
  /** The transaction it ran in; null for a statement on its own. */
  readonly transactionId: string | null;
  readonly error: DatabaseError | null;
}

/** A transaction or savepoint began or ended. */
export interface TransactionEvent {
  readonly type: 'transaction';
  readonly phase: 'begin' | 'commit' | 'rollback';
  readonly id: string;
  readonly depth: number;
  readonly mode: 'read' | 'write';
  /** Since its begin; 0 for `begin`. */
  readonly durationMs: number;
  readonly error: DatabaseError | null;
}

/** A call had to wait for a connection, or a connection was replaced. */
export interface PoolEvent {
  readonly type: 'pool';
  readonly action: 'wait' | 'replace';
  readonly mode: 'read' | 'write';
  /** How long the call waited; 0 for `replace`. */
  readonly durationMs: number;
}

/** A transaction, or the wait for another process's lock, is tried again. */
export interface RetryEvent {
  readonly type: 'retry';
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: DatabaseError;
}

/** An `afterCommit` or `afterRollback` hook threw. The outcome of the transaction stands. */
export interface HookErrorEvent {
  readonly type: 'hook_error';
  readonly hook: 'afterCommit' | 'afterRollback';
  readonly transactionId: string;
  readonly error: unknown;
}

/** Everything `subscribe` reports. */
export type TransactionEvents = QueryEvent | TransactionEvent | PoolEvent | RetryEvent | HookErrorEvent;

/** A set of listeners that costs one comparison while it is empty. */
export class Events {
  #listeners: readonly ((event: TransactionEvents) => void)[] = [];

  get active(): boolean {
    return this.#listeners.length > 0;
  }

  subscribe(listener: (event: TransactionEvents) => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('subscribe: the listener must be a function');
    const entry = (event: TransactionEvents): void => listener(event);
    this.#listeners = [...this.#listeners, entry];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  emit(event: TransactionEvents): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A broken observer must never break the query it observes (promise 8).
      }
    }
  }
}
