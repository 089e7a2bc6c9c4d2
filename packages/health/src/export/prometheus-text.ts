// The figures in the text format of Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/
import type { HealthMetric } from '../metrics/metric.js';

/** The media type of the text. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Returns the figures as text. What is unsupported or unknown is left out: there is no number for it. */
export function prometheusText(metrics: readonly HealthMetric[]): string {
  const families = new Map<string, HealthMetric[]>();
  for (const metric of metrics) {
    if (typeof metric.value !== 'number') continue;
    const family = families.get(metric.name);
    if (family) family.push(metric);
    else families.set(metric.name, [metric]);
  }
  const lines: string[] = [];
  for (const [name, family] of families) {
    const [first] = family;
    if (!first) continue;
    lines.push(
      `# HELP ${name} ${first.help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}`,
      `# TYPE ${name} ${first.type}`,
    );
    for (const metric of family) addSamples(lines, metric);
  }
  return `${lines.join('\n')}\n`;
}

function addSamples(lines: string[], { name, labels, value, sum, buckets, quantiles }: HealthMetric): void {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const line = (suffix: string, number: number, more?: string): void => {
    const all = more === undefined ? pairs : [...pairs, more];
    lines.push(`${name}${suffix}${all.length === 0 ? '' : `{${all.join(',')}}`} ${numberText(number)}`);
  };
  for (const { le, count } of buckets ?? []) line('_bucket', count, `le="${numberText(le)}"`);
  for (const { quantile, value: length } of quantiles ?? []) line('', length, `quantile="${quantile}"`);
  if (sum === undefined) return line('', Number(value));
  line('_sum', sum);
  line('_count', Number(value));
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
}
