// Puts what was counted and read into figures. What a target or system does not have is `unsupported`, never 0.
import type { PoolStats } from '@cc/tx';
import type { CacheRegionReport, CacheReport } from '../probes/cache-report.js';
import type { ProcessReport } from '../probes/process-probe.js';
import type { StorageReport } from '../probes/storage.js';
import type { DurationBuckets } from '../statistics/duration-buckets.js';
import type { Durations } from '../statistics/durations.js';
import type { RecentWindow } from '../statistics/recent-durations.js';
import type { TransactionStatistics } from '../statistics/transaction-statistics.js';
import { wellFormed } from '../statistics/well-formed.js';
import type { MetricName } from './catalogue.js';
import type { HealthMetric } from './metric.js';
import { MetricList, Unsupported } from './metric-list.js';

/** What is known at one moment. */
export interface Known {
  readonly at: Date;
  readonly target: string | undefined;
  readonly queries: {
    readonly total: {
      readonly calls: number;
      readonly rows: number;
      readonly slowCalls: number;
      readonly fullScanSteps: number | null;
    };
    readonly buckets: DurationBuckets;
    readonly errorsByType: ReadonlyMap<string, number>;
    readonly statements: number;
    readonly otherCalls: number;
    readonly recent: RecentWindow;
  };
  readonly busy: { readonly total: number; readonly perMinute: number };
  readonly transactions: TransactionStatistics;
  readonly recentWaits: RecentWindow;
  /** Null when the pool did not answer. */
  readonly pool: PoolStats | null;
  /** Null before the first reading. */
  readonly storage: StorageReport | null;
  readonly process: ProcessReport | null;
  readonly cache: CacheReport | null;
  readonly hasCache: boolean;
  readonly replica: { readonly lagMs: number; readonly errors: number } | null;
  readonly alerts: readonly { readonly rule: string; readonly severity: string; readonly state: string }[];
  readonly readingMs: number | null;
  /** Null without a history file. */
  readonly historyErrors: number | null;
  readonly notificationErrors: number;
  /** Null when they could not be read, undefined where they are somebody else's. */
  readonly settings: readonly { readonly severity: 'WARNING' | 'NOTE' }[] | null | undefined;
  /** Undefined where nobody can tell. */
  readonly sharedFileSystem: string | null | undefined;
  readonly storageWarnings: number;
}

/** The figures that rules judge; those of single statements and operations are `detailMetrics`. */
export function coreMetrics(known: Known): HealthMetric[] {
  const list = new MetricList(known.at);
  addQueries(list, known);
  addTransactions(list, known);
  addPool(list, known);
  addStorage(list, known);
  addSettings(list, known);
  addProcess(list, known.process);
  addCache(list, known);
  const noReplica = new Unsupported('only a replica has it');
  list.add('cc_db_replica_lag_seconds', known.replica ? known.replica.lagMs / 1_000 : noReplica);
  list.add('cc_db_replica_sync_errors_total', known.replica ? known.replica.errors : noReplica);
  for (const { rule, severity, state } of known.alerts) list.add('cc_health_alerts', 1, { rule, severity, state });
  list.add('cc_health_reading_seconds', known.readingMs === null ? null : known.readingMs / 1_000);
  list.add('cc_health_history_errors_total', known.historyErrors ?? new Unsupported('no history file is configured'));
  list.add('cc_health_notification_errors_total', known.notificationErrors);
  return list.metrics;
}

/** Whether a figure is one of `detailMetrics`. */
export function isDetail(name: string): boolean {
  return details.has(name);
}

const details: ReadonlySet<string> = new Set<MetricName>([
  ...(['cc_db_statement_duration_seconds', 'cc_db_statement_errors_total', 'cc_db_statement_rows_total'] as const),
  'cc_operation_duration_seconds',
]);

/** The figures of single statements and of what `measure` ran: all, or those of one name. */
export function detailMetrics(
  at: Date,
  statements: readonly (readonly [name: string, counts: Durations & { readonly rows: number }])[],
  operations: readonly (readonly [name: string, counts: Durations])[],
  only?: string,
): HealthMetric[] {
  const list = new MetricList(at);
  const wants = (name: MetricName): boolean => only === undefined || only === name;
  for (const [statement, counts] of statements) {
    const name = 'cc_db_statement_duration_seconds';
    if (wants(name)) list.summary(name, counts, { statement });
    if (wants('cc_db_statement_errors_total')) list.add('cc_db_statement_errors_total', counts.errors, { statement });
    if (wants('cc_db_statement_rows_total')) list.add('cc_db_statement_rows_total', counts.rows, { statement });
  }
  if (wants('cc_operation_duration_seconds'))
    for (const [operation, counts] of operations) list.summary('cc_operation_duration_seconds', counts, { operation });
  return list.metrics;
}

function addQueries(list: MetricList, { queries, busy }: Known): void {
  const { total, buckets, errorsByType, statements, otherCalls, recent } = queries;
  list.add('cc_db_queries_total', total.calls);
  for (const [type, errors] of errorsByType) list.add('cc_db_query_errors_total', errors, { type });
  if (errorsByType.size === 0) list.add('cc_db_query_errors_total', 0, { type: 'unknown' });
  list.add('cc_db_query_rows_total', total.rows);
  list.add('cc_db_slow_queries_total', total.slowCalls);
  list.add('cc_db_busy_errors_total', busy.total);
  const notAsked = new Unsupported(
    'SQLite is asked for it while monitoring, on a file with a write-ahead log and in memory',
  );
  list.add('cc_db_full_scan_steps_total', total.fullScanSteps ?? notAsked);
  list.histogram('cc_db_query_duration_seconds', buckets);
  list.add('cc_db_statements', statements);
  list.add('cc_db_statement_overflow_calls_total', otherCalls);
  list.add('cc_db_recent_queries', recent.calls);
  list.add('cc_db_recent_query_error_ratio', recent.calls === 0 ? 0 : recent.faults / recent.calls);
  list.add('cc_db_recent_query_p95_seconds', recent.percentile(0.95) / 1_000);
  list.add('cc_db_recent_busy_errors_per_minute', busy.perMinute);
}

function addTransactions(list: MetricList, { transactions, pool }: Known): void {
  const { committed, rolledBack, unknown, retries, hookErrors } = transactions.transactions();
  list.add('cc_db_transactions_total', committed, { outcome: 'commit' });
  list.add('cc_db_transactions_total', rolledBack, { outcome: 'rollback' });
  list.add('cc_db_transactions_total', unknown, { outcome: 'unknown' });
  list.add('cc_db_transaction_retries_total', retries);
  list.histogram('cc_db_transaction_duration_seconds', transactions.transactionBuckets);
  list.add('cc_db_transactions_open', pool?.openTransactions ?? null);
  const oldestMs = transactions.oldestMs();
  const off = new Unsupported('it is measured while monitoring is on');
  list.add('cc_db_oldest_transaction_seconds', oldestMs === null ? off : oldestMs / 1_000);
  list.add('cc_db_hook_errors_total', hookErrors);
}

function addPool(list: MetricList, { pool, transactions, recentWaits }: Known): void {
  // The writer is one connection more, and is always open.
  const open = pool && pool.readersOpen + 1;
  const busy = pool && pool.readersBusy + (pool.writerBusy ? 1 : 0);
  list.add('cc_db_connections', open, { state: 'open' });
  list.add('cc_db_connections', busy, { state: 'busy' });
  list.add('cc_db_connections', open === null || busy === null ? null : open - busy, { state: 'idle' });
  list.add('cc_db_connection_waiters', pool && pool.writersWaiting, { mode: 'write' });
  list.add('cc_db_connection_waiters', pool && pool.readersWaiting, { mode: 'read' });
  list.histogram('cc_db_connection_wait_seconds', transactions.waitBuckets);
  list.add('cc_db_connection_wait_p95_seconds', recentWaits.percentile(0.95) / 1_000);
  list.add('cc_db_connections_replaced_total', pool && pool.connectionsReplaced);
}

function addStorage(list: MetricList, { storage, target }: Known): void {
  const read = storage?.readable ? storage : null;
  const where = target === undefined ? 'this database' : `a ${target} database`;
  const noFile = new Unsupported(`${where} has no file that can be looked at`);
  const noLag = new Unsupported(`the log of ${where} cannot be asked`);
  list.add('cc_db_size_bytes', read && read.bytes);
  list.add('cc_db_pages', read && read.pageCount);
  list.add('cc_db_free_pages', read && read.freePages);
  list.add('cc_db_free_page_ratio', read && (read.pageCount === 0 ? 0 : read.freePages / read.pageCount));
  list.add('cc_db_wal_bytes', read && (read.walBytes ?? noFile));
  list.add('cc_db_checkpoint_lag_frames', read && (read.checkpointLagFrames ?? noLag));
  list.add('cc_disk_free_bytes', read && (read.disk ? read.disk.freeBytes : noFile));
  list.add('cc_disk_free_ratio', read && (read.disk ? read.disk.freeBytes / Math.max(1, read.disk.bytes) : noFile));
}

function addSettings(list: MetricList, { settings, sharedFileSystem, storageWarnings }: Known): void {
  const none = settings === null ? null : new Unsupported('SQLite runs elsewhere, with settings of its own');
  for (const severity of ['WARNING', 'NOTE'] as const) {
    const found = settings?.filter((finding) => finding.severity === severity).length;
    list.add('cc_db_setting_findings', found ?? none, { severity });
  }
  list.add('cc_db_shared_storage', sharedFileSystem === undefined ? none : Number(sharedFileSystem !== null));
  list.add('cc_db_storage_warnings_total', storageWarnings);
}

function addProcess(list: MetricList, process: ProcessReport | null): void {
  const delay = process && (process.eventLoopDelay ?? new Unsupported('it is measured while monitoring is on'));
  const limit = process && (process.memoryLimitBytes ?? new Unsupported('this process has no limit of memory'));
  const isDelay = delay !== null && !(delay instanceof Unsupported);
  list.add('cc_process_cpu_seconds_total', process && process.cpuMs / 1_000);
  list.add('cc_process_cpu_ratio', process && process.cpuRatio);
  const resident = process && (process.rssBytes ?? new Unsupported('this system does not tell it'));
  list.add('cc_process_resident_bytes', resident);
  const isLimited = typeof limit === 'number';
  list.add(
    'cc_process_memory_ratio',
    isLimited && typeof resident === 'number' ? resident / limit : isLimited ? resident : limit,
  );
  list.add('cc_process_heap_bytes', process && process.heapBytes);
  list.add(
    'cc_process_open_files',
    process && (process.openFiles ?? new Unsupported('this system does not list them')),
  );
  list.add('cc_process_uptime_seconds', process && process.uptimeMs / 1_000);
  list.add('cc_process_event_loop_delay_p99_seconds', isDelay ? delay.p99Ms / 1_000 : delay);
  list.add('cc_process_event_loop_delay_max_seconds', isDelay ? delay.maxMs / 1_000 : delay);
}

function addCache(list: MetricList, { cache, hasCache }: Known): void {
  const none = hasCache ? null : new Unsupported('no cacheStats are configured');
  const notTold = new Unsupported('this cache does not tell');
  const regions: [string, CacheRegionReport][] = Object.entries(cache?.regions ?? {});
  if (cache && regions.length === 0) regions.push(['all', cache]);
  for (const [name, counts] of regions) {
    const region = wellFormed(name);
    list.add('cc_cache_hits_total', counts.hits, { region });
    list.add('cc_cache_misses_total', counts.misses, { region });
    list.add('cc_cache_entries', counts.entries ?? notTold, { region });
    list.add('cc_cache_bytes', counts.bytes ?? notTold, { region });
    list.add('cc_cache_evictions_total', counts.evictions ?? notTold, { region });
    list.add('cc_cache_bypassed_total', counts.bypassed ?? notTold, { region });
    list.add('cc_cache_voided_fills_total', counts.voidedFills ?? notTold, { region });
  }
  if (!cache) for (const name of byRegion) list.add(name, none);
  const tiers = Object.entries(cache?.tiers ?? {});
  for (const [name, counts] of tiers) {
    const tier = wellFormed(name);
    list.add('cc_cache_tier_hits_total', counts.hits, { tier });
    list.add('cc_cache_tier_misses_total', counts.misses, { tier });
    list.add('cc_cache_tier_errors_total', counts.errors, { tier });
    list.add('cc_cache_tier_bytes', counts.bytes, { tier });
  }
  const noTiers = cache ? new Unsupported('the cache has no tier behind its memory') : none;
  if (tiers.length === 0) for (const name of byTier) list.add(name, noTiers);
  list.add('cc_cache_flushes_total', cache ? (cache.flushes ?? notTold) : none);
  list.add('cc_cache_stepped_aside_total', cache ? (cache.steppedAside ?? notTold) : none);
  list.add('cc_cache_hit_ratio', cache ? (cache.hitRatio ?? new Unsupported('nothing was looked up yet')) : none);
}

/** Figures of the cache that are told by its regions. */
export const byRegion = [
  'cc_cache_hits_total',
  'cc_cache_misses_total',
  'cc_cache_entries',
  'cc_cache_bytes',
  'cc_cache_evictions_total',
  'cc_cache_bypassed_total',
  'cc_cache_voided_fills_total',
] as const;
/** Figures of the cache that are told by its tiers. */
export const byTier = [
  'cc_cache_tier_hits_total',
  'cc_cache_tier_misses_total',
  'cc_cache_tier_errors_total',
  'cc_cache_tier_bytes',
] as const;
