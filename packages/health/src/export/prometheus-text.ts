// The figures in the two text formats of Prometheus: its own, and OpenMetrics, which has exemplars too.
// https://prometheus.io/docs/instrumenting/exposition_formats/ https://prometheus.io/docs/specs/om/open_metrics_spec/
import type { HealthMetric, MetricBucket, ScrapeFormat } from '../metrics/metric.js';

/** The media type of each format. */
export const scrapeContentTypes: Readonly<Record<ScrapeFormat, string>> = Object.freeze({
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
});

/** Returns the figures as text. What is unsupported or unknown is left out: there is no number for it. */
export function prometheusText(metrics: readonly HealthMetric[], format: ScrapeFormat = 'prometheus'): string {
  const families = new Map<string, HealthMetric[]>();
  for (const metric of metrics) {
    if (typeof metric.value !== 'number') continue;
    const family = families.get(metric.name);
    if (family) family.push(metric);
    else families.set(metric.name, [metric]);
  }
  const isOpen = format === 'openmetrics';
  const lines: string[] = [];
  for (const [name, family] of families) {
    const [first] = family;
    if (!first) continue;
    // There the family of a counter has not the ending of its samples.
    const familyName = isOpen && first.type === 'counter' ? name.replace(/_total$/, '') : name;
    lines.push(`# HELP ${familyName} ${helpText(first.help, isOpen)}`, `# TYPE ${familyName} ${first.type}`);
    for (const metric of family) addSamples(lines, metric, isOpen);
  }
  if (isOpen) lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

/** The bound of a bucket as it is written: OpenMetrics wants `1.0`, the other format has `1`. */
export function boundText(le: number, isOpen: boolean): string {
  return isOpen && Number.isInteger(le) ? `${le}.0` : numberText(le);
}

/** The labels of an exemplar. */
export function exemplarLabels({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }): {
  readonly trace_id: string;
  readonly span_id: string;
} {
  return { trace_id: traceId, span_id: spanId };
}

function addSamples(lines: string[], metric: HealthMetric, isOpen: boolean): void {
  const { name, labels, value, sum, buckets, quantiles } = metric;
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  const line = (suffix: string, number: number, more?: string, end = ''): void => {
    const all = more === undefined ? pairs : [...pairs, more];
    lines.push(`${name}${suffix}${all.length === 0 ? '' : `{${all.join(',')}}`} ${numberText(number)}${end}`);
  };
  for (const bucket of buckets ?? [])
    line('_bucket', bucket.count, `le="${boundText(bucket.le, isOpen)}"`, isOpen ? exemplarText(bucket) : '');
  for (const { quantile, value: length } of quantiles ?? []) line('', length, `quantile="${quantile}"`);
  if (sum === undefined) return line('', Number(value));
  line('_sum', sum);
  line('_count', Number(value));
}

/** 63 characters of the 128 that the labels of one may have. */
function exemplarText({ exemplar }: MetricBucket): string {
  if (!exemplar) return '';
  const labels = Object.entries(exemplarLabels(exemplar)).map(([name, id]) => `${name}="${id}"`);
  return ` # {${labels.join(',')}} ${numberText(exemplar.value)} ${exemplar.at.getTime() / 1_000}`;
}

function helpText(help: string, isOpen: boolean): string {
  const text = help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
  return isOpen ? text.replace(/"/g, '\\"') : text;
}

function escaped(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
}
