// The memory of all regions: one least-recently-used order over the entries of every region, bounded by bytes.
// Regions find their entries by key themselves; this decides which entry has to go.
import { LRUCache } from 'lru-cache';
import type { SealedValue } from './sealed-value.js';

/** One kept value. */
export interface Entry extends SealedValue {
  readonly key: string;
  /** By the clock of the manager; Infinity = never. */
  readonly expiresAt: number;
  readonly owner: EntryOwner;
}

/** The region that an entry belongs to. */
export interface EntryOwner {
  /** Forgets an entry that had to make room. */
  evicted(entry: Entry): void;
}

/** Holds entries up to `maxBytes`; the least recently used ones make room for new ones. */
export class MemoryTier {
  readonly maxBytes: number;
  readonly #order: LRUCache<Entry, Entry>;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.#order = new LRUCache({
      // lru-cache knows no limit of 0; every entry is larger than one byte, so nothing fits either way.
      maxSize: Math.max(1, maxBytes),
      sizeCalculation: (entry) => entry.bytes,
      dispose: (entry, _, reason) => {
        if (reason === 'evict') entry.owner.evicted(entry);
      },
    });
  }

  /** Whether an entry of this size can be kept at all. */
  fits(bytes: number): boolean {
    return bytes <= this.maxBytes;
  }

  keep(entry: Entry): void {
    this.#order.set(entry, entry);
  }

  /** Marks the entry as used. */
  touch(entry: Entry): void {
    this.#order.get(entry);
  }

  drop(entry: Entry): void {
    this.#order.delete(entry);
  }
}
