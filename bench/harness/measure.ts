// The timing loop of a trial process: warm-up and a digest of what it gave, then one sample to an operation.
import { digest } from './digest.js';
import type { Json } from './json.js';
import { median, quantile } from './ratios.js';

/** What one process found out about one row. */
export interface Measurement {
  /** What ratios are made of: the median of the samples, unless the suite says otherwise. */
  readonly value: number;
  readonly samples: number;
  readonly mean: number;
  readonly p95: number;
  readonly p99?: number;
  readonly max: number;
  /** Of the results; equal for every contender. Null = nothing to compare. */
  readonly digest: string | null;
  /** Operations that failed, where some may. */
  readonly failed?: number;
  readonly facts: Readonly<Record<string, Json>>;
}

/** How one row is measured. */
export interface MeasureOptions<T> {
  readonly unit: 'µs' | 'ms';
  /** Operations before the first sample: theirs are the results that are compared. */
  readonly warmup: number;
  readonly samples: number;
  /** Operations to a sample, for those that are short beside the clock. Default 1. */
  readonly batch?: number;
  /** Does the `i`-th operation, counted from the first of the warm-up. */
  readonly operation: (i: number) => T | Promise<T>;
  /** Returns what must be equal; by default the result. Runs before the clock starts. */
  readonly compare?: (result: T) => unknown;
}

/** Runs the operations of one row, one after another, and returns what they took. */
export async function measure<T>(options: MeasureOptions<T>): Promise<Measurement> {
  const { unit, warmup, samples, batch = 1, operation, compare = (result: T): unknown => result } = options;
  const results: T[] = [];
  for (let i = 0; i < warmup; i += 1) results.push(await operation(i));
  const digestOfResults = digest(results.map((result) => compare(result)));
  // Nothing of the harness's own may grow while the clock runs.
  results.length = 0;
  globalThis.gc?.();
  const timesMs = new Float64Array(samples);
  if (batch === 1) {
    for (let i = 0; i < samples; i += 1) {
      const started = performance.now();
      await operation(warmup + i);
      timesMs[i] = performance.now() - started;
    }
  } else {
    for (let i = 0; i < samples; i += 1) {
      const started = performance.now();
      for (let j = 0; j < batch; j += 1) await operation(warmup + i * batch + j);
      timesMs[i] = (performance.now() - started) / batch;
    }
  }
  return summarise(timesMs, unit, digestOfResults);
}

/** Returns the measurement of given times in milliseconds. */
export function summarise(
  timesMs: Iterable<number>,
  unit: 'µs' | 'ms',
  digestOfResults: string | null,
  facts: Measurement['facts'] = {},
): Measurement {
  const factor = unit === 'µs' ? 1_000 : 1;
  const times = Array.from(timesMs, (time) => time * factor);
  return {
    value: median(times),
    samples: times.length,
    mean: times.reduce((sum, time) => sum + time, 0) / times.length,
    p95: quantile(times, 0.95),
    p99: quantile(times, 0.99),
    max: Math.max(...times),
    digest: digestOfResults,
    facts,
  };
}
