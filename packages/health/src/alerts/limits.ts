// The built-in rules as data: what is judged, from which value on, why it matters and what to do.
import { refuseUnknownOptions } from '@cc/tx/known-options';
import type { MetricName } from '../metrics/catalogue.js';
import type { HealthFigures } from '../metrics/figures.js';
import type { StorageReport } from '../probes/storage.js';
import { vacuumNote } from '../vector-indexes.js';
import { bytes, count, milliseconds, percent } from '../words.js';
import type { Advice } from './alert.js';
import { exceeds, type Limit, type LimitOptions, limitOf, type Rule, well } from './rule.js';

interface LimitDefinition {
  readonly op?: '<';
  readonly defaults: Pick<Limit, 'warning' | 'critical' | 'for'> & Partial<Limit>;
  readonly metric: MetricName;
  /** What a value of the figure is multiplied by: limits of time are in milliseconds. */
  readonly scale?: number;
  /** Where there is too little to judge by. */
  readonly applies?: (figures: HealthFigures, minQueries: number) => boolean;
  readonly reason: (value: number, limit: number, figures: HealthFigures) => string;
  /** Told when the figure cannot be read; other rules tell it where it is absent. */
  readonly unknown?: string;
  /** Where it depends on the file, what was read of that. */
  readonly advice: Advice | ((storage: StorageReport | undefined) => Advice);
}

const enoughQueries = (figures: HealthFigures, minQueries: number): boolean => {
  const calls = numberOf(figures.value('cc_db_recent_queries'));
  return calls > 0 && calls >= minQueries;
};

const definitions = {
  errorRate: {
    defaults: { warning: 0.01, critical: 0.05, for: 0 },
    metric: 'cc_db_recent_query_error_ratio',
    applies: enoughQueries,
    reason: (value, limit, figures) => {
      const calls = numberOf(figures.value('cc_db_recent_queries'));
      return `${Math.round(value * calls)} of ${calls} recent statements failed (${percent(value)}, limit ${percent(limit)})`;
    },
    advice: {
      text: 'Look at the failures by type in the report: lock, full and connection each have their own hint.',
    },
  },
  queryP95Ms: {
    defaults: { warning: 100, critical: 500, for: 0 },
    metric: 'cc_db_recent_query_p95_seconds',
    scale: 1_000,
    applies: enoughQueries,
    reason: (value, limit) =>
      `5 % of the recent statements take ${milliseconds(value)} or longer (limit ${milliseconds(limit)})`,
    advice: { text: 'Look at the slowest statements of the report: one that scans a table asks for an index.' },
  },
  busyErrorsPerMinute: {
    defaults: { warning: 10, critical: 100, for: 60_000 },
    metric: 'cc_db_recent_busy_errors_per_minute',
    reason: (value, limit) =>
      `${count(Math.round(value))} attempts a minute meet the lock of others (limit ${count(limit)})`,
    advice: { text: 'Another process writes for long: make its transactions shorter, or let one process write.' },
  },
  checkpointLagFrames: {
    defaults: { warning: 1_000, critical: 25_000, for: 60_000 },
    metric: 'cc_db_checkpoint_lag_frames',
    reason: (value, limit) =>
      `${count(value)} frames of the write-ahead log cannot be folded into the database (limit ${count(limit)})`,
    advice: { text: 'A reader stays open: end long read transactions and iterators, or release leases.' },
  },
  walBytes: {
    defaults: { warning: 64 * 2 ** 20, critical: 256 * 2 ** 20, for: 0 },
    metric: 'cc_db_wal_bytes',
    reason: (value, limit) => `The write-ahead log is ${bytes(value)} long (limit ${bytes(limit)})`,
    advice: {
      text: 'End the readers that keep it from being folded into the database, then shorten it.',
      sql: 'PRAGMA wal_checkpoint(TRUNCATE)',
    },
  },
  openTransactionMs: {
    defaults: { warning: 5_000, critical: 30_000, for: 0 },
    metric: 'cc_db_oldest_transaction_seconds',
    scale: 1_000,
    reason: (value, limit) => `A transaction is open for ${milliseconds(value)} (limit ${milliseconds(limit)})`,
    advice: { text: 'Do not wait for people or networks inside a transaction; give it a timeoutMs.' },
  },
  poolWaiters: {
    defaults: { warning: 10, critical: 100, for: 0, keepFiringFor: 0 },
    metric: 'cc_db_connection_waiters',
    reason: (value, limit) => `${value} calls wait for a connection (limit ${limit})`,
    unknown: 'The connection pool does not answer',
    advice: { text: 'Make write transactions shorter; for reads raise the option readers of openTransactionManager.' },
  },
  poolWaitP95Ms: {
    defaults: { warning: 1_000, critical: 5_000, for: 60_000 },
    metric: 'cc_db_connection_wait_p95_seconds',
    scale: 1_000,
    reason: (value, limit) =>
      `5 % of the recent waits for a connection take ${milliseconds(value)} or longer (limit ${milliseconds(limit)})`,
    advice: { text: 'Make write transactions shorter; for reads raise the option readers of openTransactionManager.' },
  },
  freePageRatio: {
    defaults: { warning: 0.25, critical: Number.POSITIVE_INFINITY, for: 0 },
    metric: 'cc_db_free_page_ratio',
    applies: (figures) => {
      const bytesFree = numberOf(figures.value('cc_db_size_bytes')) * numberOf(figures.value('cc_db_free_page_ratio'));
      return bytesFree > 10 * 2 ** 20;
    },
    reason: (value, limit) => `${percent(value)} of the database file is free pages (limit ${percent(limit)})`,
    advice: freePagesAdvice,
  },
  diskFreeBytes: {
    op: '<',
    defaults: { warning: 2 ** 30, critical: 256 * 2 ** 20, for: 0 },
    metric: 'cc_disk_free_bytes',
    reason: (value, limit) => `The disk of the database has ${bytes(value)} left (limit ${bytes(limit)})`,
    advice: {
      text: 'Make room before writes fail: move backups away, shorten the log, or give the volume more space.',
    },
  },
  eventLoopDelayMs: {
    defaults: { warning: 50, critical: 200, for: 30_000 },
    metric: 'cc_process_event_loop_delay_p99_seconds',
    scale: 1_000,
    reason: (value, limit) =>
      `The event loop comes ${milliseconds(value)} late (99th percentile, limit ${milliseconds(limit)})`,
    advice: { text: 'Move long reads off the event loop with offload(), and long computations to a worker.' },
  },
  memoryRatio: {
    defaults: { warning: 0.8, critical: 0.95, for: 60_000 },
    metric: 'cc_process_memory_ratio',
    reason: (value, limit) => `The process uses ${percent(value)} of the memory it may have (limit ${percent(limit)})`,
    advice: { text: 'Lower maxBytes of the cache or cache_size of the connections, or give the process more memory.' },
  },
  cacheHitRatio: {
    op: '<',
    defaults: { warning: 0.5, critical: Number.NEGATIVE_INFINITY, for: 60_000 },
    metric: 'cc_cache_hit_ratio',
    applies: (figures) => lookups(figures) >= 1_000,
    reason: (value, limit) =>
      `The application cache answers ${percent(value)} of the lookups (limit ${percent(limit)})`,
    advice: {
      text: 'Look at the regions: raise maxBytes where entries are evicted, cache less where values change often.',
    },
  },
  replicaLagMs: {
    defaults: { warning: 180_000, critical: 600_000, for: 0 },
    metric: 'cc_db_replica_lag_seconds',
    scale: 1_000,
    reason: (value, limit) =>
      `The replica has fetched nothing for ${milliseconds(value)} (limit ${milliseconds(limit)})`,
    advice: { text: 'Look whether the server answers; reads go on with what is there.' },
  },
} satisfies Readonly<Record<string, LimitDefinition>>;

/** The name of a built-in limit. Those that end in `Ms` are in milliseconds, ratios from 0 to 1. */
export type LimitName = keyof typeof definitions;

/** Built-in limits, by name; `false` turns one off. */
export type Limits = { readonly [name in LimitName]?: LimitOptions | false | undefined };

/** The limits that hold when none are given. */
export const healthLimits: Readonly<Record<LimitName, Limit>> = Object.freeze(
  Object.fromEntries(
    Object.entries<LimitDefinition>(definitions).map(([name, { op, defaults }]) => [
      name,
      Object.freeze(limitOf(name, op ?? '>', {}, defaults)),
    ]),
  ) as Record<LimitName, Limit>,
);

/** Returns a rule for each limit that is on. @throws TypeError for an unknown limit, or one that contradicts itself */
export function limitRules(
  given: Limits,
  minQueries: number,
  storage: () => StorageReport | undefined = () => undefined,
): Rule[] {
  refuseUnknownOptions('limits', given, Object.keys(definitions));
  return Object.entries<LimitDefinition>(definitions).flatMap(([name, definition]) => {
    const options = given[name as LimitName] ?? {};
    if (options === false) return [];
    refuseUnknownOptions(`limits.${name}`, options, ['warning', 'critical', 'clear', 'for', 'keepFiringFor', 'noData']);
    const limit = limitOf(`limits.${name}`, definition.op ?? '>', options, definition.defaults);
    return [limitRule(name, definition, limit, { minQueries, storage })];
  });
}

function limitRule(
  id: string,
  definition: LimitDefinition,
  limit: Limit,
  { minQueries, storage }: { readonly minQueries: number; readonly storage: () => StorageReport | undefined },
): Rule {
  const { metric, scale = 1, applies, reason, unknown = '', advice } = definition;
  return {
    ...{ id, timing: limit, noData: limit.noData },
    judge(figures) {
      const read = figures.value(metric);
      if (read === 'unsupported') return { ...well, kind: 'unsupported' };
      if (read === 'unknown') return { ...well, calm: false, kind: 'unknown', reason: unknown };
      if (applies && !applies(figures, minQueries)) return well;
      const value = read * scale;
      const finding = exceeds(value, limit);
      const todo = typeof advice === 'function' ? advice(storage()) : advice;
      return { kind: 'finding', ...finding, reason: reason(value, finding.limit, figures), value, advice: todo };
    },
  };
}

function freePagesAdvice(storage: StorageReport | undefined): Advice {
  const sql = storage?.readable ? storage.vacuumSql : 'VACUUM';
  if (sql === null)
    return { text: 'Its server keeps the file and takes no VACUUM: only whoever runs it can give the space back.' };
  const text = `Give the space back while little is written: VACUUM copies the whole file.${vacuumNote(sql)}`;
  return { text, sql };
}

function lookups(figures: HealthFigures): number {
  return figures.metrics
    .filter(({ name }) => name === 'cc_cache_hits_total' || name === 'cc_cache_misses_total')
    .reduce((sum, { value }) => sum + numberOf(value), 0);
}

function numberOf(value: number | 'unsupported' | 'unknown'): number {
  return typeof value === 'number' ? value : 0;
}
