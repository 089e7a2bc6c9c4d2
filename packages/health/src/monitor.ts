// The face of the monitor: what is counted as it comes is recording.ts, what is read and judged every interval readings.ts,
// what is done to the database when somebody asks upkeep.ts.
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { NeedlessIndex } from './advice/review-indexes.js';
import type { AnalyzeOptions, QueryAnalysis, QueryToAnalyze } from './advice/types.js';
import type { AlertHistoryOptions, HealthAlert, SilenceOptions } from './alerts/alert.js';
import type { AlertListener } from './alerts/notifier.js';
import { webhookOf } from './alerts/webhook.js';
import { refuseNoDate, refuseNoFigure, refuseNoLimit, refuseNoSource, refuseUnkept } from './arguments.js';
import type { CheckKind, CheckResult, RunChecksOptions } from './checks/types.js';
import { asyncDispose } from './dispose.js';
import { prometheusText, scrapeContentTypes } from './export/prometheus-text.js';
import type { MaintenanceOptions, MaintenanceResult } from './maintenance/types.js';
import type { HealthMetric } from './metrics/metric.js';
import { type HealthMonitorOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { leasedOrInside } from './questions.js';
import { Readings } from './readings.js';
import { Recording } from './recording.js';
import { type HealthJson, healthJson } from './report/health-json.js';
import { makeReport } from './report/make-report.js';
import type { DatabaseHealthReport } from './report/report.js';
import type { HealthSource } from './source.js';
import { ownStatementMark } from './statistics/own-statement.js';
import type { SlowBy, StatementStatistics } from './statistics/query-statistics.js';
import { wellFormed } from './statistics/well-formed.js';
import type { CurrentHealth } from './status.js';
import type {
  DatabaseHealthMonitor,
  Measured,
  MetricsOptions,
  QueryExecution,
  ScrapeOptions,
  SlowQueriesOptions,
} from './types.js';
import { Upkeep } from './upkeep.js';

/** Returns a monitor of one database; it counts nothing until `startMonitoring()`. @throws TypeError for what is no transaction manager, and for wrong options */
export function createHealthMonitor(
  transactions: HealthSource,
  options: HealthMonitorOptions = {},
): DatabaseHealthMonitor {
  refuseNoSource(transactions);
  return new HealthMonitor(transactions, resolveOptions(options));
}

class HealthMonitor implements DatabaseHealthMonitor {
  readonly #source: HealthSource;
  readonly #options: ResolvedOptions;
  readonly #recording: Recording;
  readonly #readings: Readings;
  readonly #upkeep: Upkeep;
  #unsubscribe: (() => void) | undefined;

  constructor(source: HealthSource, options: ResolvedOptions) {
    this.#source = source;
    this.#options = options;
    this.#recording = new Recording(source, options);
    this.#upkeep = new Upkeep(source, {
      ...{ parameterCapture: options.parameterCapture, maintenance: options.maintenance },
      history: options.history ? () => this.#trimHistory() : undefined,
      sampleOf: (statement) => this.#recording.queries.sampleOf(statement),
    });
    this.#readings = new Readings(source, options, this.#recording, () => this.#upkeep.checks);
    if (options.webhook) {
      const { send, longestMs } = webhookOf(options.webhook);
      this.#readings.notifier.add(send, longestMs);
    }
  }

  async startMonitoring(): Promise<void> {
    if (this.#unsubscribe) return;
    this.#unsubscribe = this.#source.subscribe((event) => this.#recording.event(event));
    this.#recording.transactions.begin(this.#readings.pool()?.openTransactions ?? 0);
    this.#upkeep.start();
    await this.#readings.start();
  }

  async stopMonitoring(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#recording.transactions.forgetOpen();
    await Promise.all([this.#upkeep.stop(), this.#readings.stop()]);
  }

  recordQueryExecution(execution: QueryExecution): void {
    const { sql, durationMs, success = true, rows = 0, errorType = 'unknown', cacheHit, label } = execution ?? {};
    if (typeof sql !== 'string') return;
    const given = { sql, durationMs: sane(durationMs), rows: sane(rows), cacheHit: cacheHit === true };
    const named = typeof label === 'string' ? { ...given, label } : given;
    this.#recording.query(named, success ? null : errorType);
  }

  getSlowQueries(options: SlowQueriesOptions = {}): readonly StatementStatistics[] {
    refuseUnknownOptions('getSlowQueries', options, ['limit', 'by']);
    const { limit = 10, by = 'p95' } = options;
    if (!slowBy.includes(by)) throw new TypeError(`getSlowQueries: by must be one of ${slowBy.join(', ')}`);
    refuseNoLimit('getSlowQueries', limit);
    return this.#recording.queries.slowest(limit, by);
  }

  getCurrentHealthStatus(): CurrentHealth {
    const at = this.#options.now();
    return this.#readings.statusOf(this.#readings.figures(at), at);
  }

  async getHealthMetrics(options: MetricsOptions = {}): Promise<readonly HealthMetric[]> {
    refuseUnknownOptions('getHealthMetrics', options, ['name', 'since', 'until']);
    const { name, since, until } = options;
    refuseNoFigure('getHealthMetrics', name);
    refuseNoDate('getHealthMetrics', { since, until });
    if (since !== undefined || until !== undefined) refuseUnkept('getHealthMetrics', name);
    const isNamed = (metric: HealthMetric): boolean => name === undefined || metric.name === name;
    if (since === undefined && until === undefined) {
      await this.#readings.read();
      return this.#readings.metrics(this.#options.now(), name);
    }
    const [from, to] = [since?.getTime() ?? 0, until?.getTime() ?? Number.MAX_SAFE_INTEGER];
    const kept = await this.#readings.history?.metrics(name, from, to);
    return kept ?? this.#readings.samples.between(from, to).filter(isNamed);
  }

  getActiveAlerts(): readonly HealthAlert[] {
    return this.#readings.alerts.active();
  }

  async getAlertHistory(options: AlertHistoryOptions = {}): Promise<readonly HealthAlert[]> {
    refuseUnknownOptions('getAlertHistory', options, ['rule', 'since', 'until', 'limit']);
    const { rule, since, until, limit = 100 } = options;
    if (rule !== undefined && typeof rule !== 'string') throw new TypeError('getAlertHistory: rule must be a text');
    refuseNoDate('getAlertHistory', { since, until });
    refuseNoLimit('getAlertHistory', limit);
    const fired = this.#readings.alerts.fired(options);
    const kept = (await this.#readings.history?.alerts(options, this.#options.now())) ?? [];
    const byId = new Map([...kept, ...fired].map((alert) => [alert.id, alert]));
    return [...byId.values()].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, limit);
  }

  acknowledgeAlert(id: string, options: { readonly by?: string } = {}): boolean {
    refuseUnknownOptions('acknowledgeAlert', options, ['by']);
    const { by = null } = options;
    if (by !== null && typeof by !== 'string') throw new TypeError('acknowledgeAlert: by must be a text');
    const alert = this.#readings.alerts.acknowledge(id, by, new Date(this.#options.now()));
    // One that is pending is written when it fires, with this.
    if (alert?.state === 'firing' && this.#unsubscribe)
      void this.#readings.history?.write(this.#options.now(), [], [alert], true);
    return alert !== undefined;
  }

  silence(options: SilenceOptions): void {
    refuseUnknownOptions('silence', options, ['rule', 'forMs']);
    const { rule, forMs } = options;
    if (rule !== undefined && !this.#readings.alerts.has(rule))
      throw new TypeError(`silence: there is no rule '${rule}'`);
    if (typeof forMs !== 'number' || !(forMs >= 0))
      throw new TypeError('silence: forMs must be a number of at least 0');
    const { now, spanOf } = this.#options;
    this.#readings.alerts.silence(rule, forMs, spanOf(now()));
  }

  onAlert(listener: AlertListener): () => void {
    if (typeof listener !== 'function') throw new TypeError('onAlert: the listener must be a function');
    return this.#readings.notifier.add(listener);
  }

  async generateHealthReport(): Promise<DatabaseHealthReport> {
    this.#readings.settings = null;
    const { storage, process } = await this.#readings.read();
    const at = this.#options.now();
    const { url } = this.#source;
    const alerts = this.#readings.alerts.active();
    const [cache, samples] = [this.#readings.cache(), this.#readings.samples];
    const [pool, checks] = [this.#readings.pool(), this.#upkeep.checks];
    const health = this.#readings.statusOf(this.#readings.figures(at), at);
    const settings = this.#readings.settings ?? null;
    return makeReport(this.#recording, {
      settings,
      ...health,
      spanAt: this.#options.spanOf(at),
      storage,
      process,
      cache,
      alerts,
      samples,
      url,
      pool,
      checks,
    });
  }

  runChecks(kinds: readonly CheckKind[], options?: RunChecksOptions): Promise<readonly CheckResult[]> {
    return this.#upkeep.runChecks(kinds, options);
  }

  analyzeQuery(query: string | QueryToAnalyze, options?: AnalyzeOptions): Promise<QueryAnalysis> {
    return this.#upkeep.analyzeQuery(query, options);
  }

  reviewIndexes(queries?: readonly QueryToAnalyze[], options?: AnalyzeOptions): Promise<readonly NeedlessIndex[]> {
    return this.#upkeep.reviewIndexes(queries, options);
  }

  runMaintenance(options?: MaintenanceOptions): Promise<readonly MaintenanceResult[]> {
    return this.#upkeep.runMaintenance(options);
  }

  toPrometheus(options: ScrapeOptions = {}): string {
    refuseUnknownOptions('toPrometheus', options, ['format']);
    const { format = 'prometheus' } = options;
    if (!Object.hasOwn(scrapeContentTypes, format))
      throw new TypeError(`toPrometheus: format must be one of ${Object.keys(scrapeContentTypes).join(', ')}`);
    return prometheusText(this.#readings.metrics(this.#options.now()), format);
  }

  toHealthJson(): HealthJson {
    const at = this.#options.now();
    const figures = this.#readings.figures(at);
    return healthJson(this.#readings.statusOf(figures, at), figures.metrics);
  }

  livez(): boolean {
    return true;
  }

  async readyz(): Promise<boolean> {
    try {
      const question = `SELECT 1 ${ownStatementMark}`;
      return await leasedOrInside(
        this.#source,
        async () => {
          const lease = await this.#source.getConnection({ mode: 'read', timeoutMs: readyMs });
          try {
            const time = new Promise<false>((resolve) => setTimeout(() => resolve(false), readyMs).unref());
            return await Promise.race([lease.client.execute(question).then(() => true), time]);
          } finally {
            lease.release();
          }
        },
        async (db) => (await db.all(question)).length === 1,
      );
    } catch {
      return false;
    }
  }

  async measure<T>(name: string, work: () => T | Promise<T>): Promise<Measured<T>> {
    if (typeof name !== 'string' || name === '') throw new TypeError('measure: the name must be a text');
    if (typeof work !== 'function') throw new TypeError('measure: the work must be a function');
    const before = memoryInUse();
    const startedAt = performance.now();
    let failed = true;
    try {
      const result = await work();
      failed = false;
      return { result, durationMs: performance.now() - startedAt, memoryDeltaBytes: memoryInUse() - before };
    } finally {
      this.#recording.operations.of(wellFormed(name)).record(performance.now() - startedAt, failed);
    }
  }

  async [asyncDispose](): Promise<void> {
    await this.stopMonitoring();
  }

  async #trimHistory(): Promise<string> {
    const rows = (await this.#readings.history?.sweep(this.#options.now())) ?? 0;
    return `${rows} figures and alerts went that were past their time.`;
  }
}

const slowBy: readonly SlowBy[] = ['p95', 'total', 'max', 'mean', 'scan'];
const readyMs = 1_000;

function sane(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
