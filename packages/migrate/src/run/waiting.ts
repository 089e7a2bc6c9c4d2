// Who or what a run waits for, told while it lasts: another process's lock, a server, or this program's own connection.
// call.ts watches a run with it; command-line/waiting.ts shows the same for every command.
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { isDatabaseError } from '@cc/tx/errors';
import type { MigrationDatabase } from '../contract/connection.js';
import type { MigrationProgress, MigrationWait } from '../contract/run.js';
import { dispose } from '../dispose.js';
import { pathOf } from './database-file.js';
import { lockHolders } from './lock-holders.js';

/** A wait has ended when nothing was tried again for so long. */
const quietMs = 1_000;

/** A wait is told again after so long. */
const againMs = 1_000;

/** A connection that is free at once is no wait. */
const turnMs = 200;

/** The events of one database, as the wait that they mean. */
export class Waits {
  readonly #path: string | undefined;
  #since = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** @param path That of the database file; undefined for others */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** The wait that `event` of @cc/tx is a part of; null when it is of none. */
  heard(event: unknown, now: number): MigrationWait | null {
    const what = reasonOf(event);
    if (what === null) return null;
    if (now - this.#last > quietMs) this.#since = now;
    this.#last = now;
    const holders = what === 'lock' && this.#path !== undefined ? lockHolders(this.#path) : [];
    return { for: what, holders, sinceMs: Math.round(now - this.#since) };
  }
}

function reasonOf(event: unknown): 'lock' | 'server' | null {
  if (typeof event !== 'object' || event === null || !('type' in event) || event.type !== 'retry') return null;
  if (!('error' in event) || !isDatabaseError(event.error)) return null;
  const { type } = event.error;
  return type === 'lock' ? 'lock' : type === 'connection' || type === 'overload' ? 'server' : null;
}

/** Tells the waits of one run. */
export interface WaitWatch extends Disposable {
  /** Gives the answer of `taking`, which waits for a connection that others of this program may have. */
  turn<T>(taking: Promise<T>): Promise<T>;
}

/** Tells `onProgress` of the waits of `transactions` until it is disposed. */
export function watchWaits(
  transactions: Pick<MigrationDatabase, 'url' | 'subscribe'>,
  onProgress: ((progress: MigrationProgress) => void) | undefined,
): WaitWatch {
  if (!onProgress) return { turn: (taking) => taking, [dispose]: () => undefined };
  const tell = (waiting: MigrationWait): void => {
    try {
      onProgress({ waiting });
    } catch {
      // A broken observer must never break the migration it observes (promise 8).
    }
  };
  const waits = new Waits(pathOf(transactions.url));
  let next = Number.NEGATIVE_INFINITY;
  const unsubscribe = transactions.subscribe?.((event) => {
    const now = performance.now();
    const waiting = waits.heard(event, now);
    if (waiting === null || (now < next && waiting.sinceMs > 0)) return;
    next = now + againMs;
    tell(waiting);
  });
  return {
    turn: async (taking) => {
      const since = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const tellAfter = (ms: number): void => {
        timer = setTimeout(() => {
          tell({ for: 'turn', holders: [], sinceMs: Math.round(performance.now() - since) });
          tellAfter(againMs);
        }, ms);
      };
      tellAfter(turnMs);
      try {
        return await taking;
      } finally {
        clearTimeout(timer);
      }
    },
    [dispose]: () => unsubscribe?.(),
  };
}
