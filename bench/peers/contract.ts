// What a peer is asked to do, in the words of the plain schema (plain-schema.ts); the suite `peers` of the benchmark runs it.
// An adapter follows its tool's documentation: what a person would write after reading it, with what it offers for speed.

/** A value, or a promise of it: hand-written statements answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** A row of `models`: twelve columns; times are UTC epoch milliseconds. */
export interface PlainModel {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly format: string;
  readonly filePath: string;
  readonly fileHash: string;
  readonly fileSize: number;
  readonly author: string | null;
  readonly triangles: number | null;
  readonly vertices: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Metadata by key; each value is a JSON text, as the plain schema stores it. */
export type PlainValues = Readonly<Record<string, string>>;

/** A model with what belongs to it. */
export interface PlainItem {
  readonly model: PlainModel;
  readonly metadata: PlainValues;
}

/** The last model of a page: the next page begins behind it. */
export interface PlainEnd {
  readonly createdAt: number;
  readonly id: string;
}

/** A model on a page. */
export interface PlainPageItem extends PlainItem {
  readonly tags: readonly string[];
}

/** An opened peer. */
export interface Peer {
  /** Looks for the same file content, then inserts: one committed transaction. */
  create(model: PlainModel): Awaitable<'created' | 'duplicate'>;
  read(id: string): Awaitable<PlainModel | null>;
  /** Sets the values in one committed transaction or statement. */
  setMetadata(id: string, values: PlainValues): Awaitable<void>;
  readMetadata(id: string): Awaitable<PlainValues>;
  /** Returns the 20 best whole models for a text in the syntax of FTS5, ranked by bm25. */
  search(match: string, format: string): Awaitable<readonly PlainModel[]>;
  /** Returns 20 models, newest first, with metadata and tags. */
  page(after: PlainEnd | null): Awaitable<readonly PlainPageItem[]>;
  /** Counts the models of a format. */
  count(format: string): Awaitable<number>;
  /** Looks for the same file contents, then adds all models and their metadata: one committed transaction. */
  createMany(items: readonly PlainItem[]): Awaitable<void>;
  /**
   * Reads `triangles`, waits for `pause` where there is one, writes one more, and adds one to the `vertices` of `otherId`:
   * one transaction.
   */
  increment(id: string, otherId: string, pause?: () => Promise<unknown>): Promise<void>;
  readTriangles(id: string): Awaitable<number>;
  /** Sets `triangles` in a write transaction, waits for `whileOpen`, and rolls back. */
  holdWrite(id: string, triangles: number, whileOpen: () => Promise<unknown>): Promise<void>;
  /** Why a transaction cannot wait for anything but its own statements; absent where it can. */
  readonly cannotWait?: string;
  /** Asks the connection that single statements run on, or the one of a transaction. */
  pragma(name: 'journal_mode' | 'synchronous', where: 'outside' | 'inside'): Awaitable<string | number>;
  /** Moves what was written into the database file, so that no row pays for the one before. */
  settle(): Awaitable<void>;
  close(): Awaitable<void>;
}

/** Models of a page, and hits of a search. */
export const pageSize = 20;

/** Set on every connection that an adapter can reach; the others are named in the results. */
export const pragmas: readonly string[] = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA cache_size = -24576',
  'PRAGMA journal_size_limit = 67108864',
];

/** Thrown to roll a transaction back. */
export class RolledBack extends Error {}

/** Swallows the error that rolled a transaction back, and no other. */
export async function rolledBack(transaction: Promise<unknown>): Promise<void> {
  try {
    await transaction;
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}

/** Returns `items` in parts of `size`. */
export function partsOf<T>(items: readonly T[], size: number): readonly T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
