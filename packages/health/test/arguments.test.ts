// Arguments of every wrong kind: each is refused with what to give instead, and none is answered with nothing.
import { expect, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { openDatabase } from './database.js';

test('only a transaction manager is watched', async () => {
  const { manager } = await openDatabase();
  for (const source of [undefined, null, {}, manager.db, 'file:a.db']) {
    expect(() => createHealthMonitor(source as never)).toThrow(/must be what openTransactionManager\(\)/);
  }
});

test.each([
  [{ headers: 'abc' }, /headers/],
  [{ headers: { 'a b': 'c' } }, /headers/],
  [{ headers: { a: 5 } }, /headers/],
  [{ timeoutMs: '5' }, /timeoutMs/],
  [{ timeoutMs: 1e12 }, /longer than a timer/],
  [{ attempts: 60 }, /longer than a timer/],
  [{ url: 'https://somebody:hunter2@example.org/' }, /headers: \{ authorization \}/],
])('the webhook %o is refused, without its values', async (options, message) => {
  const { manager } = await openDatabase();
  const make = (): unknown =>
    createHealthMonitor(manager, { webhook: { url: 'https://example.org/', ...options } as never });
  expect(make).toThrow(message);
  expect(make).not.toThrow(/hunter2/);
});

test('a moment, a limit or a name that is none is refused', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  for (const since of [5, '2020', new Date(Number.NaN)]) {
    await expect(monitor.getHealthMetrics({ since: since as never })).rejects.toThrow(/since must be a valid Date/);
    await expect(monitor.getAlertHistory({ since: since as never })).rejects.toThrow(/since must be a valid Date/);
  }
  for (const limit of [-1, Number.NaN, 'a', 1.5]) {
    expect(() => monitor.getSlowQueries({ limit: limit as never })).toThrow(/limit must be a whole number/);
    await expect(monitor.getAlertHistory({ limit: limit as never })).rejects.toThrow(/limit must be a whole number/);
  }
  await expect(monitor.getHealthMetrics({ name: 'nope' })).rejects.toThrow(/no figure of this name/);
  expect(() => monitor.silence({ forMs: '5' as never })).toThrow(/forMs must be a number/);
});

test.each([
  [undefined, /give a statement of getSlowQueries/],
  [{ sql: 'select 1; drop table items' }, /one statement/],
  [{ sql: "attach database ':memory:' as x" }, /must begin with SELECT/],
  [{ sql: 'pragma journal_mode = delete' }, /must begin with SELECT/],
  [{ sql: 'drop table items' }, /must begin with SELECT/],
  [
    { sql: 'select * from items where id = ? and name = ?', parameterSets: [[1], [2], [3]] },
    /has 1 values, .* takes 2/,
  ],
  [{ sql: 'select * from items where id = ?2', parameterSets: [[1]] }, /takes 2/],
  [{ sql: 'select * from items where id = :a or id + 1 = :a', parameterSets: [[1, 2]] }, /takes 1/],
  [{ sql: 'select * from items where id = ?', parameterSets: [[{}], [new Date(0)]] }, /values must be texts/],
])('analyzeQuery refuses %o', async (query, message) => {
  const { manager } = await openDatabase();
  const analysis = createHealthMonitor(manager).analyzeQuery(query as never);
  await expect(analysis).rejects.toThrow(TypeError);
  await expect(analysis).rejects.toThrow(message);
});
