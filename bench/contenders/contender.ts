// What every contender can do: the operations of a library, written by hand, with drizzle, or with the repositories.
// Results may be dressed differently (rows, Dates, booleans); what they say is compared.
import type { MetadataValue, ModelFormat } from '@cc/schema';
import type { CatalogueModel } from '../catalogue/row.js';
import type { ConnectionDurability } from '../harness/suite.js';

/** A value, or a promise of it: hand-written statements answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** A model to add. The parts of glued names and the place by name are given, for those who have no code that finds them. */
export interface NewModel extends Pick<CatalogueModel, 'model' | 'metadata'> {
  readonly searchExtra: string;
  readonly nameKey: string;
}

/** Metadata by key. */
export type Values = Readonly<Record<string, MetadataValue>>;

/** A model as someone returns it. */
export interface ModelView {
  readonly id: string;
  readonly name: string;
}

/** What a search found. */
export interface Found {
  readonly models: readonly ModelView[];
  readonly total: number;
}

/** A page of a listing, newest first. */
export interface ModelPage {
  readonly items: readonly { readonly model: ModelView; readonly metadata: Values; readonly tags: readonly string[] }[];
  /** Whatever the same contender takes to go on. */
  readonly end: unknown;
}

/** The operations of the repositories. */
export interface LibraryOperations {
  /** Looks for the same file content, then inserts: one committed transaction. */
  create(item: NewModel): Awaitable<'created' | 'duplicate'>;
  read(id: string): Awaitable<ModelView | null>;
  /** Sets the values in one committed transaction, then reads all values of the model. */
  setAndReadMetadata(id: string, values: Values): Awaitable<Values>;
  /** Returns the 20 best models with all words, the last one as a beginning; `total` counts all. */
  search(words: readonly string[], format: ModelFormat): Awaitable<Found>;
  /** Returns 20 models with metadata and tags, each from its own table. */
  page(after: unknown): Awaitable<ModelPage>;
  /** Adds all of them in one committed transaction; `reject` looks for the same file contents before. */
  createMany(items: readonly NewModel[], onDuplicateHash: 'reject' | 'allow'): Awaitable<number>;
  /** The same page by what a hand knows best: the tag names that `models` holds for the text search. */
  leanPage?(after: unknown): Awaitable<ModelPage>;
  /** Counts the models of a format. */
  count?(format: ModelFormat): Awaitable<number>;
}

/** Statements of an application's own, beside the repositories. */
export interface OwnStatements {
  /** Reads ten columns of a model with a prepared statement. */
  readByKey(id: string): Awaitable<unknown>;
  /** Reads a model's number, inserts a collection, inserts the model into it: one committed transaction. */
  readonly collect: (collectionId: string, modelId: string) => Awaitable<void>;
  /** The same with queries that are built anew each time, where that is a difference. */
  readonly collectUnprepared?: (collectionId: string, modelId: string) => Awaitable<void>;
}

/** What happens at the same time. */
export interface ConcurrentOperations {
  /** Reads `triangles`, waits for `pause`, writes one more, and touches `otherId`: one transaction. */
  increment(id: string, otherId: string, pause?: () => Promise<unknown>): Promise<void>;
  /** The same with queries that are built anew each time, where that is a difference. */
  incrementUnprepared?(id: string, otherId: string, pause?: () => Promise<unknown>): Promise<void>;
  readTriangles(id: string): Awaitable<number>;
  /** Sets `triangles` in a write transaction, waits for `whileOpen`, and rolls back. */
  holdWrite(id: string, triangles: number, whileOpen: () => Promise<void>): Promise<void>;
}

/** What is done inside one open write transaction. */
export interface InsideTransaction {
  /** The read of `readByKey`, prepared once for every transaction where the contender can. */
  readByKey(id: string): Awaitable<unknown>;
  /** The same read, prepared in this transaction on the handle that belongs to it. */
  readBound(id: string): Awaitable<unknown>;
  /** Adds one to `vertices`. */
  touch(id: string): Awaitable<void>;
  /** The same in a savepoint of its own. */
  touchInSavepoint(id: string): Awaitable<void>;
  /** The same in a block that joins the transaction; those who have no such blocks do without, so that all write the same. */
  touchInJoined(id: string): Awaitable<void>;
}

/** An opened contender. */
export interface Contender {
  readonly library: LibraryOperations;
  readonly statements: OwnStatements;
  readonly concurrent: ConcurrentOperations;
  /** Runs `work` in one write transaction and commits. */
  inTransaction(work: (inside: InsideTransaction) => Promise<void>): Promise<void>;
  /** Gets the same value again and again out of memory: a cache region, or a bare LRU map; `times` gets to a call. */
  readonly getCached?: (times: number) => number;
  /** Asks every connection that was used. */
  durability(): Promise<readonly ConnectionDurability[]>;
  /** Moves what was written into the database file, so that no row pays for the one before. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Set on every connection of every contender, as @cc/tx does. */
export const equalPragmas: readonly string[] = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA cache_size = -24576',
  'PRAGMA journal_size_limit = 67108864',
];

/** Hits, and models of a page. */
export const pageSize = 20;

/** The time of every write, so that rows are equal. */
export const writtenAt = new Date(Date.UTC(2020, 0, 1));
