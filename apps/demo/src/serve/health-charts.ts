// Figures of health over an hour, a day or a week, from the history file where there is one: thinned, so that a week of
// readings is a line that a page can draw.
import type { HealthMetric } from '@cc/health';
import type { Library } from '../library.js';
import type { HealthPage } from './contract-care.js';

type Chart = HealthPage['charts'][number];

/** How far back each range goes. */
export const chartRanges = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

interface Figure {
  readonly title: string;
  /** As `@cc/health` calls it. */
  readonly name: string;
  readonly unit: Chart['unit'];
  /** Whether it only grows, and what it grew by in a second is shown. */
  readonly isCounter?: true;
}

const figures: readonly Figure[] = [
  { title: '95th percentile of statements', name: 'cc_db_recent_query_p95_seconds', unit: 'seconds' },
  { title: 'Statements per second', name: 'cc_db_queries_total', unit: 'count', isCounter: true },
  { title: 'Failures per second', name: 'cc_db_query_errors_total', unit: 'count', isCounter: true },
  { title: 'Write-ahead log', name: 'cc_db_wal_bytes', unit: 'bytes' },
  { title: 'Delay of the event loop', name: 'cc_process_event_loop_delay_p99_seconds', unit: 'seconds' },
  { title: 'Calls that wait for a connection', name: 'cc_db_connection_waiters', unit: 'count' },
];

/** More points than a chart has pixels would be drawn over one another. */
const mostPoints = 360;

/** Returns the charts of the time up to `now`. One figure after the other: each is up to a week of readings. */
export async function chartsOf({ health }: Library, range: keyof typeof chartRanges, now: Date): Promise<Chart[]> {
  const since = now.getTime() - chartRanges[range];
  const charts: Chart[] = [];
  for (const { title, name, unit, isCounter } of figures) {
    const values = sums(await health.getHealthMetrics({ name, since: new Date(since), until: now }));
    const points = thinned(isCounter ? rates(values) : values, since, chartRanges[range]);
    charts.push({ title, unit, points: points.map(({ at, value }) => ({ at: new Date(at).toISOString(), value })) });
  }
  return charts;
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** The values of one reading that carry different labels, added up. */
function sums(metrics: readonly HealthMetric[]): readonly Point[] {
  const byTime = new Map<number, number>();
  for (const { at, value } of metrics) {
    if (typeof value === 'number') byTime.set(at.getTime(), (byTime.get(at.getTime()) ?? 0) + value);
  }
  return [...byTime].map(([at, value]) => ({ at, value })).sort((a, b) => a.at - b.at);
}

/** What a counter grew by in a second; none where it began anew, with another run of the program. */
function rates(values: readonly Point[]): readonly Point[] {
  return values.flatMap(({ at, value }, i) => {
    const before = values[i - 1];
    if (before === undefined || value < before.value) return [];
    return [{ at, value: (value - before.value) / ((at - before.at) / 1_000) }];
  });
}

/** Of each stretch the highest value: what went wrong for a moment is seen in a week too. */
function thinned(points: readonly Point[], since: number, lengthMs: number): readonly Point[] {
  if (points.length <= mostPoints) return points;
  const highest = new Map<number, Point>();
  for (const point of points) {
    const stretch = Math.floor(((point.at - since) / lengthMs) * mostPoints);
    const known = highest.get(stretch);
    if (known === undefined || known.value < point.value) highest.set(stretch, point);
  }
  return [...highest.values()];
}
