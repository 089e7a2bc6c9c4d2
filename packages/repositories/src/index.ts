// The public names of @cc/repositories. What single methods take and answer beside these is in @cc/repositories/types.
export type { CachePort } from './cache-port.js';
export type { CollectionRepository } from './collections/collection-repository.js';
export type { Page } from './cursor.js';
export type { MetadataCriteria } from './metadata/criteria.js';
export type { MetadataRecord, MetadataRepository } from './metadata/metadata-repository.js';
export { createManyDefaults } from './models/create-many.js';
export { listDefaults } from './models/listing.js';
export type { ModelFilter } from './models/model-filter.js';
export type {
  CreateManyOptions,
  DuplicatePolicy,
  ListOptions,
  ModelCriteria,
  ModelRepository,
  ModelSort,
  NewModel,
} from './models/model-repository.js';
export type { Repositories, RepositoriesOptions } from './repositories.js';
export { createRepositories } from './repositories.js';
export { searchDefaults } from './search/page-request.js';
export type { SearchHit, SearchOptions, SearchPage, SearchRepository } from './search/search-repository.js';
export type { TagRepository } from './tags/tag-repository.js';
