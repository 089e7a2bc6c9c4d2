// The public names of @cc/repositories.
export type { CachePort, CacheRegion } from './cache-port.js';
export type {
  Collection,
  CollectionInput,
  CollectionPageOptions,
  CollectionRepository,
  CollectionSummary,
} from './collections/collection-repository.js';
export type { Page } from './cursor.js';
export type { MetadataCriteria, MetadataCriterion, MetadataOperator } from './metadata/criteria.js';
export type { MetadataKeyCount, MetadataRecord, MetadataRepository } from './metadata/metadata-repository.js';
export { createManyDefaults } from './models/create-many.js';
export { listDefaults } from './models/listing.js';
export type { ModelFilter } from './models/model-filter.js';
export type {
  CreateManyOptions,
  CreateManyProgress,
  CreateManySummary,
  CreateResult,
  DuplicateGroup,
  DuplicatePolicy,
  ListAllOptions,
  ListOptions,
  ModelCriteria,
  ModelRepository,
  ModelSort,
  NewModel,
  PageOptions,
  UpsertResult,
} from './models/model-repository.js';
export type { Repositories, RepositoriesOptions } from './repositories.js';
export { createRepositories } from './repositories.js';
export { searchDefaults } from './search/page-request.js';
export type {
  FacetCount,
  Highlight,
  HighlightPart,
  IndexReport,
  SavedSearch,
  SearchFacets,
  SearchHit,
  SearchOptions,
  SearchPage,
  SearchRepository,
  SearchSuggestion,
} from './search/search-repository.js';
export type { ListTagsOptions, TagCount, TagRepository } from './tags/tag-repository.js';
