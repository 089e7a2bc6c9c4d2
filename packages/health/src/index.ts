// The public names of @cc/health.
export type {
  AnalyzeOptions,
  BoundValue,
  IndexAdvice,
  PlanNode,
  QueryAnalysis,
  QueryToAnalyze,
  RefusedIndex,
} from './advice/types.js';
export type { Advice, AlertHistoryOptions, HealthAlert, SilenceOptions } from './alerts/alert.js';
export type { Severity } from './alerts/alert-state.js';
export type { LimitName, Limits } from './alerts/limits.js';
export { healthLimits } from './alerts/limits.js';
export type { AlertListener, WebhookOptions } from './alerts/notifier.js';
export type { AlertRule, AlertRuleFunction, HealthFigures, Limit, LimitOptions, RuleVerdict } from './alerts/rule.js';
export type {
  CheckFault,
  CheckFinding,
  CheckKind,
  CheckResult,
  CheckStatus,
  RunChecksOptions,
} from './checks/types.js';
export type { ContentChange, ContentDigest, DigestOptions, TableDigest } from './digest.js';
export { compareDigests, digestContent } from './digest.js';
export type { DurationSummary } from './durations.js';
export type { HealthHandlerOptions } from './export/handlers.js';
export { honoHealthHandler, nodeHealthHandler } from './export/handlers.js';
export type { HealthCheck, HealthJson } from './export/health-json.js';
export type { LoggerLike, PinoLoggerOptions } from './export/pino-logger.js';
export { pinoLogger } from './export/pino-logger.js';
export type { HealthMetric, MetricType, MetricUnit } from './metrics/metric.js';
export { createHealthMonitor } from './monitor.js';
export type { HealthMonitorOptions, HistoryOptions } from './options.js';
export { healthMonitorDefaults } from './options.js';
export type { CacheCounts, CacheRegionReport, CacheReport, RegionCounts } from './probes/cache-report.js';
export type { ProcessReport } from './probes/process-probe.js';
export type { StorageReport } from './probes/storage.js';
export type { SlowBy, StatementStatistics } from './query-statistics.js';
export type { DatabaseSource } from './questions.js';
export { formatHealthReport } from './report/format-report.js';
export type { ChartSeries, DatabaseHealthReport, QueriesReport, Recommendation } from './report/report.js';
export { healthReportPage } from './report/report-page.js';
export type { HealthSource } from './source.js';
export type { HealthStatus } from './status.js';
export type { TransactionsReport, WaitsReport } from './transaction-statistics.js';
export type {
  CurrentHealth,
  DatabaseHealthMonitor,
  Measured,
  MetricsOptions,
  QueryExecution,
  SlowQueriesOptions,
} from './types.js';
