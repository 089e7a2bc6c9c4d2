// Shows on standard error that a command waits for a lock, and whose. Listens to what @cc/tx publishes while it tries again.
import { channel } from 'node:diagnostics_channel';
import { isDatabaseError } from '@cc/tx/errors';
import type { Surroundings } from './commands.js';
import { describeHolders, lockHolders } from './lock-holders.js';

/** When the first line is written, and how far lines are apart, where there is no terminal. */
const firstLineMs = 2_000;
const nextLineMs = 10_000;

/** A wait has ended when nothing was tried again for so long. */
const quietMs = 1_000;

/** Shows waits until it is disposed. `path` is that of the database file, undefined for others. */
export function watchLocks(path: string | undefined, surroundings: Surroundings): Disposable {
  const retries = channel('cc:db:transaction');
  const wait = new Wait(path, surroundings);
  const listen = (event: unknown): void => {
    if (isLockRetry(event)) wait.heard(performance.now());
  };
  retries.subscribe(listen);
  return {
    [Symbol.dispose]() {
      retries.unsubscribe(listen);
      wait.end();
    },
  };
}

class Wait {
  readonly #path: string | undefined;
  readonly #surroundings: Surroundings;
  #since = 0;
  #last = Number.NEGATIVE_INFINITY;
  #nextLine = 0;

  constructor(path: string | undefined, surroundings: Surroundings) {
    this.#path = path;
    this.#surroundings = surroundings;
  }

  heard(now: number): void {
    if (now - this.#last > quietMs) {
      this.#since = now;
      this.#nextLine = now + (this.#surroundings.progress ? 0 : firstLineMs);
    }
    this.#last = now;
    if (now < this.#nextLine) return;
    const { progress, warn, name } = this.#surroundings;
    this.#nextLine = now + (progress ? quietMs : nextLineMs);
    const text = `waiting for the lock of ${this.#path ?? 'the database'}, which ${this.#holders()} has, since ${Math.round((now - this.#since) / 1_000)} s`;
    if (progress) progress(text);
    else warn(`${name ?? 'cc-migrate'}: ${text}`);
  }

  end(): void {
    if (this.#last !== Number.NEGATIVE_INFINITY) this.#surroundings.progress?.('');
  }

  #holders(): string {
    return describeHolders(this.#path === undefined ? [] : lockHolders(this.#path));
  }
}

function isLockRetry(event: unknown): boolean {
  if (typeof event !== 'object' || event === null || !('type' in event) || event.type !== 'retry') return false;
  return 'error' in event && isDatabaseError(event.error) && event.error.type === 'lock';
}
