// The public names of @cc/cache.
export type { BoundChanges, BoundTransaction, BoundTransactions, BoundWitnessed } from './contract/bound.js';
export type {
  AnswerSource,
  BoundCacheManager,
  CacheAnswer,
  Cacheable,
  CacheEvent,
  CacheLease,
  CacheManagerOptions,
  CacheRegion,
  DatabaseCacheManager,
  DiskOptions,
  MemoryShare,
  RegionOptions,
  SearchFilters,
  SetOptions,
  UnboundCacheManager,
  ValueOptions,
  WrapOptions,
} from './contract/cache.js';
export type { CacheStats, CoherenceStats, RegionCounts, RegionStats, TierStats } from './contract/statistics.js';
export type { CacheTier, TierEntry } from './contract/tier.js';
export { CacheError } from './errors.js';
export { openCacheManager } from './open.js';
export { cacheManagerDefaults } from './options.js';
