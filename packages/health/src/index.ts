// The public names of @cc/health.
export type { DurationSummary } from './durations.js';
export { formatHealthReport } from './format-report.js';
export { createHealthMonitor } from './monitor.js';
export type { CacheCounts, HealthMonitorOptions } from './options.js';
export { healthMonitorDefaults } from './options.js';
export type { SlowBy, StatementStatistics } from './query-statistics.js';
export type { CacheReport, DatabaseHealthReport, HealthMetric, QueriesReport } from './report.js';
export type { HealthSource } from './source.js';
export type { HealthStatus } from './status.js';
export type { StorageReport } from './storage.js';
export type { TransactionsReport, WaitsReport } from './transaction-statistics.js';
export type {
  CurrentHealth,
  DatabaseHealthMonitor,
  Measured,
  QueryExecution,
  SlowQueriesOptions,
} from './types.js';
