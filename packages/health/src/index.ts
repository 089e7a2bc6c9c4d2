// The public names of @cc/health.
export type { CaptureParametersOptions, ParameterCapture } from './advice/captured-parameters.js';
export { captureParameters, captureParametersDefaults } from './advice/captured-parameters.js';
export type { NeedlessIndex } from './advice/review-indexes.js';
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
export type { SettingFinding } from './alerts/review-settings.js';
export type { AlertRule, AlertRuleFunction, Limit, LimitOptions, RuleVerdict } from './alerts/rule.js';
export type {
  CheckFault,
  CheckFinding,
  CheckKind,
  CheckResult,
  CheckStatus,
  RunChecksOptions,
} from './checks/types.js';
export type { ContentChange, ContentDigest, DigestOptions, PartDigest } from './digest.js';
export { compareDigests, digestContent } from './digest.js';
export type { HealthHandlerOptions } from './export/handlers.js';
export { honoHealthHandler, nodeHealthHandler } from './export/handlers.js';
export type { LoggerLike, PinoLoggerOptions } from './export/pino-logger.js';
export { pinoLogger } from './export/pino-logger.js';
export type { LoadClock, LoadTestOptions, LoadTestResult } from './load-test/load-test.js';
export { loadTest, loadTestDefaults } from './load-test/load-test.js';
export type {
  MaintenanceOptions,
  MaintenanceResult,
  MaintenanceScheduleOptions,
  MaintenanceTask,
} from './maintenance/types.js';
export type { HealthFigures } from './metrics/figures.js';
export type { HealthMetric, MetricBucket, MetricType, MetricUnit, ScrapeFormat } from './metrics/metric.js';
export { createHealthMonitor } from './monitor.js';
export type { HealthMonitorOptions, HistoryOptions } from './options.js';
export { healthMonitorDefaults } from './options.js';
export type { CacheCounts, CacheRegionReport, CacheReport, RegionCounts, TierCounts } from './probes/cache-report.js';
export type { ProcessReport } from './probes/process-probe.js';
export type { StorageReport } from './probes/storage.js';
export type { DatabaseSource } from './questions.js';
export { formatHealthReport } from './report/format-report.js';
export type { HealthCheck, HealthJson } from './report/health-json.js';
export type { ChartSeries, DatabaseHealthReport, QueriesReport, Recommendation } from './report/report.js';
export { healthReportPage } from './report/report-page.js';
export type { HealthSource } from './source.js';
export type { DurationSummary } from './statistics/durations.js';
export type { Exemplar, TraceReference } from './statistics/exemplars.js';
export type { SlowBy, StatementStatistics } from './statistics/query-statistics.js';
export type { TransactionsReport, WaitsReport } from './statistics/transaction-statistics.js';
export type { CurrentHealth, HealthStatus } from './status.js';
export type {
  DatabaseHealthMonitor,
  Measured,
  MetricsOptions,
  QueryExecution,
  ScrapeOptions,
  SlowQueriesOptions,
} from './types.js';
