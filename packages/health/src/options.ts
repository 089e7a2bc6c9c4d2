// What createHealthMonitor takes, its defaults, and the checks of both.
import { performance } from 'node:perf_hooks';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { ParameterCapture } from './advice/captured-parameters.js';
import type { Limits } from './alerts/limits.js';
import type { WebhookOptions } from './alerts/notifier.js';
import type { AlertRule, AlertRuleFunction } from './alerts/rule.js';
import { checkSchedule } from './maintenance/tasks.js';
import type { MaintenanceScheduleOptions } from './maintenance/types.js';
import type { CacheCounts } from './probes/cache-report.js';
import type { TraceReference } from './statistics/exemplars.js';

/** Options of `createHealthMonitor`. */
export interface HealthMonitorOptions {
  /** How often all figures are read and all rules judged while monitoring. Default 10,000. */
  readonly intervalMs?: number | undefined;
  /** A statement that takes this long counts as slow. Default 100. */
  readonly slowQueryMs?: number | undefined;
  /** Fingerprints told apart; statements beyond are counted together. Each costs about 3 KB. Default 500. */
  readonly maxStatements?: number | undefined;
  /** The status judges the statements of the last one to two windows. Default 60,000. */
  readonly windowMs?: number | undefined;
  /** Fewer statements than this in the window are too few to judge. Default 20. */
  readonly minQueries?: number | undefined;
  /** Built-in limits that are to be others, by name: see `healthLimits`. `false` turns one off. */
  readonly limits?: Limits | undefined;
  /** Own rules, as data or as functions. */
  readonly rules?: readonly (AlertRule | AlertRuleFunction)[] | undefined;
  /** Where alerts are sent. Default: nowhere. */
  readonly webhook?: WebhookOptions | undefined;
  /** A file of its own for figures and alerts. Default: the last 360 readings in memory. */
  readonly history?: HistoryOptions | undefined;
  /** Values that `analyzeQuery` and `reviewIndexes` work with: what `captureParameters` returns, given to @cc/tx as `logger`. */
  readonly parameterCapture?: ParameterCapture | undefined;
  /** Maintenance that runs by itself while monitoring. Default: none. */
  readonly maintenance?: MaintenanceScheduleOptions | undefined;
  /** The clock of windows, alerts and reports, in epoch milliseconds. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Asked at each reading, for the figures of the application's cache. */
  readonly cacheStats?: (() => CacheCounts) | undefined;
  /**
   * Asked at the end of each statement and transaction for the span that it ran in, which the buckets of the histograms then
   * have as exemplars: `activeSpan` of `@cc/health/otel`. Default: no exemplars.
   */
  readonly exemplar?: (() => TraceReference | undefined) | undefined;
}

/** Where the history is kept. */
export interface HistoryOptions {
  /** Path of a libSQL file, no URL. It is made when it is not there, and is nobody else's, least of all the watched one. */
  readonly path: string;
  /** How long figures and alerts are kept. Default 604,800,000 (7 days). */
  readonly retentionMs?: number | undefined;
}

/** The values of absent options; those of `limits` are `healthLimits`. */
export const healthMonitorDefaults = Object.freeze({
  intervalMs: 10_000,
  slowQueryMs: 100,
  maxStatements: 500,
  windowMs: 60_000,
  minQueries: 20,
  retentionMs: 604_800_000,
});

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly intervalMs: number;
  readonly slowQueryMs: number;
  readonly maxStatements: number;
  readonly windowMs: number;
  readonly minQueries: number;
  readonly limits: Limits;
  readonly rules: readonly (AlertRule | AlertRuleFunction)[];
  readonly webhook: WebhookOptions | undefined;
  readonly history: { readonly path: string; readonly retentionMs: number } | undefined;
  readonly parameterCapture: ParameterCapture | undefined;
  readonly maintenance: MaintenanceScheduleOptions | undefined;
  readonly now: () => number;
  /** The time that spans are measured by, at the time `at`: of a clock that nobody sets, unless the caller has given one. */
  readonly spanOf: (at: number) => number;
  readonly cacheStats: (() => CacheCounts) | undefined;
  readonly exemplar: (() => TraceReference | undefined) | undefined;
}

const known = [
  ...['intervalMs', 'slowQueryMs', 'maxStatements', 'windowMs', 'minQueries'],
  ...['limits', 'rules', 'webhook', 'history', 'now', 'cacheStats', 'parameterCapture', 'maintenance', 'exemplar'],
];

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveOptions(options: HealthMonitorOptions): ResolvedOptions {
  refuseUnknownOptions('createHealthMonitor', options, known);
  const {
    now = Date.now,
    cacheStats,
    limits = {},
    rules = [],
    webhook,
    parameterCapture,
    maintenance,
    exemplar,
  } = options;
  for (const [name, value] of Object.entries({ now, cacheStats, exemplar })) {
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  }
  if (maintenance !== undefined) checkSchedule('maintenance', maintenance, options.history !== undefined);
  if (parameterCapture !== undefined && typeof parameterCapture?.find !== 'function')
    throw new TypeError('parameterCapture must be what captureParameters() returns');
  if (!Array.isArray(rules)) throw new TypeError('rules must be an array');
  return {
    // A timer cannot be set for longer than that.
    intervalMs: inRange('intervalMs', options.intervalMs, 1, 2 ** 31 - 1),
    slowQueryMs: inRange('slowQueryMs', options.slowQueryMs, 0),
    maxStatements: inRange('maxStatements', options.maxStatements, 0),
    windowMs: inRange('windowMs', options.windowMs, 1),
    minQueries: inRange('minQueries', options.minQueries, 0),
    ...{
      limits,
      rules,
      webhook,
      history: historyOf(options.history),
      now,
      spanOf: now === Date.now ? () => performance.now() : (at: number) => at,
      cacheStats,
      parameterCapture,
      maintenance,
      exemplar,
    },
  };
}

function historyOf(history: HistoryOptions | undefined): ResolvedOptions['history'] {
  if (history === undefined) return undefined;
  refuseUnknownOptions('history', history, ['path', 'retentionMs']);
  const { path } = history;
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw new TypeError('history: path must be the path of a file');
  // A drive of Windows has one letter.
  if (path.startsWith(':memory:') || /^[a-z][a-z0-9+.-]+:/i.test(path))
    throw new TypeError(
      "history: path must be a plain path such as 'health.db', no URL; without history the last 360 readings are kept in memory",
    );
  return { path, retentionMs: inRange('retentionMs', history.retentionMs, 1) };
}

function inRange(name: keyof typeof healthMonitorDefaults, given: unknown, least: number, most = Infinity): number {
  const value = given ?? healthMonitorDefaults[name];
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new TypeError(`${name} must be a number of at least ${least}${most < Infinity ? ` and at most ${most}` : ''}`);
}
