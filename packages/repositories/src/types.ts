// The entry @cc/repositories/types: what single methods take and answer, for those who name it or implement an interface.
export type { CacheRegion } from './contract/cache-port.js';
export type { Collection, CollectionInput, CollectionPageOptions, CollectionSummary } from './contract/collections.js';
export type { MetadataCriterion, MetadataKeyCount, MetadataOperator } from './contract/metadata.js';
export type {
  CreateManyProgress,
  CreateManySummary,
  CreateResult,
  DuplicateGroup,
  ListAllOptions,
  UpsertResult,
} from './contract/models.js';
export type { PageOptions } from './contract/page.js';
export type {
  FacetCount,
  Highlight,
  HighlightPart,
  IndexReport,
  SavedSearch,
  SearchFacets,
  SearchSuggestion,
} from './contract/search.js';
export type { ListTagsOptions, TagCount } from './contract/tags.js';
