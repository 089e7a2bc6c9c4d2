// The public names of @cc/repositories. What single methods take and answer beside these is in @cc/repositories/types.
export type { CachePort } from './contract/cache-port.js';
export type { CollectionRepository } from './contract/collections.js';
export type { ModelFilter } from './contract/filter.js';
export type { MetadataCriteria, MetadataRecord, MetadataRepository } from './contract/metadata.js';
export type {
  CreateManyOptions,
  DuplicatePolicy,
  ListOptions,
  ModelCriteria,
  ModelRepository,
  ModelSort,
  NewModel,
} from './contract/models.js';
export type { Page } from './contract/page.js';
export type { SearchHit, SearchOptions, SearchPage, SearchRepository } from './contract/search.js';
export type { TagRepository } from './contract/tags.js';
export { listDefaults } from './listing/listing.js';
export { createManyDefaults } from './models/many/create-many.js';
export type { Repositories, RepositoriesOptions } from './repositories.js';
export { createRepositories } from './repositories.js';
export { searchDefaults } from './search/page-request.js';
