// Between a repository call and its query: answers from the cache where that is right, and tells it what a commit replaced.
// Inside a transaction nothing is read from or put into the cache: its rows are not committed, or its snapshot is older.
// What depends on what is said here, once: a write names what it has changed (`Written`), and `results` which answers are
// made of that.

import { createHash } from 'node:crypto';
import { collections, modelMetadata, models, savedSearches, tags } from '@cc/schema';
import type { Schema, TransactionManager } from '@cc/tx';
import { getTableColumns } from 'drizzle-orm';
import type { CachePort, CacheRegion } from './contract/cache-port.js';
import { inSlices } from './statement.js';

/** What tells whether a call is inside a transaction, hears of its end, and makes one snapshot of several reads. */
type Transactions = Pick<TransactionManager<Schema>, 'current' | 'transaction' | 'capabilities'>;

/** What a write has changed. Too much costs time, too little makes a stale answer. */
export interface Written {
  /** The rows of these models: new, changed, or gone. */
  readonly models?: readonly string[] | undefined;
  /** The metadata of these models. */
  readonly metadata?: readonly string[] | undefined;
  /** The tags of these models, or of any. */
  readonly tags?: readonly string[] | 'any' | undefined;
  /** Collections, or what lies in them. */
  readonly collections?: true | undefined;
  readonly savedSearches?: true | undefined;
  /** The copy of the index's words, of which corrections and suggestions are made. */
  readonly words?: true | undefined;
}

/** Answers over many rows, by the namespaces in which they are kept, and what makes them old. */
const results = {
  search: ['models', 'tags', 'words'],
  suggestions: ['models', 'tags', 'words'],
  lists: ['models', 'tags'],
  'metadata-lists': ['models', 'tags', 'metadata'],
  'metadata-keys': ['metadata'],
  tags: ['tags'],
  collections: ['collections'],
  'collection-models': ['collections', 'models'],
  'saved-searches': ['savedSearches'],
} as const satisfies Readonly<Record<string, readonly (keyof Written)[]>>;

/** The namespaces of answers over many rows. */
export type ResultKind = keyof typeof results;

/** One kind of value that belongs to a model, by the id of the model. */
export interface ReadThrough<V extends object> {
  /** Returns the value from the cache, or from `load`, which fills the cache outside a transaction. */
  load(id: string, load: () => Promise<V | null>): Promise<V | null>;
  /**
   * The same for several models, each given once; the answer has every id in its place. Thousands are asked for slice by slice,
   * so that no statement is as long as the list; what the database is asked without a cache is one snapshot all the same.
   */
  loadMany<Id extends string, Absent>(
    ids: readonly Id[],
    loadMissing: LoadMissing<V>,
    absent: () => Absent,
  ): Promise<ReadonlyMap<Id, V | Absent>>;
}

type LoadMissing<V> = (missing: readonly string[]) => Promise<ReadonlyMap<string, V>>;

/** Everything that the repositories keep. */
export interface Kept<Model extends object, Metadata extends object> {
  readonly models: ReadThrough<Model>;
  readonly metadata: ReadThrough<Metadata>;
  /** Names of tags. */
  readonly tagsOf: ReadThrough<readonly string[]>;
  /**
   * Returns an answer over many rows from the cache, or from `load`. `question` is asked only where there is a cache, and tells
   * the answers of one kind apart.
   */
  result<V extends object>(kind: ResultKind, question: () => unknown, load: () => Promise<V>): Promise<V>;
  /** Drops what was written when the current transaction has committed, or may have; a rollback drops nothing. */
  written(what: Written): void;
  /** Drops everything at once, for a write of which nobody knows whether it has been, nor whether its transaction tells. */
  forget(): void;
  /** Drops a model that another writer was found to have changed, whatever becomes of the current transaction. */
  outdated(id: string): void;
}

/** Returns what keeps values in `cache`, or always asks the database when there is none. */
export function createKept<Model extends object, Metadata extends object>(
  transactions: Transactions,
  cache: CachePort | undefined,
): Kept<Model, Metadata> {
  if (cache === undefined)
    return {
      ...nothingKept,
      models: passing(transactions),
      metadata: passing(transactions),
      tagsOf: passing(transactions),
    };
  const options = { toldBy: cache, version: formOfAnswers() };
  const models = cache.region<Model>('models', options);
  const metadata = cache.region<Metadata>('metadata', options);
  const tagsOf = cache.region<readonly string[]>('model-tags', options);
  const kinds = Object.entries(results).map(([kind, madeOf]: [string, readonly Part[]]) => ({
    kind,
    madeOf,
    region: cache.region(kind, options),
  }));
  const regions = new Map(kinds.map(({ kind, region }) => [kind, region]));

  const drop = ({ parts, models: changed, metadata: described, tags }: Gathered): void => {
    for (const id of changed) models.invalidate(id);
    for (const id of described) metadata.invalidate(id);
    if (tags === 'any') tagsOf.clear();
    else for (const id of tags) tagsOf.invalidate(id);
    for (const { madeOf, region } of kinds) if (madeOf.some((part) => parts.has(part))) region.clear();
  };
  // One for each transaction or savepoint: its many writes need one hook, and what is rolled back takes its own along.
  const gathering = new WeakMap<object, Gathered>();

  return {
    models: readThrough(transactions, models),
    metadata: readThrough(transactions, metadata),
    tagsOf: readThrough(transactions, tagsOf),
    async result<V extends object>(kind: ResultKind, question: () => unknown, load: () => Promise<V>): Promise<V> {
      if (transactions.current() !== undefined) return load();
      // What a kind keeps is what its callers load.
      const region = regions.get(kind) as CacheRegion<V> | undefined;
      return (await region?.getOrLoad(keyOf(question()), load)) ?? load();
    },
    written(what) {
      const transaction = transactions.current();
      const earlier = transaction && gathering.get(transaction);
      const gathered = earlier ?? nothingYet();
      gather(gathered, what);
      if (transaction === undefined) return drop(gathered);
      if (earlier) return;
      gathering.set(transaction, gathered);
      const dropNow = (): void => drop(gathered);
      transaction.afterCommit(dropNow);
      // The rows may be there, so what is cached may be old.
      transaction.afterUnknown(dropNow);
    },
    forget() {
      for (const region of [models, metadata, tagsOf, ...regions.values()]) region.clear();
    },
    outdated(id) {
      const transaction = transactions.current();
      const dropNow = (): void => models.invalidate(id);
      if (transaction === undefined) return dropNow();
      transaction.afterCommit(dropNow);
      transaction.afterRollback(dropNow);
      transaction.afterUnknown(dropNow);
    },
  };
}

/** What the writes of one transaction have changed. */
interface Gathered {
  readonly parts: Set<Part>;
  readonly models: Set<string>;
  readonly metadata: Set<string>;
  tags: Set<string> | 'any';
}

type Part = keyof Written;

function nothingYet(): Gathered {
  return { parts: new Set(), models: new Set(), metadata: new Set(), tags: new Set() };
}

function gather(gathered: Gathered, { models, metadata, tags, ...others }: Written): void {
  const { parts } = gathered;
  if (models) parts.add('models');
  if (metadata) parts.add('metadata');
  if (tags) parts.add('tags');
  if (others.collections) parts.add('collections');
  if (others.savedSearches) parts.add('savedSearches');
  if (others.words) parts.add('words');
  for (const id of models ?? []) gathered.models.add(id);
  for (const id of metadata ?? []) gathered.metadata.add(id);
  if (tags === 'any') gathered.tags = 'any';
  else if (gathered.tags !== 'any') for (const id of tags ?? []) gathered.tags.add(id);
}

function keyOf(question: unknown): string {
  return JSON.stringify(question);
}

/**
 * The form of all answers. A cache may outlive the program in a file, which an older program that still runs may be the last to
 * fill: its answers lack what it does not know of. They are made of these columns; the digit is raised when one changes otherwise.
 */
function formOfAnswers(): string {
  const columns = [models, modelMetadata, tags, collections, savedSearches].map((table) =>
    Object.keys(getTableColumns(table)),
  );
  return `1 ${createHash('sha256').update(JSON.stringify(columns)).digest('base64url').slice(0, 12)}`;
}

function readThrough<V extends object>(transactions: Transactions, region: CacheRegion<V>): ReadThrough<V> {
  return {
    // What is no text the load refuses in words of its own.
    load: (id, load) =>
      transactions.current() === undefined && typeof id === 'string' ? region.getOrLoad(id, load) : load(),
    loadMany: (ids, loadMissing, absent) => {
      const isKept = transactions.current() === undefined;
      const ask = (slice: readonly string[]) =>
        isKept ? region.getOrLoadMany(slice, loadMissing) : loadMissing(slice);
      return bySlice(transactions, ids, ask, absent);
    },
  };
}

function passing<V extends object>(transactions: Transactions): ReadThrough<V> {
  return {
    load: (_id, load) => load(),
    async loadMany(ids, loadMissing, absent) {
      const all = () => bySlice(transactions, ids, loadMissing, absent);
      const isOneSnapshot = ids.length <= idsAtOnce(transactions) || transactions.current() !== undefined;
      return isOneSnapshot ? all() : transactions.transaction(all, { mode: 'read' });
    },
  };
}

/** How many rows are asked for by one statement: a few milliseconds of them, or on a server what is worth a round trip. */
export function idsAtOnce({ capabilities }: Pick<Transactions, 'capabilities'>): number {
  return capabilities.target === 'remote' ? 5_000 : 500;
}

async function bySlice<Id extends string, V extends object, Absent>(
  transactions: Transactions,
  ids: readonly Id[],
  ask: (slice: readonly string[]) => Promise<ReadonlyMap<string, V | null>>,
  absent: () => Absent,
): Promise<ReadonlyMap<Id, V | Absent>> {
  const answer = new Map<Id, V | Absent>();
  await inSlices(ids, idsAtOnce(transactions), async (slice) => {
    const found = await ask(slice);
    for (const id of slice) answer.set(id, found.get(id) ?? absent());
  });
  return answer;
}

const nothingKept = Object.freeze({
  result: <V>(_kind: ResultKind, _question: () => unknown, load: () => Promise<V>): Promise<V> => load(),
  written: (): void => {},
  forget: (): void => {},
  outdated: (): void => {},
});
