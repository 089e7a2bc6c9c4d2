// The files of closed connections. The driver closes a connection when the last of its statements was collected as garbage,
// which may be never in a program that makes little of it: here they are counted, and collected when there are many.
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Each holds up to three descriptors: the file, its log, and the index of the log. */
const many = 16;
/** Collecting all of a heap of this size takes some 15 to 30 ms; a larger one waits for the engine, or for `makeRoom`. */
const quicklyCollected = 32 * 2 ** 20;

/** Of everything, unless told to look at what is young only: Node 20 takes any other option for that too. */
type Collect = (options?: { readonly type: 'minor' }) => void;

class ClosedFiles {
  #waiting = 0;
  /** Descriptors of the process when nothing closed was left, as far as is known. */
  #base = Number.POSITIVE_INFINITY;
  #collect: Collect | undefined;
  /** Pools of connections, by the path of their file. */
  readonly #pools = new Map<string, number>();
  #releasing: Promise<void> | undefined;

  /** A pool of connections to the file at `path` was opened. */
  opened(path: string): void {
    this.#pools.set(path, (this.#pools.get(path) ?? 0) + 1);
  }

  /** The connections of such a pool were closed: lets go of the file, unless another pool has it open. `log`: it has one. */
  async closed(path: string, log: boolean): Promise<void> {
    const left = (this.#pools.get(path) ?? 1) - 1;
    if (left > 0) this.#pools.set(path, left);
    else this.#pools.delete(path);
    const isHeldNow = (): boolean => left === 0 && isHeld(path, log);
    if (getHeapStatistics().used_heap_size > quicklyCollected || !isHeldNow()) return;
    // The collection that others wait for may have begun before this pool was closed.
    await this.#releasing;
    if (!isHeldNow()) return;
    this.#releasing ??= this.releaseAll().finally(() => {
      this.#releasing = undefined;
    });
    await this.#releasing;
  }

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

/** Whether this process may still have the file at `path` open: SQLite removes the index of a log with the last connection. */
function isHeld(path: string, log: boolean): boolean {
  return log ? existsSync(`${path}-shm`) : hasDescriptorOf(path);
}

/** Whether a descriptor of this process leads to `name`, as the system calls it; false where it does not tell. */
export function hasDescriptorOf(name: string): boolean {
  try {
    return readdirSync('/proc/self/fd').some((each) => linkOf(`/proc/self/fd/${each}`) === name);
  } catch {
    // Only Linux tells.
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile, as that of the listing is.
    return undefined;
  }
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
