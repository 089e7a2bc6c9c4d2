// Collects figures with what the catalogue says about them.
import type { DurationBuckets } from '../statistics/duration-buckets.js';
import type { Durations } from '../statistics/durations.js';
import { catalogue, type MetricName } from './catalogue.js';
import type { HealthMetric } from './metric.js';

/** A figure that this target, system or configuration does not have. */
export class Unsupported {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A value that was read; null when it could not be read this time. */
export type Reading = number | null | Unsupported;

type Labels = Readonly<Record<string, string>>;

const summaryQuantiles = [0.5, 0.95, 0.99];
const noLabels: Labels = Object.freeze({});

/** The figures of one moment. */
export class MetricList {
  readonly metrics: HealthMetric[] = [];
  readonly #at: Date;

  constructor(at: Date) {
    this.#at = at;
  }

  add(name: MetricName, reading: Reading, labels: Labels = noLabels): void {
    const unsupported = reading instanceof Unsupported;
    const value = unsupported ? 'unsupported' : (reading ?? 'unknown');
    const reason = unsupported ? reading.reason : undefined;
    this.metrics.push({
      name,
      ...catalogue[name],
      labels,
      value,
      ...(reason !== undefined && { reason }),
      at: this.#at,
    });
  }

  histogram(name: MetricName, durations: DurationBuckets): void {
    const { count: value, sum } = durations;
    this.metrics.push({
      ...{ name, ...catalogue[name], labels: noLabels, value, sum },
      buckets: durations.cumulative(),
      at: this.#at,
    });
  }

  summary(name: MetricName, durations: Durations, labels: Labels): void {
    const percentiles = durations.percentiles(summaryQuantiles);
    const quantiles = summaryQuantiles.map((quantile, i) => ({ quantile, value: (percentiles[i] ?? 0) / 1_000 }));
    const { calls: value, totalMs } = durations;
    this.metrics.push({
      ...{ name, ...catalogue[name], labels, value, sum: totalMs / 1_000, quantiles },
      at: this.#at,
    });
  }
}
