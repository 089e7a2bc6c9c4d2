// The public names of @cc/repositories: the factory, the defaults, and every type that a signature names.
export type { CachePort, CacheRegion } from './contract/cache-port.js';
export type {
  Collection,
  CollectionInput,
  CollectionPageOptions,
  CollectionPatch,
  CollectionRepository,
  CollectionSummary,
} from './contract/collections.js';
export type { ModelFilter } from './contract/filter.js';
export type {
  MetadataCriteria,
  MetadataCriterion,
  MetadataKeyCount,
  MetadataOperator,
  MetadataRecord,
  MetadataRepository,
} from './contract/metadata.js';
export type {
  CreateManyOptions,
  CreateManyProgress,
  CreateManySummary,
  CreateResult,
  DuplicateGroup,
  DuplicatePolicy,
  FindDuplicatesOptions,
  ListAllOptions,
  ListOptions,
  ModelCriteria,
  ModelRepository,
  ModelSort,
  NewModel,
  UpsertResult,
} from './contract/models.js';
export type { Page, PageOptions } from './contract/page.js';
export type {
  FacetCount,
  Highlight,
  HighlightPart,
  IndexReport,
  ReindexOptions,
  SavedSearch,
  SearchFacets,
  SearchHit,
  SearchOptions,
  SearchPage,
  SearchRepository,
  SearchSuggestion,
  VerifyIndexOptions,
} from './contract/search.js';
export type { ListTagsOptions, TagCount, TagRepository } from './contract/tags.js';
export { listDefaults } from './listing/listing.js';
export { createManyDefaults } from './models/many/create-many.js';
export type { Repositories, RepositoriesOptions } from './repositories.js';
export { createRepositories } from './repositories.js';
export { searchDefaults } from './search/page-request.js';
