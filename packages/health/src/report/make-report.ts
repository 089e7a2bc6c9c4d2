// Puts a report together from what was counted, read and judged.
import type { PoolStats } from '@cc/tx';
import type { HealthAlert } from '../alerts/alert.js';
import type { SettingFinding } from '../alerts/review-settings.js';
import type { CheckResult } from '../checks/types.js';
import type { Samples } from '../history/samples.js';
import type { MetricName } from '../metrics/catalogue.js';
import { catalogue } from '../metrics/catalogue.js';
import type { CacheReport } from '../probes/cache-report.js';
import type { ProcessReport } from '../probes/process-probe.js';
import type { StorageReport } from '../probes/storage.js';
import type { Recording } from '../recording.js';
import type { CurrentHealth } from '../status.js';
import type { ChartSeries, DatabaseHealthReport, QueriesReport, Recommendation } from './report.js';

interface Facts extends CurrentHealth {
  /** The same as `asOf`, by the clock of spans. */
  readonly spanAt: number;
  readonly url: string;
  readonly storage: StorageReport;
  readonly process: ProcessReport;
  readonly pool: PoolStats | null;
  readonly cache: CacheReport | null;
  readonly alerts: readonly HealthAlert[];
  readonly samples: Samples;
  readonly checks: readonly CheckResult[];
  readonly settings: readonly SettingFinding[] | null;
}

/** Returns the report of one moment. */
export function makeReport(recording: Recording, facts: Facts): DatabaseHealthReport {
  const { asOf, spanAt, url, status, reasons, alerts, pool, storage, cache, process, samples, checks, settings } =
    facts;
  const { transactions, operations } = recording;
  const queries = queriesOf(recording, spanAt);
  return {
    ...{ generatedAt: asOf, url, status, reasons, alerts },
    recommendations: recommendationsOf(alerts, settings ?? [], recording.queries),
    checks,
    settings,
    storageWarnings: recording.storageWarnings,
    queries,
    transactions: transactions.transactions(),
    ...{ pool, waits: transactions.waits(), storage, cache },
    operations: operations.entries().map(([name, durations]) => ({ name, ...durations.summary() })),
    ...{ process, charts: chartsOf(samples) },
  };
}

function queriesOf(recording: Recording, spanAt: number): QueriesReport {
  const { queries, errorsByType } = recording;
  const total = queries.total();
  const recent = recording.recent.upTo(spanAt);
  return {
    ...total.summary(),
    ...{ rows: total.rows, slowCalls: total.slowCalls, cacheHits: total.cacheHits },
    errorsByType: Object.fromEntries(errorsByType),
    ...{ statements: queries.statements, otherCalls: queries.otherCalls },
    recent: { ...recent.summary(), errorRate: recent.calls === 0 ? 0 : recent.faults / recent.calls },
    slowest: queries.slowest(10, 'p95'),
  };
}

function recommendationsOf(
  alerts: readonly HealthAlert[],
  settings: readonly SettingFinding[],
  queries: Recording['queries'],
): Recommendation[] {
  const ofAlerts = alerts
    // Each setting has its own word below.
    .filter(({ state, rule }) => state === 'firing' && rule !== 'settings')
    .flatMap(({ reason, advice }) => (advice ? [{ reason, ...advice }] : []));
  const ofScans = queries
    .slowest(5, 'scan')
    .filter(({ p95Ms }) => p95Ms >= slowScanMs)
    .map(({ statement, fullScans }) => {
      // A fingerprint with folded lists, or cut, is no SQL.
      const runnable = queries.runnableOf(statement);
      return {
        reason: `A slow statement reads all of ${(fullScans ?? []).join(', ')}: ${statement}`,
        text: 'Give the column that it asks for an index, and look at its plan before and after: analyzeQuery() proves which one helps.',
        ...(runnable !== null && { sql: `EXPLAIN QUERY PLAN ${runnable}` }),
      };
    });
  const ofSettings = settings.map(({ reason, text, sql, command }) => ({
    ...{ reason, text },
    ...(sql !== undefined && { sql }),
    ...(command !== undefined && { command }),
  }));
  return [...ofAlerts, ...ofSettings, ...ofScans];
}

/** A scan of a small table is what SQLite does best. */
const slowScanMs = 10;

const charts: readonly (readonly [title: string, name: MetricName, kind: 'as it is' | 'per second'])[] = [
  ['95th percentile of statements', 'cc_db_recent_query_p95_seconds', 'as it is'],
  ['Statements per second', 'cc_db_queries_total', 'per second'],
  ['Failures per second', 'cc_db_query_errors_total', 'per second'],
  ['Write-ahead log', 'cc_db_wal_bytes', 'as it is'],
  ['Delay of the event loop', 'cc_process_event_loop_delay_p99_seconds', 'as it is'],
  ['Calls that wait for a connection', 'cc_db_connection_waiters', 'as it is'],
];

function chartsOf(samples: Samples): ChartSeries[] {
  return charts.map(([title, name, kind]) => {
    const values = samples.of(name);
    const points = kind === 'as it is' ? values : rates(values);
    return { title, unit: catalogue[name].unit, points: points.map(({ at, value }) => ({ at: new Date(at), value })) };
  });
}

/** What a counter grew by in a second; none for a clock that was set back. */
function rates(values: readonly { readonly at: number; readonly value: number }[]): { at: number; value: number }[] {
  return values.flatMap(({ at, value }, i) => {
    const before = values[i - 1];
    if (!before || at <= before.at) return [];
    return [{ at, value: Math.max(0, value - before.value) / ((at - before.at) / 1_000) }];
  });
}
