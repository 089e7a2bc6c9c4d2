// What a tier behind the memory of a process is: the contract that `disk-tier.ts` keeps, that a tier of yours keeps, and
// that the cases of @cc/cache/testing judge. The cache asks it after a miss in memory and tells it of every change.

/** One value as slower tiers keep it. Times are milliseconds of the cache's clock; neither side changes an entry afterwards. */
export interface TierEntry {
  /** The value as the cache has serialised it. A tier gives back the same bytes. */
  readonly data: Uint8Array;
  /** When its load began. */
  readonly loadedAt: number;
  /** Until when it is fresh; Infinity = until it is dropped. The cache judges it: a tier may answer with an older entry. */
  readonly expiresAt: number;
  /** The tags that `deleteTag` drops it by, each once. */
  readonly tags: readonly string[];
}

/**
 * A place behind the memory of the process. Each method may answer at once or by promise. What one throws or rejects with
 * counts as a miss and is told as an event: it never reaches who asked the cache.
 *
 * Calls take effect in the order in which they were made, whenever their promises settle: a `get` that is called after
 * `delete`, `deleteTag` or `clear` was called never finds what they drop, and one that is called after `set` never finds
 * what was there before. A tier may forget any entry at any time; it never brings one back.
 *
 * Namespaces, keys and tags are any texts, the empty one and halves of surrogate pairs among them; no two are the same.
 */
export interface CacheTier {
  /** What events and statistics call it, such as `disk`. */
  readonly name: string;
  /** What it takes now, in bytes, as far as it knows. */
  readonly bytes: number;
  /** How many entries it holds, as far as it knows. */
  readonly entries: number;
  /** Returns the entry, or `undefined` when it has none. */
  get(namespace: string, key: string): TierEntry | undefined | Promise<TierEntry | undefined>;
  /** Keeps the entry in place of the one before; one that does not fit is not kept, and neither is the one before. */
  set(namespace: string, key: string, entry: TierEntry): void | Promise<void>;
  /** Drops the entry. */
  delete(namespace: string, key: string): void | Promise<void>;
  /** Drops every entry with the tag, in all namespaces. Without this method the cache clears the tier. */
  deleteTag?(tag: string): void | Promise<void>;
  /** Drops every entry of the namespace; without one, everything. */
  clear(namespace?: string): void | Promise<void>;
  /** Drops every entry of other namespaces than these. Without this method the cache clears the tier. */
  clearExcept?(namespaces: readonly string[]): void | Promise<void>;
  /** Resolves when what was given so far is where it stays. */
  flush?(): void | Promise<void>;
  /** Lets go of what it holds. Called once, last; a second call does nothing. */
  close(): void | Promise<void>;
}
