import { expect, test } from 'vitest';
import { createHealthMonitor, healthLimits, healthMonitorDefaults } from '../src/index.js';
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

test.each([
  { slowQueryMs: -1 },
  { windowMs: 0 },
  { minQueries: Number.NaN },
  { now: 5 },
  { cacheStats: {} },
  { intervalMs: 0 },
  { limits: { walBytes: { warning: 5, critical: 4 } } },
  { limits: { walBytes: { warning: 5, clear: 6 } } },
  { limits: { diskFreeBytes: { warning: 5, critical: 6 } } },
  { limits: { walBytes: { warnin: 5 } } },
  { limits: { walByte: { warning: 5 } } },
  { rules: [{ id: 'own', metric: 'cc_nothing', warning: 1 }] },
  { rules: [{ id: 'walBytes', metric: 'cc_db_wal_bytes', warning: 1 }] },
  { history: { path: '' } },
  { webhook: { url: 'ftp://x' } },
])('a value out of range is refused: %j', async (options) => {
  const { manager } = await openDatabase();
  expect(() => createHealthMonitor(manager, options as object)).toThrow(TypeError);
});

test('the defaults are public and cannot be changed', () => {
  expect(Object.isFrozen(healthMonitorDefaults)).toBe(true);
  expect(Object.isFrozen(healthLimits) && Object.isFrozen(healthLimits.walBytes)).toBe(true);
  expect(healthMonitorDefaults).toMatchInlineSnapshot(`
    {
      "intervalMs": 10000,
      "maxStatements": 500,
      "minQueries": 20,
      "retentionMs": 604800000,
      "slowQueryMs": 100,
      "windowMs": 60000,
    }
  `);
});
