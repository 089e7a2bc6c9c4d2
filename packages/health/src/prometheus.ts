// The entry @cc/health/prometheus: the figures of a monitor in a registry of prom-client, beside those of the application.
import type {
  Metric,
  MetricObjectWithValues,
  MetricValue,
  OpenMetricsContentType,
  PrometheusContentType,
  Registry,
} from 'prom-client';
import { boundText, exemplarLabels, scrapeContentTypes } from './export/prometheus-text.js';
import { catalogue } from './metrics/catalogue.js';
import type { HealthMetric } from './metrics/metric.js';
import type { DatabaseHealthMonitor } from './types.js';

/**
 * Registers every figure of `monitor` with `registry`, which asks for them at each scrape; all of one scrape are of one
 * reading. Returns the function that takes them out again.
 *
 * @throws Error when the registry has a metric of the same name; then none is registered
 */
export function registerHealth(
  monitor: Pick<DatabaseHealthMonitor, 'getHealthMetrics'>,
  registry: Registry<PrometheusContentType> | Registry<OpenMetricsContentType>,
): () => void {
  let reading: Promise<readonly HealthMetric[]> | undefined;
  const read = (): Promise<readonly HealthMetric[]> => {
    reading ??= monitor.getHealthMetrics().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  const entries = Object.entries(catalogue);
  // All or none: what is half registered could not be taken out again.
  const taken = entries.find(([name]) => registry.getSingleMetric(name) !== undefined);
  if (taken)
    throw new Error(
      `registerHealth: the registry has a metric ${taken[0]} already; take it out, or give the second monitor a registry of its own`,
    );
  for (const [name, { help, type }] of entries) {
    const get = async (): Promise<MetricObjectWithValues<MetricValue<string>>> => {
      const metrics = (await read()).filter((metric) => metric.name === name);
      // OpenMetrics names the family of a counter without the ending that its samples have, and the registry puts that on.
      const isOpen = registry.contentType === scrapeContentTypes.openmetrics;
      const family = isOpen && type === 'counter' ? name.replace(/_total$/, '') : name;
      // The package declares its types as enumerations whose values are these words.
      const described = { name: family, help, type, aggregator: type === 'gauge' ? 'first' : 'sum' } as unknown;
      return {
        ...(described as MetricObjectWithValues<MetricValue<string>>),
        values: metrics.flatMap((metric) => valuesOf(metric, isOpen)),
      };
    };
    // A registry asks a metric for its name and its values only.
    registry.registerMetric({ name, help, get, reset: () => undefined } as unknown as Metric);
  }
  return () => {
    for (const [name] of entries) registry.removeSingleMetric(name);
  };
}

type NamedValue = MetricValue<string> & { readonly metricName?: string };

function valuesOf({ name, value, labels, sum, buckets, quantiles }: HealthMetric, isOpen: boolean): NamedValue[] {
  if (typeof value !== 'number') return [];
  if (sum === undefined) return [{ value, labels }];
  return [
    ...(buckets ?? []).map(({ le, count, exemplar }) => ({
      ...{ metricName: `${name}_bucket`, value: count, labels: { ...labels, le: boundText(le, isOpen) } },
      // The registry writes them in OpenMetrics alone; the time is in seconds there.
      ...(exemplar && {
        exemplar: {
          labelSet: exemplarLabels(exemplar),
          value: exemplar.value,
          timestamp: exemplar.at.getTime() / 1_000,
        },
      }),
    })),
    ...(quantiles ?? []).map(({ quantile, value: length }) => ({ value: length, labels: { ...labels, quantile } })),
    { metricName: `${name}_sum`, value: sum, labels },
    { metricName: `${name}_count`, value, labels },
  ];
}
