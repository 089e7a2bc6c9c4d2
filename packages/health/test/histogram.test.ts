import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Durations } from '../src/statistics/durations.js';
import { binOf, Histogram } from '../src/statistics/histogram.js';

const fractions = [0.01, 0.5, 0.9, 0.95, 0.99, 1];

/** From 2 µs to a day, each magnitude as likely as the next. */
const duration = fc
  .double({ min: Math.log(0.002), max: Math.log(86_400_000), noNaN: true })
  .map((exponent) => Math.exp(exponent));

function exact(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(fraction * sorted.length)) - 1] ?? 0;
}

test('every percentile is within 3.2 % of the exact one', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(binOf(value));
      for (const fraction of fractions) {
        const right = exact(values, fraction);
        expect(Math.abs(histogram.percentile(fraction) - right) / right).toBeLessThanOrEqual(0.032);
      }
    }),
    { numRuns: 500 },
  );
});

test('two histograms add up to the one of all values', () => {
  fc.assert(
    fc.property(fc.array(duration, { maxLength: 100 }), fc.array(duration, { maxLength: 100 }), (some, more) => {
      const [a, b, all] = [new Histogram(), new Histogram(), new Histogram()];
      for (const value of some) a.record(binOf(value));
      for (const value of more) b.record(binOf(value));
      for (const value of [...some, ...more]) all.record(binOf(value));
      a.add(b);
      expect(fractions.map((p) => a.percentile(p))).toEqual(fractions.map((p) => all.percentile(p)));
    }),
  );
});

test('durations at and beyond both ends are counted', () => {
  const histogram = new Histogram();
  for (const value of [0, 1e-9, 1e-4]) histogram.record(binOf(value));
  expect(histogram.percentile(1)).toBeLessThanOrEqual(0.0002);
  const long = new Histogram();
  for (const value of [1.09e8, 1e9, Number.MAX_VALUE]) long.record(binOf(value));
  expect(long.percentile(0.01) / 1.09e8).toBeCloseTo(1, 1);
  expect(new Histogram().percentile(0.5)).toBe(0);
});

test('a percentile never exceeds the longest duration', () => {
  const durations = new Durations();
  durations.record(1_000, false);
  expect(durations.summary()).toMatchObject({ calls: 1, meanMs: 1_000, maxMs: 1_000 });
  expect(durations.percentile(0.99)).toBeLessThanOrEqual(1_000);
  expect(durations.percentile(0.99)).toBeGreaterThan(968);
});
