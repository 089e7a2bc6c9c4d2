import { expect, test } from 'vitest';
import { createHealthMonitor, healthMonitorDefaults } from '../src/index.js';
import { openDatabase } from './database.js';

test('an unknown option is refused with the nearest valid one', async () => {
  const { manager } = await openDatabase();
  expect(() => createHealthMonitor(manager, { slowQuery: 5 } as object)).toThrow(
    "createHealthMonitor: unknown option 'slowQuery'; did you mean 'slowQueryMs'?",
  );
  const monitor = createHealthMonitor(manager);
  expect(() => monitor.getSlowQueries({ limt: 5 } as object)).toThrow("did you mean 'limit'?");
  expect(() => monitor.getSlowQueries({ by: 'p42' as 'p95' })).toThrow(/one of p95, total/);
});

test.each([{ slowQueryMs: -1 }, { windowMs: 0 }, { minQueries: Number.NaN }, { now: 5 }, { cacheStats: {} }])(
  'a value out of range is refused: %j',
  async (options) => {
    const { manager } = await openDatabase();
    expect(() => createHealthMonitor(manager, options as object)).toThrow(TypeError);
  },
);

test('the defaults are public and cannot be changed', () => {
  expect(Object.isFrozen(healthMonitorDefaults)).toBe(true);
  expect(healthMonitorDefaults).toMatchInlineSnapshot(`
    {
      "errorRateCritical": 0.05,
      "errorRateWarning": 0.01,
      "maxStatements": 500,
      "minQueries": 20,
      "p95CriticalMs": 500,
      "p95WarningMs": 100,
      "poolWaitersCritical": 100,
      "poolWaitersWarning": 10,
      "slowQueryMs": 100,
      "windowMs": 60000,
    }
  `);
});
