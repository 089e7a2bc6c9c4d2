// Puts the repositories of one database together. From here a call goes: repository (models, metadata, tags,
// collections, search) → read-through → filter and listing → prepared drizzle query → the connection of the ambient
// transaction (@cc/tx) → after COMMIT the cached values it replaced are dropped. scripts/checks/rooms.mjs has the order
// of the folders.
import type { ModelId } from '@cc/schema';
import { parseModelId } from '@cc/schema/validation';
import type { Schema, TransactionManager } from '@cc/tx';
import { endingInTurn } from '@cc/tx/event-loop';
import { refuseUnknownKeys } from './checks.js';
import { createCollectionRepository } from './collections/collections.js';
import type { Context } from './context.js';
import type { CachePort } from './contract/cache-port.js';
import type { CollectionRepository } from './contract/collections.js';
import type { MetadataRepository } from './contract/metadata.js';
import type { ModelRepository } from './contract/models.js';
import type { SearchRepository } from './contract/search.js';
import type { TagRepository } from './contract/tags.js';
import { createFilterBinder } from './filter/bind-filter.js';
import { methodsOnFirstCall } from './first-call.js';
import { createIds } from './ids.js';
import { createListing } from './listing/listing.js';
import { createMetadataRepository } from './metadata/metadata.js';
import { createModelRepository } from './models/models.js';
import { namingCalls } from './named-calls.js';
import { createKept } from './read-through.js';
import { createModelLookup } from './rows/model-lookup.js';
import { createSearchRepository } from './search/search.js';
import { createTagRepository } from './tags/tags.js';
import { createNewWords } from './words/new-words.js';

/** Options of `createRepositories`. */
export interface RepositoriesOptions {
  /**
   * Keeps what is read: models, metadata, tags, and the answers to searches, listings and counts. Bound to `transactions` it sees
   * every writer; another one sees these repositories only. Default: nothing is kept.
   */
  readonly cache?: CachePort | undefined;
  /** Epoch ms. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Makes ids: UUIDs in lower case. Default: UUIDv7, which sort by their time. */
  readonly newId?: (() => string) | undefined;
}

/** The repositories of one database. */
export interface Repositories {
  readonly models: ModelRepository;
  readonly metadata: MetadataRepository;
  readonly search: SearchRepository;
  readonly tags: TagRepository;
  readonly collections: CollectionRepository;
}

/**
 * Returns the repositories over an opened database whose migrations (`migrationsFolder` of @cc/schema) are applied.
 * Their queries are built once, with the first call that needs them, and join the transaction of whoever calls them.
 * @throws TypeError for what is no transaction manager, and for a wrong or unknown option
 */
export function createRepositories<S extends Schema>(
  transactions: TransactionManager<S>,
  options: RepositoriesOptions = {},
): Repositories {
  const { cache, now, newId } = checkParts(transactions, options);
  const context: Context = {
    db: transactions.db,
    client: transactions.db.$client,
    cache,
    transactions,
    now: () => timeOf(now()),
    newId: () => idOf(newId()),
    kept: createKept(transactions, cache),
    moments: { snapshots: 0 },
  };
  const bindFilter = createFilterBinder(context);
  const lookup = createModelLookup(context);
  const listing = createListing(context, bindFilter);
  const newWords = createNewWords(context);
  const calls = <T extends object>(name: keyof Repositories, made: T): T =>
    endingInTurn(namingCalls(transactions, name, made));
  const models = methodsOnFirstCall(modelMethods, () => createModelRepository(context, lookup, listing, newWords));
  const metadata = methodsOnFirstCall(metadataMethods, () => createMetadataRepository(context, lookup, listing));
  const collections = methodsOnFirstCall(collectionMethods, () => createCollectionRepository(context));
  const tags = calls(
    'tags',
    methodsOnFirstCall(tagMethods, () => createTagRepository(context)),
  );
  return {
    models: endingInTurn(namingCalls(transactions, 'models', models, { streams: ['listAll'], named: ['read'] }), [
      'listAll',
    ]),
    metadata: calls('metadata', metadata),
    search: {
      ...calls('search', createSearchRepository({ context, listing, bindFilter, newWords })),
      tag: (modelId, name) => tags.tag(modelId, name),
      untag: (modelId, name) => tags.untag(modelId, name),
    },
    tags,
    collections: calls('collections', collections),
  };
}

function checkParts(transactions: unknown, options: RepositoriesOptions) {
  if (!has(transactions, 'db', 'object') || !has(transactions, 'transaction', 'function'))
    throw new TypeError('transactions must be a TransactionManager, as openTransactionManager of @cc/tx returns it');
  refuseUnknownKeys('options', options, ['cache', 'now', 'newId']);
  const { cache, now = Date.now, newId = createIds() } = options;
  if (cache !== undefined && !has(cache, 'region', 'function'))
    throw new TypeError('cache must be a CachePort, as openCacheManager of @cc/cache returns one');
  if (typeof now !== 'function') throw new TypeError('now must be a function that returns epoch milliseconds');
  if (typeof newId !== 'function') throw new TypeError('newId must be a function that returns a UUID in lower case');
  return { cache, now, newId };
}

function has(value: unknown, name: string, type: 'object' | 'function'): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, name) === type;
}

function timeOf(now: number): Date {
  const time = new Date(now);
  if (Number.isNaN(time.getTime())) throw new TypeError('now must return a time in epoch milliseconds');
  return time;
}

function idOf(newId: string): ModelId {
  try {
    return parseModelId(newId);
  } catch (cause) {
    throw new TypeError('newId must return a UUID in lower case', { cause });
  }
}

const modelMethods = {
  create: true,
  createMany: true,
  read: true,
  readMany: true,
  readByPath: true,
  findByHash: true,
  update: true,
  delete: true,
  upsertByPath: true,
  exists: true,
  count: true,
  list: true,
  search: true,
  listAll: true,
  findDuplicates: true,
} as const;
const metadataMethods = {
  addMetadata: true,
  updateMetadata: true,
  setMetadataValue: true,
  getMetadata: true,
  getMany: true,
  getMetadataValue: true,
  deleteMetadata: true,
  getMetadataKeys: true,
  searchByMetadata: true,
} as const;
const tagMethods = {
  tag: true,
  untag: true,
  getTags: true,
  getTagsOfMany: true,
  listTags: true,
  renameTag: true,
  mergeTags: true,
  deleteTag: true,
} as const;
const collectionMethods = {
  create: true,
  read: true,
  update: true,
  delete: true,
  list: true,
  pathOf: true,
  addModels: true,
  removeModels: true,
  modelsOf: true,
  collectionsOf: true,
} as const;
