// Reads all figures every interval and when somebody asks, judges the rules by them, and hands on what has changed: to
// listeners, to the samples of the charts, to the history.

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { clearInterval, setInterval } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PoolStats } from '@cc/tx';
import { Alerts } from './alerts/alerts.js';
import { builtInRules } from './alerts/built-in-rules.js';
import { Notifier } from './alerts/notifier.js';
import { reviewSettings, type SettingFinding } from './alerts/review-settings.js';
import { type Rule, refuseDoubledRules, ruleOf } from './alerts/rule.js';
import type { CheckResult } from './checks/types.js';
import { HistoryFile, runIdLength } from './history/history-file.js';
import { refuseWatchedFile } from './history/own-file.js';
import { Samples } from './history/samples.js';
import { coreMetrics, detailMetrics, isDetail, type Known } from './metrics/collect.js';
import type { HealthFigures } from './metrics/figures.js';
import { figuresOf } from './metrics/figures.js';
import type { HealthMetric } from './metrics/metric.js';
import { MetricList } from './metrics/metric-list.js';
import type { ResolvedOptions } from './options.js';
import { type CacheReport, readCache } from './probes/cache-report.js';
import { readPlans } from './probes/plans.js';
import { ProcessProbe, type ProcessReport } from './probes/process-probe.js';
import { ScanSteps } from './probes/scan-steps.js';
import { readSettings } from './probes/settings.js';
import { readStorage, type StorageReport } from './probes/storage.js';
import type { Recording } from './recording.js';
import type { HealthSource } from './source.js';
import { type CurrentHealth, judge } from './status.js';

/** What was read last. */
interface LastReading {
  /** By the clock of spans. */
  readonly spanAt: number;
  readonly storage: StorageReport;
  readonly process: ProcessReport;
  readonly tookMs: number;
}

/** The readings of one monitor. */
export class Readings {
  readonly alerts: Alerts;
  readonly notifier = new Notifier();
  readonly samples: Samples;
  /** Null when none is configured. */
  readonly history: HistoryFile | null;
  readonly #source: HealthSource;
  readonly #options: ResolvedOptions;
  readonly #recording: Recording;
  readonly #process = new ProcessProbe();
  readonly #scanSteps = new ScanSteps();
  /** Null before they were read, undefined where they are somebody else's. */
  settings: readonly SettingFinding[] | null | undefined = null;
  #sharedFileSystem: string | null | undefined;
  #last: LastReading | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  /** Under way or waiting for their turn. */
  #readings = 0;
  /** The one that waits for its turn. */
  #next: Promise<LastReading> | undefined;
  /** When the history got its last reading, by the clock of spans; undefined when it has none of this run. */
  #keptAt: number | undefined;
  #isOn = false;
  #wasOn = false;
  #timer: NodeJS.Timeout | undefined;

  /** `checks`: the last result of each kind. @throws TypeError for rules and limits that are wrong */
  constructor(
    source: HealthSource,
    options: ResolvedOptions,
    recording: Recording,
    checks: () => readonly CheckResult[],
  ) {
    this.#source = source;
    this.#options = options;
    this.#recording = recording;
    this.samples = new Samples(readingsInMemory, options.intervalMs);
    const nonce = randomBytes(runIdLength / 2).toString('hex');
    const refuse = (path: string): void => refuseWatchedFile(path, source);
    if (options.history) refuse(options.history.path);
    this.history = options.history
      ? new HistoryFile(options.history, { id: nonce, everyMs: options.intervalMs, refuse })
      : null;
    const facts = {
      ...{ storage: () => this.#last?.storage, historyFailure: () => this.history?.failure, checks },
      settings: () => this.settings ?? [],
    };
    const rules: Rule[] = [...builtInRules(facts, options), ...options.rules.map(ruleOf)];
    refuseDoubledRules(rules);
    this.alerts = new Alerts(rules, nonce);
  }

  /** Resolves after the first reading. */
  async start(): Promise<void> {
    this.#isOn = true;
    this.#wasOn = true;
    this.#process.start();
    this.#scanSteps.begin();
    this.#timer = setInterval(() => {
      // One that hangs is not joined by more of them, and one that fails is the next one's to repeat.
      if (this.#readings === 0) this.read().catch(() => undefined);
    }, this.#options.intervalMs);
    this.#timer.unref();
    this.#keptAt = undefined;
    this.alerts.pause();
    await this.read();
  }

  /** Resolves after the reading under way; what is to be told of alerts has a second for it. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isOn = false;
    this.#process.stop();
    await this.#reading;
    this.alerts.pause();
    await this.notifier.settle(lastWordMs);
    this.notifier.giveUp();
    await this.history?.end(this.#options.now());
    await this.history?.close();
  }

  /** Reads all figures once more, after the reading under way; who asks while one waits for its turn shares it. Never rejects. */
  read(): Promise<LastReading> {
    if (this.#next) return this.#next;
    this.#readings += 1;
    const reading = this.#reading
      .then(() => {
        this.#next = undefined;
        return this.#readNow();
      })
      .finally(() => {
        this.#readings -= 1;
      });
    this.#next = reading;
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** Its pieces have a turn of the event loop each. */
  async #readNow(): Promise<LastReading> {
    const startedAt = performance.now();
    this.#recording.setClock();
    const [storage, process] = await Promise.all([readStorage(this.#source), this.#process.read()]);
    await this.#readPlans(storage);
    if (this.#isOn) await this.#readScanSteps();
    if (this.settings === null) this.#readSettings(storage);
    const at = this.#options.now();
    const spanAt = this.#options.spanOf(at);
    const last = { spanAt, storage, process, tookMs: performance.now() - startedAt };
    this.#last = last;
    const figures = this.figures(at);
    const news = this.alerts.evaluate(figures, at, spanAt);
    this.notifier.tell(this.alerts.untold(news));
    await nextTurn();
    const kept = [...this.#statusMetric(figures, at), ...figures.metrics];
    this.samples.add(at, kept);
    const alerts = news.map(({ alert }) => alert).filter(({ firedAt }) => firedAt !== null);
    // A report beside monitoring leaves no file open.
    await nextTurn();
    if (this.history && this.#isOn) {
      const isDue = this.#isDue(spanAt);
      if (isDue) this.#keptAt = spanAt;
      if (isDue || alerts.length > 0) await this.history.write(at, isDue ? kept : [], alerts, this.alerts.isFiring);
      await nextTurn();
    }
    return last;
  }

  /** Whoever asks between two readings of the interval, such as a scrape, gets figures and leaves none in the history. */
  #isDue(spanAt: number): boolean {
    const sinceMs = this.#keptAt === undefined ? undefined : spanAt - this.#keptAt;
    // A timer is early or late by a few milliseconds; a clock of the caller's may be set back.
    return sinceMs === undefined || sinceMs < 0 || sinceMs >= this.#options.intervalMs * nearlyAll;
  }

  /** Plans are looked at once, and again when the schema has changed; a turn of the event loop for each few. */
  async #readPlans(storage: StorageReport): Promise<void> {
    const version = storage.readable ? (storage.schemaVersion ?? 0) : 0;
    for (;;) {
      const unplanned = this.#recording.queries.withoutPlan(plansAtOnce, version);
      if (unplanned.length === 0) return;
      await nextTurn();
      if (!readPlans(this.#source, unplanned)) return;
      await nextTurn();
    }
  }

  /** They hold until the database is opened anew or its file made anew, so that reports ask again and ticks do not. */
  #readSettings(storage: StorageReport): void {
    const settings = readSettings(this.#source, storage);
    this.settings = settings && reviewSettings(settings);
    this.#sharedFileSystem = settings?.sharedFileSystem;
  }

  async #readScanSteps(): Promise<void> {
    const { queries } = this.#recording;
    const isAsked = await this.#scanSteps.read(this.#source, (sql, steps) => queries.addScanSteps(sql, steps));
    queries.fullScanSteps = isAsked ? (queries.fullScanSteps ?? 0) : null;
  }

  /** The status by these figures, from what is known. */
  statusOf(figures: HealthFigures, at: number): CurrentHealth {
    return { ...judge(this.alerts.standing(figures), this.#doubts(at)), asOf: new Date(at) };
  }

  /** Why nothing is known, or not any more. */
  #doubts(at: number): string[] {
    if (!this.#isOn) {
      // Who has never begun may have recorded statements all the same; what was seen before an end says nothing of now.
      const nothingSeen = this.#wasOn || this.#recording.recent.upTo(this.#options.spanOf(at)).calls === 0;
      return nothingSeen ? ['Monitoring is off: call startMonitoring()'] : [];
    }
    const ageMs = this.#last ? this.#options.spanOf(at) - this.#last.spanAt : 0;
    if (ageMs <= Math.max(staleIntervals * this.#options.intervalMs, leastStaleMs)) return [];
    return [`The figures are ${Math.round(ageMs / 1_000)} s old: a reading hangs, or the event loop is kept busy`];
  }

  /** What rules judge: the counts of now, the rest of the last reading. */
  figures(at: number): HealthFigures {
    return figuresOf(coreMetrics(this.#known(at)));
  }

  /**
   * The same with the status and what is known of single statements and operations: all, or those of one name. The percentiles
   * of hundreds of statements take longer than all the rest.
   */
  metrics(at: number, name?: string): HealthMetric[] {
    const { queries, operations } = this.#recording;
    if (name !== undefined && isDetail(name))
      return detailMetrics(new Date(at), queries.entries(), operations.entries(), name);
    const figures = this.figures(at);
    const status = this.#statusMetric(figures, at);
    if (name !== undefined) return [...status, ...figures.metrics].filter((metric) => metric.name === name);
    return [...status, ...figures.metrics, ...detailMetrics(new Date(at), queries.entries(), operations.entries())];
  }

  #statusMetric(figures: HealthFigures, at: number): readonly HealthMetric[] {
    const list = new MetricList(new Date(at));
    list.add('cc_health_status', statusNumbers.indexOf(this.statusOf(figures, at).status));
    return list.metrics;
  }

  #known(at: number): Known {
    const { queries, buckets, errorsByType, recent, transactions, replica, busyErrors } = this.#recording;
    const { statements, otherCalls } = queries;
    const spanAt = this.#options.spanOf(at);
    return {
      at: new Date(at),
      target: this.#source.capabilities?.target,
      queries: { total: queries, buckets, errorsByType, statements, otherCalls, recent: recent.upTo(spanAt) },
      busy: { total: busyErrors, perMinute: this.#recording.busyPerMinute(spanAt) },
      ...{ transactions, recentWaits: transactions.recentWaits.upTo(spanAt) },
      pool: this.pool(),
      storage: this.#last?.storage ?? null,
      process: this.#last?.process ?? null,
      cache: this.cache(),
      hasCache: this.#options.cacheStats !== undefined,
      replica: replica && { lagMs: replica.lagMs(spanAt), errors: replica.errors },
      alerts: this.alerts.active(),
      readingMs: this.#last?.tookMs ?? null,
      historyErrors: this.history?.errors ?? null,
      notificationErrors: this.notifier.errors,
      ...{ settings: this.settings, sharedFileSystem: this.#sharedFileSystem },
      storageWarnings: this.#recording.storageWarnings,
    };
  }

  /** Null when the pool does not answer. */
  pool(): PoolStats | null {
    try {
      return this.#source.stats();
    } catch {
      return null;
    }
  }

  /** Null without a cache that answers. */
  cache(): CacheReport | null {
    return readCache(this.#options.cacheStats);
  }
}

const statusNumbers = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];
/** An hour of the default interval. */
const readingsInMemory = 360;
/** Each takes a tenth of a millisecond, on the event loop. */
const plansAtOnce = 10;
const nearlyAll = 0.9;
const staleIntervals = 3;
/** A reading may take a second when the pool is asked. */
const leastStaleMs = 5_000;
const lastWordMs = 1_000;
