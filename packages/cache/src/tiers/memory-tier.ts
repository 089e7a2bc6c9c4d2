// The memory of all regions: one least-recently-used order over the entries of every region, bounded by bytes. Regions find
// their entries by key themselves; this decides which entry has to go. A chain through the entries themselves: a hit moves
// four references, where a second map would be asked for the entry again.
import type { SealedValue } from '../values/sealed-value.js';

/** One kept value. */
export interface Entry extends SealedValue {
  readonly key: string;
  /** By the clock of the manager; Infinity = never. */
  readonly expiresAt: number;
  readonly tags: readonly string[];
  readonly owner: EntryOwner;
  /** The neighbours in the order of use; both undefined when it is the only one, or not in it. */
  newer: Entry | undefined;
  older: Entry | undefined;
}

/** The region that an entry belongs to. */
export interface EntryOwner {
  /** Forgets an entry that had to make room. */
  evicted(entry: Entry): void;
}

/** Holds entries up to `maxBytes`; the least recently used ones make room for new ones. */
export class MemoryTier {
  readonly maxBytes: number;
  #bytes = 0;
  #newest: Entry | undefined;
  #oldest: Entry | undefined;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Nothing above it is weighed to its end: it has no place here, and hardly one in a tier behind. */
  get mostWeighed(): number {
    return Math.max(this.maxBytes, leastWeighed);
  }

  /** Whether an entry of this size can be kept at all. */
  fits(bytes: number): boolean {
    return bytes <= this.maxBytes;
  }

  /** Evicts until an entry of this size fits. */
  makeRoom(bytes: number): void {
    this.shrink(this.maxBytes - bytes);
  }

  /** Keeps an entry that there is room for. */
  keep(entry: Entry): void {
    this.#bytes += entry.bytes;
    this.#pushNewest(entry);
  }

  /** Marks the entry as used. */
  touch(entry: Entry): void {
    if (entry === this.#newest) return;
    this.#unlink(entry);
    this.#pushNewest(entry);
  }

  drop(entry: Entry): void {
    this.#bytes -= entry.bytes;
    this.#unlink(entry);
  }

  /** Drops everything; the regions forget their entries themselves. */
  clear(): void {
    this.#bytes = 0;
    this.#newest = undefined;
    this.#oldest = undefined;
  }

  /** Evicts until `bytes` at most are left. */
  shrink(bytes: number): void {
    while (this.#bytes > bytes && this.#oldest) {
      const entry = this.#oldest;
      this.drop(entry);
      entry.owner.evicted(entry);
    }
  }

  #pushNewest(entry: Entry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    const { newer, older } = entry;
    if (newer) newer.older = older;
    else this.#newest = older;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    entry.newer = undefined;
    entry.older = undefined;
  }
}

/** Of a small cache: what is somewhat too large for it is sealed like the rest, and may be kept behind it. */
const leastWeighed = 64 * 2 ** 20;
