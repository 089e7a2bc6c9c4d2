// The report: everything that is known about a database at one moment, as a plain object.
import type { PoolStats } from '@cc/tx';
import type { DatabaseErrorType } from '@cc/tx/errors';
import type { DurationSummary } from './durations.js';
import type { StatementStatistics } from './query-statistics.js';
import type { HealthStatus } from './status.js';
import type { StorageReport } from './storage.js';
import type { TransactionsReport, WaitsReport } from './transaction-statistics.js';

/** Statistics of all statements. */
export interface QueriesReport extends DurationSummary {
  readonly rows: number;
  readonly slowCalls: number;
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

/** Counts of the application's cache. */
export interface CacheReport {
  readonly hits: number;
  readonly misses: number;
  /** 0 to 1; null before the first lookup. */
  readonly hitRatio: number | null;
  readonly entries: number | null;
  readonly bytes: number | null;
}

/** What is known about a database at one moment. */
export interface DatabaseHealthReport {
  readonly generatedAt: Date;
  readonly url: string;
  readonly status: HealthStatus;
  readonly reasons: readonly string[];
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
  readonly process: { readonly rssBytes: number; readonly heapBytes: number; readonly uptimeMs: number };
}

/** One figure. */
export interface HealthMetric {
  /** Words with dots, and underscores within a word: `query.p95`. */
  readonly name: string;
  readonly unit: 'count' | 'ms' | 'bytes' | 'ratio';
  /** `unsupported`: this database or configuration has no such figure. */
  readonly value: number | 'unsupported';
}

/** Returns the figures of a report as a flat list. */
export function metricsOf(report: DatabaseHealthReport): HealthMetric[] {
  const { queries, transactions, pool, waits, cache, process } = report;
  const storage = report.storage.readable ? report.storage : null;
  const counts: [name: string, value: number | null | undefined][] = [
    ['query.calls', queries.calls],
    ['query.errors', queries.errors],
    ['query.slow_calls', queries.slowCalls],
    ['query.statements', queries.statements],
    ['query.recent.calls', queries.recent.calls],
    ['transaction.committed', transactions.committed],
    ['transaction.rolled_back', transactions.rolledBack],
    ['transaction.retries', transactions.retries],
    ['transaction.hook_errors', transactions.hookErrors],
    ['transaction.open', pool?.openTransactions],
    ['pool.waits', waits.waits],
    ['pool.writers_waiting', pool?.writersWaiting],
    ['pool.readers_open', pool?.readersOpen],
    ['pool.readers_busy', pool?.readersBusy],
    ['pool.readers_waiting', pool?.readersWaiting],
    ['pool.connections_replaced', pool?.connectionsReplaced],
    ['storage.pages', storage?.pageCount],
    ['storage.free_pages', storage?.freePages],
    ['cache.entries', cache?.entries],
  ];
  const times: typeof counts = [
    ['query.total', queries.totalMs],
    ['query.p50', queries.p50Ms],
    ['query.p95', queries.p95Ms],
    ['query.p99', queries.p99Ms],
    ['query.max', queries.maxMs],
    ['query.recent.p95', queries.recent.p95Ms],
    ['transaction.p95', transactions.p95Ms],
    ['transaction.max', transactions.maxMs],
    ['pool.wait_p95', waits.p95Ms],
    ['process.uptime', process.uptimeMs],
  ];
  const sizes: typeof counts = [
    ['storage.size', storage?.bytes],
    ['storage.wal_size', storage?.walBytes],
    ['cache.size', cache?.bytes],
    ['process.rss', process.rssBytes],
    ['process.heap', process.heapBytes],
  ];
  const ratios: typeof counts = [
    ['query.recent.error_rate', queries.recent.errorRate],
    ['cache.hit_ratio', cache?.hitRatio],
  ];
  const units = { count: counts, ms: times, bytes: sizes, ratio: ratios } as const;
  return Object.entries(units).flatMap(([unit, figures]) =>
    figures.map(([name, value]) => ({ name, unit: unit as keyof typeof units, value: value ?? 'unsupported' })),
  );
}
