// What a monitor does with its database beyond watching it: checks, advice, maintenance. Each is a module of its own; here
// they get what the monitor knows: the last findings, the captured values, the history to be trimmed.
import { analyzeQuery } from './advice/analyze-query.js';
import type { ParameterCapture } from './advice/captured-parameters.js';
import { type NeedlessIndex, reviewIndexes } from './advice/review-indexes.js';
import type { AnalyzeOptions, QueryAnalysis, QueryToAnalyze } from './advice/types.js';
import { runChecks } from './checks/run-checks.js';
import type { CheckKind, CheckResult, RunChecksOptions } from './checks/types.js';
import { runMaintenance, scheduleMaintenance } from './maintenance/run-maintenance.js';
import type {
  MaintenanceOptions,
  MaintenanceResult,
  MaintenanceSchedule,
  MaintenanceScheduleOptions,
} from './maintenance/types.js';
import type { DatabaseSource } from './questions.js';
import type { HealthSource } from './source.js';

/** What the monitor gives. */
export interface UpkeepSettings {
  readonly parameterCapture: ParameterCapture | undefined;
  readonly maintenance: MaintenanceScheduleOptions | undefined;
  /** Removes old history; undefined without a history. */
  readonly history: (() => Promise<string>) | undefined;
  /** A text of the statement with this fingerprint. */
  readonly sampleOf: (statement: string) => string | undefined;
}

/** The work of one monitor on its database. */
export class Upkeep {
  readonly #source: HealthSource;
  readonly #settings: UpkeepSettings;
  readonly #checks = new Map<CheckKind, CheckResult>();
  #schedule: MaintenanceSchedule | undefined;

  /** @throws TypeError for maintenance of what can be watched, and cannot be asked */
  constructor(source: HealthSource, settings: UpkeepSettings) {
    if (settings.maintenance) asDatabase(source, 'maintenance');
    this.#source = source;
    this.#settings = settings;
  }

  /** The last result of each kind that could be carried out. */
  get checks(): readonly CheckResult[] {
    return [...this.#checks.values()];
  }

  /** Begins the maintenance that was asked for. A second call does nothing. */
  start(): void {
    const { maintenance } = this.#settings;
    if (!maintenance || this.#schedule) return;
    const source = asDatabase(this.#source, 'maintenance');
    this.#schedule = scheduleMaintenance(source, this.#withHistory(maintenance));
  }

  async stop(): Promise<void> {
    const schedule = this.#schedule;
    this.#schedule = undefined;
    await schedule?.stop();
  }

  async runChecks(kinds: readonly CheckKind[], options: RunChecksOptions = {}): Promise<readonly CheckResult[]> {
    const results = await runChecks(asDatabase(this.#source, 'runChecks'), kinds, options);
    for (const result of results) {
      // One that could not be carried out says nothing: what an earlier one has found holds.
      if (result.status !== 'unknown') this.#checks.set(result.kind, result);
    }
    return results;
  }

  async analyzeQuery(query: string | QueryToAnalyze, options: AnalyzeOptions = {}): Promise<QueryAnalysis> {
    const source = asDatabase(this.#source, 'analyzeQuery');
    if (query === undefined || query === null)
      throw new TypeError('analyzeQuery: give a statement of getSlowQueries(), or { sql, parameterSets }');
    if (typeof query !== 'string') return analyzeQuery(source, query, options);
    const captured = this.#settings.parameterCapture?.find(query);
    if (captured) return analyzeQuery(source, captured, options);
    const sql = this.#settings.sampleOf(query);
    if (sql === undefined)
      throw new TypeError('analyzeQuery: no statement with this fingerprint was counted; getSlowQueries() names them');
    if (sql === '')
      throw new TypeError(
        'analyzeQuery: the text of this statement is longer than the monitor keeps: give { sql, parameterSets }',
      );
    return analyzeQuery(source, { sql }, options);
  }

  async reviewIndexes(
    queries: readonly QueryToAnalyze[] = this.#settings.parameterCapture?.queries() ?? [],
    options: AnalyzeOptions = {},
  ): Promise<readonly NeedlessIndex[]> {
    return reviewIndexes(asDatabase(this.#source, 'reviewIndexes'), queries, options);
  }

  async runMaintenance(options: MaintenanceOptions = {}): Promise<readonly MaintenanceResult[]> {
    return runMaintenance(asDatabase(this.#source, 'runMaintenance'), this.#withHistory(options));
  }

  #withHistory<T extends MaintenanceOptions>(options: T): T {
    const { history } = this.#settings;
    return history && options.history === undefined ? { ...options, history } : options;
  }
}

/** @throws TypeError for an object that can be watched, and cannot be asked */
function asDatabase(source: HealthSource, where: string): DatabaseSource {
  const isDatabase = 'db' in source && 'offload' in source && 'backup' in source && source.capabilities !== undefined;
  if (!isDatabase) throw new TypeError(`${where}: the monitor was not made with a transaction manager of @cc/tx`);
  return source as DatabaseSource;
}
