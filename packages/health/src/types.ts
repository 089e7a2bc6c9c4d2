// The public interfaces of @cc/health: what createHealthMonitor returns. What it needs is in source.ts.
import type { DatabaseErrorType } from '@cc/tx/errors';
import type { SlowBy, StatementStatistics } from './query-statistics.js';
import type { DatabaseHealthReport, HealthMetric } from './report.js';
import type { HealthStatus } from './status.js';

/** One statement that ended. */
export interface QueryExecution {
  /** Grouped by fingerprint; literals in it are never shown. */
  readonly sql: string;
  readonly durationMs: number;
  /** Default true. */
  readonly success?: boolean;
  /** Rows returned. Default 0. */
  readonly rows?: number;
  /** Why it failed. `constraint` and `aborted` are counted, but are no sign of a sick database. Default `unknown`. */
  readonly errorType?: DatabaseErrorType;
}

/** Which statements `getSlowQueries` returns. */
export interface SlowQueriesOptions {
  /** Default 10. */
  readonly limit?: number;
  /** Default `p95`. */
  readonly by?: SlowBy;
}

/** The status now. */
export interface CurrentHealth {
  readonly status: HealthStatus;
  /** One sentence for each thing that is not as it should be, the worst first. Empty when all is well. */
  readonly reasons: readonly string[];
  readonly asOf: Date;
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
  /** Starts to count what the transaction manager reports. A second call does nothing. */
  startMonitoring(): Promise<void>;
  /** Stops counting. A second call does nothing. */
  stopMonitoring(): Promise<void>;
  /** Counts a statement that ran outside the transaction manager. Never throws. */
  recordQueryExecution(execution: QueryExecution): void;
  /** Returns the worst statements first. @throws TypeError for an unknown option */
  getSlowQueries(options?: SlowQueriesOptions): readonly StatementStatistics[];
  /** Returns the status from what is known, without asking the database. */
  getCurrentHealthStatus(): CurrentHealth;
  /** Reads the storage and returns every figure as one flat list. Never rejects. */
  getHealthMetrics(): Promise<readonly HealthMetric[]>;
  /** Reads the storage and returns everything that is known. Never rejects; carries no bound or literal values. */
  generateHealthReport(): Promise<DatabaseHealthReport>;
  /** Runs `work` and counts its duration under `name`. Rejects as `work` does, and counts that as an error. */
  measure<T>(name: string, work: () => T | Promise<T>): Promise<Measured<T>>;
}
