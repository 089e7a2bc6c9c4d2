// What the disk tier is opened with, and what it can beyond other tiers.
import type { CacheTier, TierEntry } from '../contract/tier.js';

/** Options of `openDiskTier`. */
export interface DiskTierOptions {
  /** Of the file; its folder exists. Readable by its owner only. Beside it lie its log and at most one damaged file, `<path>.damaged`. */
  readonly path: string;
  /** Most bytes of file and log together, give or take a tenth. At least 1 MiB; an entry takes a 32nd of it at most. */
  readonly maxBytes: number;
  /**
   * Answers with what tells the present state of the database from every other, and only while everything that the tier was told
   * so far is true of it; `undefined` while that is not known. Asked when the file is opened, and in callbacks of its own after
   * writes. What it throws is `undefined`.
   */
  readonly proof: () => string | undefined;
  /** The clock after which a file that could not be used is tried again. Default `Date.now`. */
  readonly now?: () => number;
  /** Hears why the tier began empty, or stands still. Never of keys or values. */
  readonly onEvent?: (reason: string) => void;
}

/** A tier that outlives the process. */
export interface DiskTier extends CacheTier {
  get(namespace: string, key: string): TierEntry | undefined;
  set(namespace: string, key: string, entry: TierEntry): void;
  delete(namespace: string, key: string): void;
  deleteTag(tag: string): void;
  clear(namespace?: string): void;
  clearExcept(namespaces: readonly string[]): void;
  flush(): void;
  close(): void;
  /**
   * Tells the proof of a database that has been closed since, and that nobody has written to since the tier was closed: the next
   * process compares with that. Does nothing when another process had the file since.
   */
  seal(proof: string): void;
}
