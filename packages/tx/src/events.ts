// What happened, for whoever listens (health, tests): no bound values, no rows, and no cost while nobody listens.
import { type Channel, channel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { DatabaseError } from './errors.js';

/** A statement ended. */
export interface QueryEvent {
  readonly type: 'query';
  /** Statement text with placeholders. */
  readonly sql: string;
  readonly durationMs: number;
  /** By the clock of `performance.now()`: listeners that need a time need not ask for it once more. */
  readonly endedAt?: number | undefined;
  /** Rows returned. */
  readonly rows: number;
  readonly rowsAffected: number;
  readonly mode: 'read' | 'write';
  /** The transaction it ran in; null for a statement on its own. */
  readonly transactionId: string | null;
  /** The `label` of that transaction, else that of the call that it belongs to (`labelled`). */
  readonly label?: string | undefined;
  readonly error: DatabaseError | null;
}

/** A transaction or savepoint began or ended; `unknown`: COMMIT was sent and its answer was lost. */
export interface TransactionEvent {
  readonly type: 'transaction';
  readonly phase: 'begin' | 'commit' | 'rollback' | 'unknown';
  readonly id: string;
  readonly depth: number;
  readonly mode: 'read' | 'write';
  /** What `transaction` was given, else the label of the call that it belongs to (`labelled`). */
  readonly label?: string | undefined;
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

/** An `after…` hook, or what `changes.declared` was to tell of a COMMIT, threw. The outcome of the transaction stands. */
export interface HookErrorEvent {
  readonly type: 'hook_error';
  readonly hook: 'afterCommit' | 'afterRollback' | 'afterUnknown' | 'committed';
  /** `null` for `committed`: its statement was a transaction by itself. */
  readonly transactionId: string | null;
  readonly error: unknown;
}

/** A replica has fetched from its server, or tried to. */
export interface SyncEvent {
  readonly type: 'sync';
  readonly durationMs: number;
  readonly error: DatabaseError | null;
}

/** The database lies where other machines may write too. Told once, in the turn of the event loop after the opening. */
export interface StorageEvent {
  readonly type: 'storage';
  /** Such as `nfs`, `smb2`, `9p` or `fuse`. */
  readonly fileSystem: string;
  readonly journal: 'wal' | 'rollback';
  /** What to do. */
  readonly hint: string;
}

/** A replica is fetching, and more has come since the last event. At most five times a second. */
export interface SyncProgressEvent {
  readonly type: 'sync_progress';
  /** Since the fetch began. */
  readonly durationMs: number;
  /** Size of the replica's files; how much the server has is not known. */
  readonly bytes: number;
}

/** Everything `subscribe` reports. */
export type ManagerEvent =
  | QueryEvent
  | TransactionEvent
  | PoolEvent
  | RetryEvent
  | HookErrorEvent
  | SyncEvent
  | StorageEvent
  | SyncProgressEvent;

const channels = Object.freeze({
  query: channel('cc:db:query'),
  transaction: channel('cc:db:transaction'),
  pool: channel('cc:db:pool'),
});

/** Where an event of each type is published: retries and failed hooks belong to a transaction, the rest to the connections. */
const channelOf: Readonly<Record<ManagerEvent['type'], Channel>> = Object.freeze({
  query: channels.query,
  transaction: channels.transaction,
  retry: channels.transaction,
  hook_error: channels.transaction,
  pool: channels.pool,
  sync: channels.pool,
  storage: channels.pool,
  sync_progress: channels.pool,
});

const debug = debuglog('cc:tx');

/** Listeners and the channels of `node:diagnostics_channel`; costs a few comparisons while nobody listens. */
export class Events {
  #listeners: readonly ((event: ManagerEvent) => void)[] = [];

  get active(): boolean {
    return (
      this.#listeners.length > 0 ||
      channels.query.hasSubscribers ||
      channels.transaction.hasSubscribers ||
      channels.pool.hasSubscribers ||
      debug.enabled
    );
  }

  subscribe(listener: (event: ManagerEvent) => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('subscribe: the listener must be a function');
    const entry = (event: ManagerEvent): void => listener(event);
    this.#listeners = [...this.#listeners, entry];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== entry);
    };
  }

  emit(event: ManagerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A broken observer must never break the query it observes (promise 8).
      }
    }
    const published = channelOf[event.type];
    if (published.hasSubscribers) published.publish(event);
    if (debug.enabled) debug('%s', jsonOf(event));
  }
}

/** Hooks may throw anything, also what JSON cannot show. */
function jsonOf(event: ManagerEvent): string {
  try {
    return JSON.stringify(event);
  } catch {
    return JSON.stringify({ type: event.type });
  }
}
