// The public names of @cc/cache.
export { CacheError } from './errors.js';
export { openCacheManager } from './open.js';
export type { CacheManagerOptions } from './options.js';
export { cacheManagerDefaults } from './options.js';
export type {
  Cacheable,
  CacheEvent,
  CacheLease,
  CacheRegion,
  CacheStats,
  DatabaseCacheManager,
  RegionOptions,
  RegionStats,
  SearchFilters,
  SetOptions,
} from './types.js';
