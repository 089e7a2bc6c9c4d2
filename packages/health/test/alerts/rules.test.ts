// Own rules as strangers write them: what no rule can judge is refused when the monitor is made, and not UNKNOWN for ever.
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createHealthMonitor, type HealthFigures } from '../../src/index.js';
import { catalogue } from '../../src/metrics/catalogue.js';
import { openDatabase } from '../database.js';

test.each([
  [null, /each rule needs an id/],
  [5, /each rule needs an id/],
  [{ metric: 'cc_db_pages', warning: 1 }, /each rule needs an id/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, crtical: 6 }, /did you mean 'critical'/],
  [{ id: 'own', check: () => null, warning: 5 }, /unknown option 'warning'/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, labels: 'x' }, /labels must be an object of texts/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, labels: { a: 5 } }, /labels must be an object of texts/],
  [{ id: 'own', metric: 'cc_db_query_errors_total', warning: 1, labels: { typ: 'lock' } }, /did you mean 'type'/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, advice: 'do it' }, /advice must be an object/],
  [{ id: 'own', metric: 'cc_db_query_duration_seconds', warning: 1 }, /is many durations/],
])('the rule %o is refused', async (rule, message) => {
  const { manager } = await openDatabase();
  expect(() => createHealthMonitor(manager, { rules: [rule as never] })).toThrow(TypeError);
  expect(() => createHealthMonitor(manager, { rules: [rule as never] })).toThrow(message);
});

test('a figure is refused, or rules see it, or it appears with what it counts', async () => {
  const { manager } = await openDatabase();
  let seen: HealthFigures['metrics'] = [];
  const look = (figures: HealthFigures): null => {
    seen = figures.metrics;
    return null;
  };
  const monitor = createHealthMonitor(manager, { rules: [{ id: 'look', check: look }] });
  await monitor.getHealthMetrics();
  const names = new Set(seen.map(({ name }) => name));
  for (const metric of Object.keys(catalogue)) {
    const make = (): unknown => createHealthMonitor(manager, { rules: [{ id: 'own', metric, warning: 1 }] });
    if (names.has(metric) && !metric.endsWith('_seconds')) expect(make).not.toThrow();
    if (!names.has(metric) && metric !== 'cc_health_alerts') expect(make).toThrow(TypeError);
  }
});

test('what has not happened yet is 0, and counts from the first time', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, {
    rules: [
      { id: 'syntax', metric: 'cc_db_query_errors_total', labels: { type: 'syntax' }, warning: 0 },
      { id: 'many alerts', metric: 'cc_health_alerts', warning: 5 },
    ],
  });
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus()).toMatchObject({ status: 'OK', reasons: [] });
  await expect(manager.db.run(sql.raw('selekt 1'))).rejects.toThrow(/syntax/i);
  expect(monitor.getCurrentHealthStatus().reasons.join()).toContain('syntax: cc_db_query_errors_total is 1');
  await monitor.stopMonitoring();
});

test.each([
  [undefined, 'check returned nothing'],
  [{ severity: 'WARNING' }, 'check must return a reason'],
  [{ severity: 'BAD', reason: 'x' }, 'check must return a severity'],
])('the verdict %o is told as the fault of the rule', async (verdict, message) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, { rules: [{ id: 'own', check: () => verdict as never }] });
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus().reasons.join()).toContain(message);
  await monitor.stopMonitoring();
});
