// What a stranger does to a monitor: values in logs, listeners that fail later, answers that are none, names that are none.
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { createHealthMonitor, pinoLogger } from '../src/index.js';
import { openDatabase } from './database.js';

test('a logger gets no literal, neither of a statement nor of its failure', async () => {
  const { manager } = await openDatabase();
  const lines: unknown[] = [];
  const keep = (fields: object, message: string): void => void lines.push(fields, message);
  const stop = pinoLogger(manager, { debug: keep, info: keep, warn: keep, error: keep });
  await manager.db.run(sql.raw("insert into items (name) values ('secret-one')"));
  await expect(manager.db.run(sql.raw("insert into items (nowhere) values ('secret-two')"))).rejects.toThrow(/nowhere/);
  await expect(
    manager.transaction(() => manager.db.run(sql.raw("insert into items (name) values ('secret-one')"))),
  ).rejects.toThrow(/UNIQUE/);
  stop();
  expect(lines.length).toBeGreaterThan(6);
  expect(JSON.stringify(lines)).not.toContain('secret');
  expect(JSON.stringify(lines)).toContain('insert into items (name) values (?)');
});

test('the status is UNKNOWN once monitoring has ended', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await monitor.startMonitoring();
  await manager.db.run(sql`select 1`);
  await monitor.stopMonitoring();
  expect(monitor.getCurrentHealthStatus().status).toBe('UNKNOWN');
});

test('a cache or a rule that answers by a promise which fails is not known, and ends nothing', async () => {
  const { manager } = await openDatabase();
  const later = async (): Promise<never> => {
    throw new Error('later');
  };
  const monitor = createHealthMonitor(manager, {
    cacheStats: later as never,
    rules: [{ id: 'own', check: later as never }],
  });
  await monitor.startMonitoring();
  expect((await monitor.generateHealthReport()).cache).toBeNull();
  expect(monitor.getCurrentHealthStatus().reasons.join()).toContain('own: the rule failed: check must answer at once');
  await monitor.stopMonitoring();
});

test.each([[{}], [{ hits: 'many', misses: 1 }], [Number.NaN]])(
  'a cache that tells %o is not told of',
  async (counts) => {
    const { manager } = await openDatabase();
    const monitor = createHealthMonitor(manager, { cacheStats: () => counts as never });
    expect((await monitor.generateHealthReport()).cache).toBeNull();
    expect(monitor.toPrometheus()).not.toContain('NaN');
  },
);

test.each([undefined, 5, ''])('measure refuses the name %o', async (name) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  await expect(monitor.measure(name as never, () => 1)).rejects.toThrow(/the name must be a text/);
  expect(() => monitor.toPrometheus()).not.toThrow();
});
