// What a figure is: its name, type, unit, labels and value, after the rules of Prometheus.
// https://prometheus.io/docs/practices/naming/

import type { Exemplar } from '../statistics/exemplars.js';

/** How a figure behaves: a counter only grows, a gauge goes up and down, the other two are durations. */
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary';

/** The format of a scrape. Only `openmetrics` carries exemplars. */
export type ScrapeFormat = 'prometheus' | 'openmetrics';

/** Base units, as the names end in them. */
export type MetricUnit = 'count' | 'seconds' | 'bytes' | 'ratio';

/** One bucket of a histogram. */
export interface MetricBucket {
  readonly le: number;
  readonly count: number;
  /** The last duration in it that was measured in a trace, with the option `exemplar`. */
  readonly exemplar?: Exemplar | undefined;
}

/** One figure at one moment. */
export interface HealthMetric {
  /** Such as `cc_db_queries_total`. */
  readonly name: string;
  readonly type: MetricType;
  readonly unit: MetricUnit;
  /** One sentence. */
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Of a histogram or summary how many durations there were. `unsupported`: this target, system or configuration has no
   * such figure. `unknown`: it could not be read this time. Neither is ever told as 0.
   */
  readonly value: number | 'unsupported' | 'unknown';
  /** Why it is `unsupported`. */
  readonly reason?: string | undefined;
  /** Sum of the durations of a histogram or summary. */
  readonly sum?: number | undefined;
  /** Of a histogram: how many were at most `le` long; the last one is Infinity. */
  readonly buckets?: readonly MetricBucket[] | undefined;
  /** Of a summary: 0.5, 0.95 and 0.99, within 3.2 %. */
  readonly quantiles?: readonly { readonly quantile: number; readonly value: number }[] | undefined;
  readonly at: Date;
}
