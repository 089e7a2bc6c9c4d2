// Own rules as strangers write them: what no rule can judge is refused when the monitor is made, and not UNKNOWN for ever.
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { type CacheCounts, createHealthMonitor, type HealthFigures } from '../../src/index.js';
import { catalogue } from '../../src/metrics/catalogue.js';
import { onlyWhenAsked, openDatabase } from '../database.js';

test.each([
  [null, /each rule needs an id/],
  [5, /each rule needs an id/],
  [{ metric: 'cc_db_pages', warning: 1 }, /each rule needs an id/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, crtical: 6 }, /did you mean 'critical'/],
  [{ id: 'own', check: () => null, warning: 5 }, /unknown option 'warning'/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, labels: 'x' }, /labels must be an object of texts/],
  [{ id: 'own', metric: 'cc_db_pages', warning: 1, labels: { a: 'x' } }, /unknown option 'a'/],
  [{ id: 'own', metric: 'cc_cache_hits_total', warning: 1, labels: { regoin: 'models' } }, /did you mean 'region'/],
  [{ id: 'own', metric: 'cc_db_connections', warning: 1, labels: { state: 'idel' } }, /one of open, busy, idle/],
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

test('a region or tier of the cache that is not there yet is 0; one of a cache that cannot be asked is not', async () => {
  const { manager } = await openDatabase();
  const of = { hits: 3, misses: 1, errors: 0, bytes: 5 };
  let counts: CacheCounts = { ...of, regions: { lists: { ...of, evictions: 4 } }, tiers: { disk: of } };
  const rules = [
    { id: 'models', metric: 'cc_cache_evictions_total', labels: { region: 'models' }, warning: 1 },
    { id: 'lists', metric: 'cc_cache_evictions_total', labels: { region: 'lists' }, warning: 3 },
    { id: 'redis', metric: 'cc_cache_tier_errors_total', labels: { tier: 'redis' }, warning: 0 },
  ];
  const monitor = createHealthMonitor(manager, { cacheStats: () => counts, rules });
  await monitor.startMonitoring();
  expect(monitor.getCurrentHealthStatus()).toMatchObject({
    ...{ status: 'WARNING', reasons: ['lists: cc_cache_evictions_total is 4, the limit is 3'] },
  });
  counts = { hits: 0, misses: Number.NaN };
  expect(monitor.getCurrentHealthStatus().status).toBe('UNKNOWN');
  expect(monitor.getCurrentHealthStatus().reasons).toContain('models: cc_cache_evictions_total could not be read');
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

test('a rule that asks for the status hears that of all others, and is not asked without end', async () => {
  const { manager } = await openDatabase();
  const heard: string[] = [];
  const monitor = createHealthMonitor(manager, {
    ...onlyWhenAsked,
    rules: [
      { id: 'night', check: () => ({ severity: 'CRITICAL', reason: 'It is night' }) },
      {
        id: 'page somebody',
        check: () => {
          const { status, reasons } = monitor.getCurrentHealthStatus();
          heard.push(...reasons);
          return status === 'CRITICAL' ? { severity: 'WARNING', reason: 'Somebody is called' } : null;
        },
      },
    ],
  });
  await monitor.startMonitoring();
  heard.length = 0;
  expect(monitor.getCurrentHealthStatus().reasons).toEqual(['It is night', 'Somebody is called']);
  expect(heard).toEqual(['It is night']);
  await monitor.stopMonitoring();
});
