// The entries of one region in memory: by key and by tag, counted, and in the order of use of the whole cache.
import type { Entry, EntryOwner } from '../tiers/memory-tier.js';
import type { SealedValue } from '../values/sealed-value.js';
import { textBytes } from '../values/weigh.js';
import type { Counts } from './counts.js';
import type { RegionHost } from './host.js';
import { Tagged } from './tagged.js';

/** The entries of one region. */
export class KeptValues implements EntryOwner {
  readonly #host: RegionHost;
  readonly #namespace: string;
  readonly #counts: Counts;
  readonly #tagged = new Tagged();
  #entries = new Map<string, Entry>();

  constructor(host: RegionHost, namespace: string, counts: Counts) {
    this.#host = host;
    this.#namespace = namespace;
    this.#counts = counts;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  find(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Keeps a value in place of the one before. False when it is larger than the whole cache. */
  keep(key: string, { value, plan, bytes: own }: SealedValue, expiresAt: number, tags: readonly string[]): boolean {
    this.drop(key);
    const { memory, emit } = this.#host;
    const bytes = own + textBytes(key) + bookkeepingBytes + tags.length * tagBytes;
    if (!memory.fits(bytes)) return false;
    // Whoever hears of what goes for it may call the cache: nothing is halfway kept then, and what he kept here goes too.
    memory.makeRoom(bytes);
    this.drop(key);
    const links = { newer: undefined, older: undefined };
    const entry: Entry = { value, plan, bytes, key, expiresAt, tags, owner: this, ...links };
    this.#entries.set(key, entry);
    this.#tagged.add(entry);
    this.#counts.bytes += bytes;
    this.#counts.entries += 1;
    this.#counts.fills += 1;
    memory.keep(entry);
    emit('fill', this.#namespace, key);
    return true;
  }

  /** Whether there was something to drop. */
  drop(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#forget(entry);
    this.#host.memory.drop(entry);
    return true;
  }

  /** How many had the tag. */
  dropTag(tag: string): number {
    const entries = this.#tagged.with(tag);
    for (const { key } of entries) this.drop(key);
    return entries.length;
  }

  dropAll(): void {
    for (const key of this.#entries.keys()) this.drop(key);
  }

  /** Forgets everything, which the memory has dropped at once. */
  forgetAll(): void {
    this.#entries = new Map();
    this.#tagged.clear();
    this.#counts.bytes = 0;
    this.#counts.entries = 0;
  }

  evicted(entry: Entry): void {
    this.#forget(entry);
    this.#counts.evictions += 1;
    this.#host.emit('evict', this.#namespace, entry.key);
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#tagged.delete(entry);
    this.#counts.bytes -= entry.bytes;
    this.#counts.entries -= 1;
  }
}

/** The entry object, its slots in the map of the region and in the order of use. */
const bookkeepingBytes = 232;
/** Its places in the lists of its tags. */
const tagBytes = 120;
