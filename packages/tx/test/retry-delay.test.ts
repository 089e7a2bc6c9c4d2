// Pauses between attempts: never longer than a timer can be, whatever the bounds.
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from '../src/waiting/retry.js';

describe('the pause before another attempt', () => {
  it.each([
    [1, { baseDelayMs: 5, maxDelayMs: 250 }, 250],
    [60, { baseDelayMs: 5, maxDelayMs: 250 }, 250],
    [1, { baseDelayMs: 2 ** 40, maxDelayMs: 2 ** 41 }, 2 ** 31 - 1],
    [2_000, { baseDelayMs: 5, maxDelayMs: Number.POSITIVE_INFINITY }, 2 ** 31 - 1],
    [1, { baseDelayMs: Number.POSITIVE_INFINITY, maxDelayMs: Number.POSITIVE_INFINITY }, 2 ** 31 - 1],
  ])('of attempt %i with %o is at most %i', (attempt, bounds, longest) => {
    for (let round = 0; round < 100; round += 1) {
      const delayMs = retryDelayMs(attempt, bounds);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(longest);
    }
  });
});
