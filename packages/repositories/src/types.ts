// The entry @cc/repositories/types: what single methods take and answer, for those who name it or implement an interface.
export type { CacheRegion } from './cache-port.js';
export type {
  Collection,
  CollectionInput,
  CollectionPageOptions,
  CollectionSummary,
} from './collections/collection-repository.js';
export type { MetadataCriterion, MetadataOperator } from './metadata/criteria.js';
export type { MetadataKeyCount } from './metadata/metadata-repository.js';
export type {
  CreateManyProgress,
  CreateManySummary,
  CreateResult,
  DuplicateGroup,
  ListAllOptions,
  PageOptions,
  UpsertResult,
} from './models/model-repository.js';
export type {
  FacetCount,
  Highlight,
  HighlightPart,
  IndexReport,
  SavedSearch,
  SearchFacets,
  SearchSuggestion,
} from './search/search-repository.js';
export type { ListTagsOptions, TagCount } from './tags/tag-repository.js';
