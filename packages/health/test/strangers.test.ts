// What a stranger does to a monitor: values in logs, listeners that fail later, answers that are none, names that are none.

import { inspect } from 'node:util';
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

test('a logger gets no literal of a statement that fails in a hook, also as a cause or a part of what the hook throws', async () => {
  const { manager } = await openDatabase();
  const logged: object[] = [];
  const stop = pinoLogger(manager, { debug() {}, info() {}, warn() {}, error: (fields) => void logged.push(fields) });
  const fail = (): Promise<unknown> =>
    manager.db.run(sql.raw("insert into items (nowhere) values ('secret-three')")) as Promise<unknown>;
  const thrown: (() => unknown)[] = [
    fail,
    () =>
      fail().catch((cause: unknown) => {
        throw new Error('the index was not told', { cause });
      }),
    () => Promise.any([fail(), Promise.reject(new Error('nor that way'))]),
    () => {
      throw new Error('of its own');
    },
  ];
  await manager.transaction(async (tx) => {
    await manager.db.run('select 1');
    for (const hook of thrown) tx.afterCommit(hook);
  });
  stop();
  const failed = logged.filter((fields) => 'hook' in fields);
  expect(failed).toMatchObject([
    { err: { type: 'syntax', code: 'SQLITE_ERROR' } },
    { err: { message: 'the index was not told', cause: { type: 'syntax' } } },
    { err: { message: 'All promises were rejected', cause: { type: 'syntax' } } },
    { err: new Error('of its own') },
  ]);
  expect(inspect(logged, { depth: 9 })).not.toContain('secret');
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
