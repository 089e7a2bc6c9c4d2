// The figures of one moment as rules look them up.
import type { HealthMetric } from './metric.js';

/** The figures of one moment, as rules see them. */
export interface HealthFigures {
  readonly metrics: readonly HealthMetric[];
  /** Returns one figure, the sum where several have the name and these labels. `unknown` when there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | 'unsupported' | 'unknown';
}

/** Returns `metrics` with a way to look one up. */
export function figuresOf(metrics: readonly HealthMetric[]): HealthFigures {
  let byName: Map<string, HealthMetric[]> | undefined;
  return {
    metrics,
    value(name, labels) {
      byName ??= grouped(metrics);
      const matching = (byName.get(name) ?? []).filter((metric) => hasLabels(metric, labels));
      return sumOf(matching.map(({ value }) => value));
    },
  };
}

function grouped(metrics: readonly HealthMetric[]): Map<string, HealthMetric[]> {
  const byName = new Map<string, HealthMetric[]>();
  for (const metric of metrics) {
    const same = byName.get(metric.name);
    if (same) same.push(metric);
    else byName.set(metric.name, [metric]);
  }
  return byName;
}

function hasLabels({ labels }: HealthMetric, wanted: Readonly<Record<string, string>> = {}): boolean {
  return Object.entries(wanted).every(([label, value]) => labels[label] === value);
}

function sumOf(values: readonly HealthMetric['value'][]): HealthMetric['value'] {
  if (values.length === 0 || values.includes('unknown')) return 'unknown';
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? 'unsupported' : numbers.reduce((sum, value) => sum + value, 0);
}
