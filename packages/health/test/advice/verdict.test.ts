import { expect, test } from 'vitest';
import { refusalOf } from '../../src/advice/verdict.js';

const costs = (steps: readonly number[], cpuMs: readonly number[] = []) =>
  steps.map((count, at) => ({ steps: count, cpuMs: cpuMs[at] ?? 1 }));

test('an index is advised when it halves the work and makes no list of values worse', () => {
  expect(refusalOf(costs([10_000, 10_000]), [costs([5_000, 5_000])])).toBeNull();
  expect(refusalOf(costs([10_000, 10_000, 10_000]), [costs([10, 10, 11_000])])).toBeNull();
});

test('it is refused when it leaves more than half, with and without statistics of it', () => {
  const [good, bad] = [costs([10, 10]), costs([10_000, 10])];
  expect(refusalOf(costs([10_000, 10_000]), [costs([10_001, 0])])).toBe('It leaves 0.5 × of the work');
  expect(refusalOf(costs([10_000, 9_000]), [good, bad])).toBe('It leaves 0.53 × of the work');
  expect(refusalOf(costs([10_000, 9_000]), [bad, good])).toBe('It leaves 0.53 × of the work');
  // What was measured for an index on `size` where the order wants another: a SEARCH in the plan, and more steps.
  expect(refusalOf(costs([250_013]), [costs([263_759])])).toBe('It leaves 1.1 × of the work');
});

test('it is refused when one list of values gets worse, in steps or in time', () => {
  const before = costs([10_000, 10_000, 10_000], [5, 5, 5]);
  expect(refusalOf(before, [costs([10, 10, 11_001])])).toBe('With some values the work becomes 1.1 ×');
  expect(refusalOf(before, [costs([10, 10, 9_000], [0, 0, 19])])).toBeNull();
  expect(refusalOf(before, [costs([10, 10, 9_000], [0, 0, 21])])).toBe('With some values it takes 4.2 × the time');
});

test('a statement of few steps needs no index', () => {
  expect(refusalOf(costs([999, 999]), [costs([10, 10])])).toBe('The statement takes few steps as it is');
});
