// Puts the repositories of one database together. From here a call goes: repository → read-through → prepared drizzle
// query → the connection of the ambient transaction (@cc/tx) → after COMMIT the cached values it replaced are dropped.
import type { Schema, TransactionManager } from '@cc/tx';
import { endingInTurn } from '@cc/tx/event-loop';
import type { CachePort } from './cache-port.js';
import type { CollectionRepository } from './collections/collection-repository.js';
import { createCollectionRepository } from './collections/collections.js';
import type { Context } from './context.js';
import { createIds } from './ids.js';
import { refuseUnknownKeys } from './known-keys.js';
import { createMetadataRepository } from './metadata/metadata.js';
import type { MetadataRepository } from './metadata/metadata-repository.js';
import { createFilterBinder } from './models/bind-filter.js';
import { createListing } from './models/listing.js';
import { createModelLookup } from './models/model-lookup.js';
import type { ModelRepository } from './models/model-repository.js';
import { createModelRepository } from './models/models.js';
import { createReadThrough, createReadThroughAll } from './read-through.js';
import { createNewWords } from './search/new-words.js';
import { createSearchRepository } from './search/search.js';
import type { SearchRepository } from './search/search-repository.js';
import type { TagRepository } from './tags/tag-repository.js';
import { createTagRepository } from './tags/tags.js';

/** Options of `createRepositories`. */
export interface RepositoriesOptions {
  /** Keeps single models, metadata records and search pages. Default: nothing is kept. */
  readonly cache?: CachePort | undefined;
  /** The clock. Default: the system's. */
  readonly now?: (() => Date) | undefined;
  /** Makes ids: UUIDs in lower case. Default: UUIDv7, which sort by their time. */
  readonly newId?: (() => string) | undefined;
}

/** The repositories of one database. */
export interface Repositories {
  readonly models: ModelRepository;
  readonly metadata: MetadataRepository;
  readonly search: SearchRepository;
  /** Also part of `search`, under the same names. */
  readonly tags: TagRepository;
  readonly collections: CollectionRepository;
}

/**
 * Returns the repositories over an opened database whose migrations (`migrationsFolder` of @cc/schema) are applied.
 * Their queries are built here, once, and join the transaction of whoever calls them.
 * @throws TypeError for an unknown option
 */
export function createRepositories<S extends Schema>(
  transactions: TransactionManager<S>,
  options: RepositoriesOptions = {},
): Repositories {
  refuseUnknownKeys('options', options, ['cache', 'now', 'newId']);
  const { cache, now = () => new Date(), newId = createIds() } = options;
  const context: Context = {
    db: transactions.db,
    client: transactions.db.$client,
    caches: cache !== undefined,
    transactions,
    now,
    newId,
    cachedModels: createReadThrough(transactions, cache, 'models'),
    cachedMetadata: createReadThrough(transactions, cache, 'metadata'),
    cachedPages: createReadThroughAll(transactions, cache, 'search'),
  };
  const bindFilter = createFilterBinder(context);
  const lookup = createModelLookup(context);
  const listing = createListing(context, bindFilter);
  const newWords = createNewWords(context);
  const tags = endingInTurn(createTagRepository(context, lookup));
  return {
    models: endingInTurn(createModelRepository(context, lookup, listing, newWords), ['listAll']),
    metadata: endingInTurn(createMetadataRepository(context, lookup, listing)),
    // Those of tags are the same functions.
    search: { ...endingInTurn(createSearchRepository(context, tags, listing, bindFilter, newWords)), ...tags },
    tags,
    collections: endingInTurn(createCollectionRepository(context)),
  };
}
