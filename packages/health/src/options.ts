// What createHealthMonitor takes, its defaults, and the checks of both.
import { refuseUnknownOptions } from '@cc/tx/known-options';

/** The few counts of a cache that a report shows. Statistics of @cc/cache have this shape. */
export interface CacheCounts {
  readonly hits: number;
  readonly negativeHits?: number;
  readonly misses: number;
  readonly entries?: number;
  readonly bytes?: number;
}

/** Options of `createHealthMonitor`. */
export interface HealthMonitorOptions {
  /** A statement that takes this long counts as slow. Default 100. */
  readonly slowQueryMs?: number;
  /** Fingerprints told apart; statements beyond are counted together. Each costs about 2 KB. Default 500. */
  readonly maxStatements?: number;
  /** The status judges the statements of the last one to two windows. Default 60,000. */
  readonly windowMs?: number;
  /** Fewer statements than this in the window are too few to judge. Default 20. */
  readonly minQueries?: number;
  /** Part of the statements that fail, 0 to 1; broken constraints and aborts are not faults. Default 0.01. */
  readonly errorRateWarning?: number;
  /** Default 0.05. */
  readonly errorRateCritical?: number;
  /** 95th percentile of the statements' durations. Default 100. */
  readonly p95WarningMs?: number;
  /** Default 500. */
  readonly p95CriticalMs?: number;
  /** Calls that wait for a connection at the moment. Default 10. */
  readonly poolWaitersWarning?: number;
  /** Default 100. */
  readonly poolWaitersCritical?: number;
  /** The clock of windows and reports, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Asked for each report, for the hit ratio of the application's cache. */
  readonly cacheStats?: () => CacheCounts;
}

/** The values of absent options. */
export const healthMonitorDefaults = Object.freeze({
  slowQueryMs: 100,
  maxStatements: 500,
  windowMs: 60_000,
  minQueries: 20,
  errorRateWarning: 0.01,
  errorRateCritical: 0.05,
  p95WarningMs: 100,
  p95CriticalMs: 500,
  poolWaitersWarning: 10,
  poolWaitersCritical: 100,
});

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<Omit<HealthMonitorOptions, 'cacheStats'>> {
  readonly cacheStats: (() => CacheCounts) | undefined;
}

/** Fills in the defaults. @throws TypeError for an unknown option or a value out of range */
export function resolveOptions(options: HealthMonitorOptions): ResolvedOptions {
  refuseUnknownOptions('createHealthMonitor', options, [...Object.keys(healthMonitorDefaults), 'now', 'cacheStats']);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved: ResolvedOptions = { now: Date.now, cacheStats: undefined, ...healthMonitorDefaults, ...given };
  for (const name of Object.keys(healthMonitorDefaults) as (keyof typeof healthMonitorDefaults)[]) {
    const value: unknown = resolved[name];
    if (typeof value !== 'number' || !(value >= 0)) throw new TypeError(`${name} must be a number of at least 0`);
  }
  if (resolved.windowMs === 0) throw new TypeError('windowMs must be above 0');
  for (const name of ['now', 'cacheStats'] as const) {
    const value: unknown = resolved[name];
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  }
  return resolved;
}
