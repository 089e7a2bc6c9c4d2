// The public names of @cc/cache.
export { CacheError } from './errors.js';
export { openCacheManager } from './open.js';
export { cacheManagerDefaults } from './options.js';
export type { CacheTier, TierEntry } from './tiers/tier.js';
export type {
  AnswerSource,
  BoundCacheManager,
  BoundChanges,
  BoundTransaction,
  BoundTransactions,
  CacheAnswer,
  Cacheable,
  CacheEvent,
  CacheLease,
  CacheManagerOptions,
  CacheRegion,
  CacheStats,
  CoherenceStats,
  DatabaseCacheManager,
  DiskOptions,
  MemoryShare,
  RegionCounts,
  RegionOptions,
  RegionStats,
  SearchFilters,
  SetOptions,
  TierStats,
  UnboundCacheManager,
  ValueOptions,
  WrapOptions,
} from './types.js';
