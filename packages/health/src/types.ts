// The public interfaces of @cc/health: what createHealthMonitor returns. What it needs is in source.ts.
import type { DatabaseErrorType } from '@cc/tx/errors';
import type { NeedlessIndex } from './advice/review-indexes.js';
import type { AnalyzeOptions, QueryAnalysis, QueryToAnalyze } from './advice/types.js';
import type { AlertHistoryOptions, HealthAlert, SilenceOptions } from './alerts/alert.js';
import type { AlertListener } from './alerts/notifier.js';
import type { CheckKind, CheckResult, RunChecksOptions } from './checks/types.js';
import type { MaintenanceOptions, MaintenanceResult } from './maintenance/types.js';
import type { HealthMetric, ScrapeFormat } from './metrics/metric.js';
import type { HealthJson } from './report/health-json.js';
import type { DatabaseHealthReport } from './report/report.js';
import type { SlowBy, StatementStatistics } from './statistics/query-statistics.js';
import type { CurrentHealth } from './status.js';

/** One statement that ended. */
export interface QueryExecution {
  /** Grouped by fingerprint; literals in it are never shown. */
  readonly sql: string;
  readonly durationMs: number;
  /** Default true. */
  readonly success?: boolean | undefined;
  /** Rows returned. Default 0. */
  readonly rows?: number | undefined;
  /** A cache answered it. Default false. */
  readonly cacheHit?: boolean | undefined;
  /** Which call it ran in, such as `checkout`. Never a value. */
  readonly label?: string | undefined;
  /** Why it failed. `constraint` and `aborted` are counted, but are no sign of a sick database. Default `unknown`. */
  readonly errorType?: DatabaseErrorType | undefined;
}

/** Which statements `getSlowQueries` returns. */
export interface SlowQueriesOptions {
  /** Default 10. */
  readonly limit?: number | undefined;
  /** Default `p95`. */
  readonly by?: SlowBy | undefined;
}

/**
 * Which figures `getHealthMetrics` returns. With `since` or `until` those of earlier readings, else those of now; the figures of
 * single statements and of `measure` are not kept.
 */
export interface MetricsOptions {
  /** Such as `cc_db_wal_bytes`. Default: all. */
  readonly name?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** What `toPrometheus` takes. */
export interface ScrapeOptions {
  /** Default `prometheus`: `text/plain; version=0.0.4`. `openmetrics`: `application/openmetrics-text; version=1.0.0`. */
  readonly format?: ScrapeFormat | undefined;
}

/** What `measure` returns. */
export interface Measured<T> {
  readonly result: T;
  readonly durationMs: number;
  /** Change of the JavaScript heap and of buffers outside it; garbage collection meanwhile can make it negative. */
  readonly memoryDeltaBytes: number;
}

/** Watches one database. Statistics count from `startMonitoring()`; they stay when it stops. */
export interface DatabaseHealthMonitor extends AsyncDisposable {
  /**
   * Starts to count what the transaction manager reports, and to read all figures and judge all rules every `intervalMs`.
   * Resolves after the first reading. Its timers keep no process alive. A second call does nothing.
   */
  startMonitoring(): Promise<void>;
  /**
   * Stops, after the reading under way; what is to be told of alerts has a second for it, in which the process stays alive.
   * A second call does nothing.
   */
  stopMonitoring(): Promise<void>;
  /** Counts a statement that ran outside the transaction manager. Never throws. */
  recordQueryExecution(execution: QueryExecution): void;
  /** Returns the worst statements first. @throws TypeError for an unknown option */
  getSlowQueries(options?: SlowQueriesOptions): readonly StatementStatistics[];
  /** Returns the status from what is known, without asking the database. */
  getCurrentHealthStatus(): CurrentHealth;
  /**
   * Reads every figure, or with `since` or `until` returns those of earlier readings, in order of time. Never rejects for
   * the database's sake. @throws TypeError for an unknown option, and for earlier readings of a figure that is not kept
   */
  getHealthMetrics(options?: MetricsOptions): Promise<readonly HealthMetric[]>;
  /** Returns the alerts that are pending or firing, the worst first. */
  getActiveAlerts(): readonly HealthAlert[];
  /** Returns alerts that have fired, the newest first, with a history file also those of earlier runs. */
  getAlertHistory(options?: AlertHistoryOptions): Promise<readonly HealthAlert[]>;
  /** Notes that somebody has taken an alert on. False when no active alert has that id. */
  acknowledgeAlert(id: string, options?: { readonly by?: string | undefined }): boolean;
  /**
   * Notifies nobody of alerts for a while; they still count for the status. When it ends, those that fire are told, and the
   * end of those that were told before. @throws TypeError for an unknown rule
   */
  silence(options: SilenceOptions): void;
  /** Calls `listener` with each alert that fires, gets worse or milder, or is resolved. Returns the function that ends it. */
  onAlert(listener: AlertListener): () => void;
  /** Reads the storage and returns everything that is known. Never rejects; carries no bound or literal values. */
  generateHealthReport(): Promise<DatabaseHealthReport>;
  /**
   * Runs checks one after the other, away from the event loop and without locks that the application waits for. What they
   * find is an alert until the same check finds nothing.
   *
   * @throws TypeError for an unknown kind, or a monitor that was not made with a transaction manager
   * @throws DatabaseError `aborted`, `closed`
   */
  runChecks(kinds: readonly CheckKind[], options?: RunChecksOptions): Promise<readonly CheckResult[]>;
  /**
   * Explains a statement and looks for an index that halves its work, proven on a copy. `query`: a statement of
   * `getSlowQueries`, which gives the plan, or a text with the values that it was called with, which gives advice.
   *
   * @throws TypeError for a statement that was not counted; DatabaseError what it fails with
   */
  analyzeQuery(query: string | QueryToAnalyze, options?: AnalyzeOptions): Promise<QueryAnalysis>;
  /**
   * Names the indexes that need not be there: those that another begins with, and those that no plan of `queries` has, by
   * default of the captured ones.
   */
  reviewIndexes(queries?: readonly QueryToAnalyze[], options?: AnalyzeOptions): Promise<readonly NeedlessIndex[]>;
  /**
   * Renews statistics, merges full-text indexes, trims the history, gives free pages back and empties the log, beside running
   * writers. What goes wrong in one is its result.
   *
   * @throws TypeError for an unknown task; DatabaseError `aborted` (`TX_FORBIDDEN` inside a transaction), `closed`
   */
  runMaintenance(options?: MaintenanceOptions): Promise<readonly MaintenanceResult[]>;
  /**
   * Returns the figures in a text format of Prometheus: the counts of now, the rest of the last reading. With the format
   * `openmetrics` the buckets of histograms have exemplars. @throws TypeError for an unknown option or format
   */
  toPrometheus(options?: ScrapeOptions): string;
  /** Returns the status as `application/health+json`, with the HTTP status that belongs to it. */
  toHealthJson(): HealthJson;
  /** True: this process answers. */
  livez(): boolean;
  /** Whether the database answers within a second. */
  readyz(): Promise<boolean>;
  /** Runs `work` and counts its duration under `name`. Rejects as `work` does, and counts that as an error. */
  measure<T>(name: string, work: () => T | Promise<T>): Promise<Measured<T>>;
}
