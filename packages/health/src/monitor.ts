// Counts what the transaction manager reports, and answers from the counts. Events go to the statistics; status and report
// are made when somebody asks.
import type { PoolStats, TransactionEvents } from '@cc/tx';
import type { DatabaseErrorType } from '@cc/tx/errors';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { Durations } from './durations.js';
import { NamedDurations } from './named-durations.js';
import { type HealthMonitorOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { QueryStatistics, type SlowBy, type StatementStatistics } from './query-statistics.js';
import { RecentQueries } from './recent-queries.js';
import {
  type CacheReport,
  type DatabaseHealthReport,
  type HealthMetric,
  metricsOf,
  type QueriesReport,
} from './report.js';
import type { HealthSource } from './source.js';
import { judge } from './status.js';
import { ownStatementMark, readStorage, type StorageReport } from './storage.js';
import { TransactionStatistics } from './transaction-statistics.js';
import type { CurrentHealth, DatabaseHealthMonitor, Measured, QueryExecution, SlowQueriesOptions } from './types.js';

/** Returns a monitor of one database; it counts nothing until `startMonitoring()`. @throws TypeError for wrong options */
export function createHealthMonitor(
  transactions: HealthSource,
  options: HealthMonitorOptions = {},
): DatabaseHealthMonitor {
  return new HealthMonitor(transactions, resolveOptions(options));
}

class HealthMonitor implements DatabaseHealthMonitor {
  readonly #source: HealthSource;
  readonly #options: ResolvedOptions;
  readonly #queries: QueryStatistics;
  readonly #recent: RecentQueries;
  readonly #transactions = new TransactionStatistics();
  readonly #operations: NamedDurations;
  readonly #errorsByType = new Map<DatabaseErrorType, number>();
  #storage: StorageReport | null = null;
  #unsubscribe: (() => void) | undefined;

  constructor(source: HealthSource, options: ResolvedOptions) {
    this.#source = source;
    this.#options = options;
    this.#queries = new QueryStatistics(options);
    this.#recent = new RecentQueries(options.windowMs);
    this.#operations = new NamedDurations(options.maxStatements, () => new Durations());
  }

  async startMonitoring(): Promise<void> {
    this.#unsubscribe ??= this.#source.subscribe((event) => this.#count(event));
  }

  async stopMonitoring(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  recordQueryExecution(execution: QueryExecution): void {
    const { sql, durationMs, success = true, rows = 0, errorType = 'unknown' } = execution ?? {};
    if (typeof sql !== 'string') return;
    this.#query(sql, sane(durationMs), sane(rows), success ? null : errorType);
  }

  getSlowQueries(options: SlowQueriesOptions = {}): readonly StatementStatistics[] {
    refuseUnknownOptions('getSlowQueries', options, ['limit', 'by']);
    const { limit = 10, by = 'p95' } = options;
    if (!slowBy.includes(by)) throw new TypeError(`getSlowQueries: by must be one of ${slowBy.join(', ')}`);
    return this.#queries.slowest(limit, by);
  }

  getCurrentHealthStatus(): CurrentHealth {
    const at = this.#options.now();
    const figures = {
      monitoring: this.#unsubscribe !== undefined,
      recent: this.#recent.upTo(at),
      pool: this.#pool(),
      storage: this.#storage,
    };
    return { ...judge(figures, this.#options), asOf: new Date(at) };
  }

  async getHealthMetrics(): Promise<readonly HealthMetric[]> {
    return metricsOf(await this.generateHealthReport());
  }

  async generateHealthReport(): Promise<DatabaseHealthReport> {
    const storage = await readStorage(this.#source);
    this.#storage = storage;
    const { status, reasons, asOf } = this.getCurrentHealthStatus();
    const { rss, heapUsed } = process.memoryUsage();
    return {
      generatedAt: asOf,
      url: this.#source.url,
      status,
      reasons,
      queries: this.#queriesReport(asOf.getTime()),
      transactions: this.#transactions.transactions(),
      pool: this.#pool(),
      waits: this.#transactions.waits(),
      storage,
      cache: this.#cache(),
      operations: this.#operations.entries().map(([name, durations]) => ({ name, ...durations.summary() })),
      process: { rssBytes: rss, heapBytes: heapUsed, uptimeMs: process.uptime() * 1_000 },
    };
  }

  async measure<T>(name: string, work: () => T | Promise<T>): Promise<Measured<T>> {
    const before = memoryInUse();
    const startedAt = performance.now();
    let failed = true;
    try {
      const result = await work();
      failed = false;
      return { result, durationMs: performance.now() - startedAt, memoryDeltaBytes: memoryInUse() - before };
    } finally {
      this.#operations.of(name).record(performance.now() - startedAt, failed);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopMonitoring();
  }

  #count(event: TransactionEvents): void {
    switch (event.type) {
      case 'query':
        if (!event.sql.endsWith(ownStatementMark)) {
          this.#query(event.sql, event.durationMs, event.rows, event.error === null ? null : event.error.type);
        }
        return;
      case 'transaction':
        this.#transactions.transaction(event);
        return;
      case 'pool':
        this.#transactions.pool(event);
        return;
      case 'retry':
        this.#transactions.retries += 1;
        return;
      case 'hook_error':
        this.#transactions.hookErrors += 1;
        return;
      default:
      // An event of a newer transaction manager: nothing here counts it yet.
    }
  }

  #query(sql: string, durationMs: number, rows: number, errorType: DatabaseErrorType | null): void {
    const failed = errorType !== null;
    this.#queries.record(sql, durationMs, failed, rows);
    this.#recent.record(this.#options.now(), durationMs, failed, failed && !ordinaryFailures.includes(errorType));
    if (failed) this.#errorsByType.set(errorType, (this.#errorsByType.get(errorType) ?? 0) + 1);
  }

  #queriesReport(at: number): QueriesReport {
    const total = this.#queries.total();
    const recent = this.#recent.upTo(at);
    return {
      ...total.summary(),
      rows: total.rows,
      slowCalls: total.slowCalls,
      errorsByType: Object.fromEntries(this.#errorsByType),
      statements: this.#queries.statements,
      otherCalls: this.#queries.otherCalls,
      recent: { ...recent.summary(), errorRate: recent.calls === 0 ? 0 : recent.faults / recent.calls },
      slowest: this.#queries.slowest(10, 'p95'),
    };
  }

  /** A pool or cache that fails takes its own lines out of the report, not the report. */
  #pool(): PoolStats | null {
    try {
      return this.#source.stats();
    } catch {
      return null;
    }
  }

  #cache(): CacheReport | null {
    try {
      const counts = this.#options.cacheStats?.();
      if (counts === undefined) return null;
      const { misses, entries = null, bytes = null } = counts;
      const hits = counts.hits + (counts.negativeHits ?? 0);
      return { hits, misses, hitRatio: hits + misses === 0 ? null : hits / (hits + misses), entries, bytes };
    } catch {
      return null;
    }
  }
}

const slowBy: readonly SlowBy[] = ['p95', 'total', 'max', 'mean'];

/** They say something about the data or the caller, not about the database. */
const ordinaryFailures: readonly DatabaseErrorType[] = ['constraint', 'aborted'];

function sane(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
