// The files of closed connections. The driver closes a connection when the last of its statements was collected as garbage,
// which may be never in a program that makes little of it: here they are counted, and collected when there are many.
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Each holds up to three descriptors: the file, its log, and the index of the log. */
const many = 16;

/** Of everything, unless told to look at what is young only: Node 20 takes any other option for that too. */
type Collect = (options?: { readonly type: 'minor' }) => void;

class ClosedFiles {
  #waiting = 0;
  /** Descriptors of the process when nothing closed was left, as far as is known. */
  #base = Number.POSITIVE_INFINITY;
  #collect: Collect | undefined;

  /** A connection with statements was closed. */
  note(): void {
    this.#waiting += 1;
  }

  /** Lets go of what closed connections hold when there are many of them. Resolves at once otherwise. */
  async makeRoom(): Promise<void> {
    if (this.#waiting >= many) await this.release();
  }

  /** Lets go of what was made and closed a moment ago, which takes a millisecond; what is older waits for `makeRoom`. */
  async releaseYoung(): Promise<void> {
    this.#collect ??= collector();
    this.#collect({ type: 'minor' });
    // What is collected is closed in the next turn of the event loop.
    await setImmediate();
  }

  /** Lets go of what closed connections hold. */
  async release(): Promise<void> {
    if (this.#waiting === 0) return;
    const before = openDescriptors();
    this.#base = Math.min(this.#base, before ?? Number.POSITIVE_INFINITY);
    const closed = this.#waiting;
    this.#waiting = 0;
    await this.releaseYoung();
    const left = openDescriptors();
    if (left !== undefined && left < this.#base + 4 * many) return;
    if (left === undefined && closed < 4 * many) {
      this.#waiting += closed;
      return;
    }
    await this.releaseAll();
    this.#base = openDescriptors() ?? Number.POSITIVE_INFINITY;
  }

  /** The same whatever their age and number, also those of other clients, for whoever needs a file to be closed. */
  async releaseAll(): Promise<void> {
    this.#waiting = 0;
    this.#collect ??= collector();
    this.#collect();
    await setImmediate();
  }
}

/** One for the process, as its descriptors are. It knows nothing of any database. */
export const closedFiles = new ClosedFiles();

/** How many files, sockets and pipes the process has open; undefined where the system does not tell. */
function openDescriptors(): number | undefined {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      return readdirSync(folder).length;
    } catch {
      // Not on this system.
    }
  }
  return undefined;
}

function collector(): Collect {
  const given = (globalThis as { gc?: Collect }).gc;
  if (given) return given;
  try {
    // Only the context that is made meanwhile has it.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as Collect;
    setFlagsFromString('--no-expose-gc');
    return collect;
  } catch {
    // An engine that keeps its collector to itself collects when it likes.
    return () => undefined;
  }
}
