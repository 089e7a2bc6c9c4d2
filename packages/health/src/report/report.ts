// The report: everything that is known about a database at one moment, as a plain object.
import type { PoolStats } from '@cc/tx';
import type { DatabaseErrorType } from '@cc/tx/errors';
import type { Advice, HealthAlert } from '../alerts/alert.js';
import type { SettingFinding } from '../alerts/review-settings.js';
import type { CheckResult } from '../checks/types.js';
import type { MetricUnit } from '../metrics/metric.js';
import type { CacheReport } from '../probes/cache-report.js';
import type { ProcessReport } from '../probes/process-probe.js';
import type { StorageReport } from '../probes/storage.js';
import type { DurationSummary } from '../statistics/durations.js';
import type { StatementStatistics } from '../statistics/query-statistics.js';
import type { TransactionsReport, WaitsReport } from '../statistics/transaction-statistics.js';
import type { HealthStatus } from '../status.js';

/** Statistics of all statements. */
export interface QueriesReport extends DurationSummary {
  readonly rows: number;
  readonly slowCalls: number;
  /** Calls that a cache answered, as far as `recordQueryExecution` was told. */
  readonly cacheHits: number;
  /** Failed statements by type of error. */
  readonly errorsByType: Readonly<Partial<Record<DatabaseErrorType, number>>>;
  /** Fingerprints told apart. */
  readonly statements: number;
  /** Calls of statements beyond `maxStatements`; they are part of the sums. */
  readonly otherCalls: number;
  /** The last one to two windows, which the status is judged by. */
  readonly recent: DurationSummary & { readonly errorRate: number };
  /** The ten statements with the longest 95th percentile. */
  readonly slowest: readonly StatementStatistics[];
}

/** One line of a chart: a figure over the last readings. */
export interface ChartSeries {
  readonly title: string;
  readonly unit: MetricUnit;
  readonly points: readonly { readonly at: Date; readonly value: number }[];
}

/** Something to do, and why. */
export interface Recommendation extends Advice {
  readonly reason: string;
}

/** What is known about a database at one moment. */
export interface DatabaseHealthReport {
  readonly generatedAt: Date;
  readonly url: string;
  readonly status: HealthStatus;
  readonly reasons: readonly string[];
  /** Those that are pending or firing, the worst first. */
  readonly alerts: readonly HealthAlert[];
  readonly recommendations: readonly Recommendation[];
  /** The last result of each kind of check that `runChecks` carried out. */
  readonly checks: readonly CheckResult[];
  /** Settings that are wrong or dear; null where they are the server's, and where nobody answered. */
  readonly settings: readonly SettingFinding[] | null;
  /** How often the transaction manager told, while monitoring, that the database lies where other machines may write. */
  readonly storageWarnings: number;
  readonly queries: QueriesReport;
  readonly transactions: TransactionsReport;
  /** Null when the pool did not answer. */
  readonly pool: PoolStats | null;
  readonly waits: WaitsReport;
  readonly storage: StorageReport;
  /** Null without `cacheStats`, or when it failed. */
  readonly cache: CacheReport | null;
  /** What `measure` counted, by name. */
  readonly operations: readonly (DurationSummary & { readonly name: string })[];
  readonly process: ProcessReport;
  /** The readings of the last hour at the default interval. */
  readonly charts: readonly ChartSeries[];
}
