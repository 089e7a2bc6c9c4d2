import { describe, expect, it } from 'vitest';
import { median, pairedRatio, quantile } from '../harness/ratios.js';

describe('paired ratios', () => {
  it('divide within each trial, so a slow trial does not count', () => {
    expect(pairedRatio([2, 20, 200], [1, 10, 100])).toEqual({ median: 2, min: 2, max: 2, trials: 3 });
  });

  it('give the median and the spread of the trials', () => {
    expect(pairedRatio([1, 3, 2], [1, 1, 1])).toEqual({ median: 2, min: 1, max: 3, trials: 3 });
  });

  it('leave out trials in which one of the two is missing', () => {
    expect(pairedRatio([4, undefined, 9], [2, 5, undefined])).toEqual({ median: 2, min: 2, max: 2, trials: 1 });
    expect(pairedRatio([undefined], [1])).toBeNull();
  });
});

describe('quantiles', () => {
  it('do not depend on the order of the values and leave them as they are', () => {
    const values = [5, 1, 4, 2, 3];
    expect(median(values)).toBe(3);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  it('lie between neighbours', () => {
    expect(median([1, 2])).toBe(1.5);
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5);
    expect(quantile([7], 0.95)).toBe(7);
  });
});
