// The life of an alert against a reference that knows no state: it looks back over the whole history each time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertState, inactive, type Severity, step } from '../../src/alerts/alert-state.js';
import { exceeds, limitOf } from '../../src/alerts/rule.js';

interface Moment {
  readonly elapsedMs: number;
  readonly value: number;
}

/** What a person would say who reads the whole list of values with their times, once for each end of it. */
function reference(
  moments: readonly Moment[],
  { warning, critical, clear, forMs, keepMs }: Record<'warning' | 'critical' | 'clear' | 'forMs' | 'keepMs', number>,
): { phase: string; severity: Severity | null }[] {
  let at = 0;
  const points = moments.map(({ elapsedMs, value }) => {
    at += elapsedMs;
    return { at, value };
  });
  /** When the run of points up to `i` (and not before `from`) that all fulfil `holds` began; null when `i` does not. */
  const since = (i: number, from: number, holds: (value: number) => boolean): number | null => {
    let began: number | null = null;
    for (let k = i; k >= from; k -= 1) {
      const point = points[k];
      if (!point || !holds(point.value)) break;
      began = point.at;
    }
    return began;
  };
  const result: { phase: string; severity: Severity | null }[] = [];
  /** Index after the last end of an alert, and where the present one fired. */
  let [from, fired]: [number, number | null] = [0, null];
  for (const [i, point] of points.entries()) {
    if (fired === null) {
      const began = since(i, from, (value) => value > warning);
      if (began !== null && point.at - began >= forMs) fired = i;
      const phase = began === null ? 'inactive' : fired === null ? 'pending' : 'firing';
      result.push({ phase, severity: phase === 'inactive' ? null : point.value > critical ? 'CRITICAL' : 'WARNING' });
      continue;
    }
    const calm = since(i, fired, (value) => value <= clear);
    if (calm !== null && point.at - calm >= keepMs) {
      [from, fired] = [i + 1, null];
      result.push({ phase: 'inactive', severity: null });
      continue;
    }
    // Critical from its last critical moment until it has been milder for long enough.
    const lastCritical = points.slice(fired, i + 1).findLastIndex(({ value }) => value > critical);
    const milder = lastCritical < 0 ? undefined : points[fired + lastCritical + 1];
    const isCritical =
      lastCritical >= 0 && (milder === undefined || fired + lastCritical + 1 > i || point.at - milder.at < keepMs);
    result.push({ phase: 'firing', severity: isCritical ? 'CRITICAL' : 'WARNING' });
  }
  return result;
}

test('an alert lives as the reference says, whatever values come at whatever times', () => {
  const moment = fc.record({ elapsedMs: fc.nat({ max: 40 }), value: fc.constantFrom(0, 7, 8, 9, 10, 11, 20, 21, 30) });
  const times = fc.record({ forMs: fc.constantFrom(0, 1, 30, 100), keepMs: fc.constantFrom(0, 1, 30, 100) });
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 60 }), times, (moments, { forMs, keepMs }) => {
      const limit = limitOf('test', '>', { warning: 10, critical: 20, clear: 8, for: forMs, keepFiringFor: keepMs });
      let state: AlertState = inactive;
      const lived = moments.map(({ elapsedMs, value }) => {
        state = step(state, exceeds(value, limit), elapsedMs, limit).state;
        return { phase: state.phase, severity: state.phase === 'inactive' ? null : state.severity };
      });
      expect(lived).toEqual(reference(moments, { warning: 10, critical: 20, clear: 8, forMs, keepMs }));
    }),
    { numRuns: 3_000 },
  );
});

test('noise around a limit changes an alert with hysteresis rarely', () => {
  const limit = limitOf('test', '>', { warning: 100, for: 30, keepFiringFor: 50 });
  const bare = limitOf('test', '>', { warning: 100, clear: 100, for: 0, keepFiringFor: 0 });
  const changes = (of: typeof limit): number => {
    let [state, value, seed, count]: [AlertState, number, number, number] = [inactive, 100, 7, 0];
    for (let i = 0; i < 20_000; i += 1) {
      seed = (seed * 16_807) % 2_147_483_647;
      value = 100 + 0.9 * (value - 100) + (seed / 2_147_483_647 - 0.5) * 20;
      const next = step(state, exceeds(value, of), 10, of);
      if (next.change === 'firing' || next.change === 'resolved') count += 1;
      state = next.state;
    }
    return count;
  };
  expect(changes(bare)).toBeGreaterThan(1_000);
  expect(changes(limit)).toBeLessThan(changes(bare) / 10);
});
