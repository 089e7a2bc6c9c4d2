// Composes the monitor: events are counted as they come (recording.ts); every interval, and when somebody asks for a report,
// all figures are read, the rules are judged and what changed is told and kept.
import { randomBytes } from 'node:crypto';
import type { PoolStats } from '@cc/tx';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { analyzeQuery } from './advice/analyze-query.js';
import type { AnalyzeOptions, QueryAnalysis, QueryToAnalyze } from './advice/types.js';
import type { AlertHistoryOptions, HealthAlert, SilenceOptions } from './alerts/alert.js';
import { Alerts } from './alerts/alerts.js';
import { builtInRules } from './alerts/built-in-rules.js';
import { type AlertListener, Notifier } from './alerts/notifier.js';
import { type HealthFigures, type Rule, ruleOf } from './alerts/rule.js';
import { webhookOf } from './alerts/webhook.js';
import { runChecks } from './checks/run-checks.js';
import type { CheckKind, CheckResult, RunChecksOptions } from './checks/types.js';
import { type HealthJson, healthJson } from './export/health-json.js';
import { prometheusText } from './export/prometheus-text.js';
import { HistoryFile } from './history/history-file.js';
import { Samples } from './history/samples.js';
import { coreMetrics, detailMetrics, type Known } from './metrics/collect.js';
import { figuresOf } from './metrics/figures.js';
import type { HealthMetric } from './metrics/metric.js';
import { MetricList } from './metrics/metric-list.js';
import { type HealthMonitorOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { type CacheReport, readCache } from './probes/cache-report.js';
import { readPlans } from './probes/plans.js';
import { ProcessProbe, type ProcessReport } from './probes/process-probe.js';
import { ownStatementMark, readStorage, type StorageReport } from './probes/storage.js';
import type { SlowBy, StatementStatistics } from './query-statistics.js';
import type { DatabaseSource } from './questions.js';
import { Recording } from './recording.js';
import { makeReport } from './report/make-report.js';
import type { DatabaseHealthReport } from './report/report.js';
import type { HealthSource } from './source.js';
import { judge } from './status.js';
import type {
  CurrentHealth,
  DatabaseHealthMonitor,
  Measured,
  MetricsOptions,
  QueryExecution,
  SlowQueriesOptions,
} from './types.js';

/** Returns a monitor of one database; it counts nothing until `startMonitoring()`. @throws TypeError for wrong options */
export function createHealthMonitor(
  transactions: HealthSource,
  options: HealthMonitorOptions = {},
): DatabaseHealthMonitor {
  return new HealthMonitor(transactions, resolveOptions(options));
}

/** What was read last. */
interface LastReading {
  readonly at: number;
  readonly storage: StorageReport;
  readonly process: ProcessReport;
  readonly tookMs: number;
}

class HealthMonitor implements DatabaseHealthMonitor {
  readonly #source: HealthSource;
  readonly #options: ResolvedOptions;
  readonly #recording: Recording;
  readonly #process = new ProcessProbe();
  readonly #alerts: Alerts;
  readonly #notifier = new Notifier();
  readonly #samples = new Samples(readingsInMemory);
  readonly #history: HistoryFile | null;
  /** The last result of each kind that could be carried out. */
  readonly #checks = new Map<CheckKind, CheckResult>();
  #last: LastReading | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  /** Under way or waiting for their turn. */
  #readings = 0;
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: HealthSource, options: ResolvedOptions) {
    this.#source = source;
    this.#options = options;
    this.#recording = new Recording(source, options);
    this.#history = options.history ? new HistoryFile(options.history) : null;
    const facts = {
      storage: () => this.#last?.storage,
      historyFailure: () => this.#history?.failure,
      checks: () => [...this.#checks.values()],
    };
    const rules: Rule[] = [...builtInRules(facts, options), ...options.rules.map(ruleOf)];
    refuseDoubledRules(rules);
    this.#alerts = new Alerts(rules, randomBytes(4).toString('hex'));
    if (options.webhook) {
      const { send, longestMs } = webhookOf(options.webhook);
      this.#notifier.add(send, longestMs);
    }
  }

  async startMonitoring(): Promise<void> {
    if (this.#unsubscribe) return;
    this.#unsubscribe = this.#source.subscribe((event) => this.#recording.event(event));
    this.#process.start();
    this.#timer = setInterval(() => {
      // One that hangs is not joined by more of them.
      if (this.#readings === 0) void this.#read();
    }, this.#options.intervalMs);
    this.#timer.unref();
    await this.#read();
  }

  async stopMonitoring(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#process.stop();
    this.#recording.transactions.forgetOpen();
    await this.#reading;
    await this.#notifier.settle(lastWordMs);
    await this.#history?.close();
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
    return this.#recording.queries.slowest(limit, by);
  }

  getCurrentHealthStatus(): CurrentHealth {
    const at = this.#options.now();
    return this.#statusOf(this.#figures(at), at);
  }

  async getHealthMetrics(options: MetricsOptions = {}): Promise<readonly HealthMetric[]> {
    refuseUnknownOptions('getHealthMetrics', options, ['name', 'since', 'until']);
    const { name, since, until } = options;
    const isNamed = (metric: HealthMetric): boolean => name === undefined || metric.name === name;
    if (since === undefined && until === undefined) {
      await this.#read();
      return this.#allMetrics(this.#options.now()).filter(isNamed);
    }
    const [from, to] = [since?.getTime() ?? 0, until?.getTime() ?? Number.MAX_SAFE_INTEGER];
    const kept = await this.#history?.metrics(name, from, to);
    return kept ?? this.#samples.between(from, to).filter(isNamed);
  }

  getActiveAlerts(): readonly HealthAlert[] {
    return this.#alerts.active();
  }

  async getAlertHistory(options: AlertHistoryOptions = {}): Promise<readonly HealthAlert[]> {
    refuseUnknownOptions('getAlertHistory', options, ['rule', 'since', 'until', 'limit']);
    const fired = this.#alerts.fired(options);
    const kept = (await this.#history?.alerts(options)) ?? [];
    const byId = new Map([...kept, ...fired].map((alert) => [alert.id, alert]));
    return [...byId.values()]
      .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
      .slice(0, options.limit ?? 100);
  }

  acknowledgeAlert(id: string, options: { readonly by?: string } = {}): boolean {
    refuseUnknownOptions('acknowledgeAlert', options, ['by']);
    const alert = this.#alerts.acknowledge(id, options.by ?? null, new Date(this.#options.now()));
    if (alert && this.#unsubscribe) void this.#history?.write(this.#options.now(), [], [alert]);
    return alert !== undefined;
  }

  silence(options: SilenceOptions): void {
    refuseUnknownOptions('silence', options, ['rule', 'forMs']);
    const { rule, forMs } = options;
    if (rule !== undefined && !this.#alerts.has(rule)) throw new TypeError(`silence: there is no rule '${rule}'`);
    if (!(forMs >= 0)) throw new TypeError('silence: forMs must be a number of at least 0');
    this.#alerts.silence(rule, forMs);
  }

  onAlert(listener: AlertListener): () => void {
    if (typeof listener !== 'function') throw new TypeError('onAlert: the listener must be a function');
    return this.#notifier.add(listener);
  }

  async generateHealthReport(): Promise<DatabaseHealthReport> {
    const { storage, process } = await this.#read();
    const at = this.#options.now();
    const { url } = this.#source;
    const alerts = this.#alerts.active();
    const [cache, samples] = [this.#cache(), this.#samples];
    const [pool, checks] = [this.#pool(), [...this.#checks.values()]];
    const health = this.#statusOf(this.#figures(at), at);
    return makeReport(this.#recording, { ...health, storage, process, cache, alerts, samples, url, pool, checks });
  }

  async runChecks(kinds: readonly CheckKind[], options: RunChecksOptions = {}): Promise<readonly CheckResult[]> {
    const results = await runChecks(asDatabase(this.#source, 'runChecks'), kinds, options);
    for (const result of results) {
      if (result.status === 'ok' || result.status === 'failed') this.#checks.set(result.kind, result);
    }
    return results;
  }

  async analyzeQuery(query: string | QueryToAnalyze, options: AnalyzeOptions = {}): Promise<QueryAnalysis> {
    const source = asDatabase(this.#source, 'analyzeQuery');
    if (typeof query !== 'string') return analyzeQuery(source, query, options);
    const sql = this.#recording.queries.sampleOf(query);
    if (sql === undefined)
      throw new TypeError('analyzeQuery: no statement with this fingerprint was counted; getSlowQueries() names them');
    return analyzeQuery(source, { sql }, options);
  }

  toPrometheus(): string {
    return prometheusText(this.#allMetrics(this.#options.now()));
  }

  toHealthJson(): HealthJson {
    const at = this.#options.now();
    const figures = this.#figures(at);
    return healthJson(this.#statusOf(figures, at), figures.metrics);
  }

  livez(): boolean {
    return true;
  }

  async readyz(): Promise<boolean> {
    try {
      const lease = await this.#source.getConnection({ mode: 'read', timeoutMs: readyMs });
      try {
        const time = new Promise<false>((resolve) => setTimeout(() => resolve(false), readyMs).unref());
        return await Promise.race([lease.client.execute(`SELECT 1 ${ownStatementMark}`).then(() => true), time]);
      } finally {
        lease.release();
      }
    } catch {
      return false;
    }
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
      this.#recording.operations.of(name).record(performance.now() - startedAt, failed);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopMonitoring();
  }

  /** Reads all figures once more, after the reading under way. Never rejects. */
  #read(): Promise<LastReading> {
    this.#readings += 1;
    const reading = this.#reading
      .then(() => this.#readNow())
      .finally(() => {
        this.#readings -= 1;
      });
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readNow(): Promise<LastReading> {
    const startedAt = performance.now();
    const [storage, process] = await Promise.all([readStorage(this.#source), this.#process.read()]);
    readPlans(this.#source, this.#recording.queries.withoutPlan(plansAtOnce));
    const at = this.#options.now();
    const last = { at, storage, process, tookMs: performance.now() - startedAt };
    this.#last = last;
    const figures = this.#figures(at);
    const news = this.#alerts.evaluate(figures, at);
    this.#notifier.tell(news);
    this.#samples.add(at, figures.metrics);
    const alerts = news.map(({ alert }) => alert).filter(({ firedAt }) => firedAt !== null);
    // A report beside monitoring leaves no file open.
    if (this.#unsubscribe) await this.#history?.write(at, figures.metrics, alerts);
    return last;
  }

  #statusOf(figures: HealthFigures, at: number): CurrentHealth {
    return { ...judge(this.#alerts.standing(figures), this.#doubts(at)), asOf: new Date(at) };
  }

  /** Why nothing is known, or not any more. */
  #doubts(at: number): string[] {
    if (!this.#unsubscribe) {
      const nothingSeen = this.#recording.recent.upTo(at).calls === 0;
      return nothingSeen ? ['Monitoring is off: call startMonitoring()'] : [];
    }
    const ageMs = this.#last ? at - this.#last.at : 0;
    if (ageMs <= Math.max(staleIntervals * this.#options.intervalMs, leastStaleMs)) return [];
    return [`The figures are ${Math.round(ageMs / 1_000)} s old: a reading hangs, or the event loop is kept busy`];
  }

  #figures(at: number): HealthFigures {
    return figuresOf(coreMetrics(this.#known(at)));
  }

  #allMetrics(at: number): HealthMetric[] {
    const figures = this.#figures(at);
    const list = new MetricList(new Date(at));
    list.add('cc_health_status', statusNumbers.indexOf(this.#statusOf(figures, at).status));
    const { queries, operations } = this.#recording;
    const details = detailMetrics(new Date(at), queries.entries(), operations.entries());
    return [...list.metrics, ...figures.metrics, ...details];
  }

  #known(at: number): Known {
    const { queries, buckets, errorsByType, recent, transactions, replica, busyErrors } = this.#recording;
    const { statements, otherCalls } = queries;
    return {
      at: new Date(at),
      target: this.#source.capabilities?.target,
      queries: { total: queries, buckets, errorsByType, statements, otherCalls, recent: recent.upTo(at) },
      busy: { total: busyErrors, perMinute: this.#recording.busyPerMinute(at) },
      ...{ transactions, recentWaits: transactions.recentWaits.upTo(at) },
      pool: this.#pool(),
      storage: this.#last?.storage ?? null,
      process: this.#last?.process ?? null,
      cache: this.#cache(),
      hasCache: this.#options.cacheStats !== undefined,
      replica: replica && { lagMs: replica.lagMs(at), errors: replica.errors },
      alerts: this.#alerts.active(),
      readingMs: this.#last?.tookMs ?? null,
      historyErrors: this.#history?.errors ?? null,
      notificationErrors: this.#notifier.errors,
    };
  }

  #pool(): PoolStats | null {
    try {
      return this.#source.stats();
    } catch {
      return null;
    }
  }

  #cache(): CacheReport | null {
    return readCache(this.#options.cacheStats);
  }
}

const slowBy: readonly SlowBy[] = ['p95', 'total', 'max', 'mean', 'scan'];
const statusNumbers = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];
/** An hour of the default interval. */
const readingsInMemory = 360;
/** Each takes a tenth of a millisecond, on the event loop. */
const plansAtOnce = 10;
const staleIntervals = 3;
/** A reading may take a second when the pool is asked. */
const leastStaleMs = 5_000;
const lastWordMs = 1_000;
const readyMs = 1_000;

/** @throws TypeError for an object that can be watched, and cannot be asked */
function asDatabase(source: HealthSource, where: string): DatabaseSource {
  const isDatabase = 'db' in source && 'offload' in source && 'backup' in source && source.capabilities !== undefined;
  if (!isDatabase) throw new TypeError(`${where}: the monitor was not made with a transaction manager of @cc/tx`);
  return source as DatabaseSource;
}

function refuseDoubledRules(rules: readonly Rule[]): void {
  const ids = new Set<string>();
  for (const { id } of rules) {
    if (typeof id !== 'string' || id === '') throw new TypeError('rules: each rule needs an id');
    if (ids.has(id)) throw new TypeError(`rules: there are two rules '${id}'; built-in ones have the names of limits`);
    ids.add(id);
  }
}

function sane(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

function memoryInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
