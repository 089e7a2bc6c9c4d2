// Shows on standard error that a command waits, and for whom. Listens to what @cc/tx publishes while it tries again, also while
// a database is still being opened.

import { channel } from 'node:diagnostics_channel';
import { performance } from 'node:perf_hooks';
import type { MigrationWait } from '../contract/run.js';
import { dispose } from '../dispose.js';
import { describeHolders } from '../run/lock-holders.js';
import { Waits } from '../run/waiting.js';
import type { Surroundings } from './commands.js';

/** When the first line is written, and how far lines are apart, where there is no terminal. */
const firstLineMs = 2_000;
const nextLineMs = 10_000;

/** How far lines are apart on a terminal. */
const terminalMs = 1_000;

/** Shows waits until it is disposed. `path` is that of the database file, undefined for others. */
export function watchLocks(path: string | undefined, { progress, warn, name }: Surroundings): Disposable {
  const retries = channel('cc:db:transaction');
  const waits = new Waits(path);
  let [next, isShown] = [0, false];
  const listen = (event: unknown): void => {
    const now = performance.now();
    const waiting = waits.heard(event, now);
    if (waiting === null) return;
    if (waiting.sinceMs === 0) next = now + (progress ? 0 : firstLineMs);
    if (now < next) return;
    next = now + (progress ? terminalMs : nextLineMs);
    const text = describe(waiting, path);
    if (progress) progress(text);
    else warn(`${name ?? 'cc-migrate'}: ${text}`);
    isShown = true;
  };
  retries.subscribe(listen);
  return {
    [dispose]() {
      retries.unsubscribe(listen);
      if (isShown) progress?.('');
    },
  };
}

function describe({ for: what, holders, sinceMs }: MigrationWait, path: string | undefined): string {
  const since = `since ${Math.round(sinceMs / 1_000)} s`;
  if (what === 'server') return `waiting for the server, ${since}`;
  const holder = path === undefined ? 'another client' : describeHolders(holders);
  return `waiting for the lock of ${path ?? 'the database'}, which ${holder} has, ${since}`;
}
