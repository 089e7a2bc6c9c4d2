// Arguments of every wrong kind: each is refused with what to give instead, and none is answered with nothing.
import { openTransactionManager } from '@cc/tx';
import { expect, onTestFinished, test } from 'vitest';
import { captureParameters, createHealthMonitor, digestContent, loadTest } from '../src/index.js';
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
])('analyzeQuery and reviewIndexes refuse %o', async (query, message) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  const refused = [monitor.analyzeQuery(query as never)];
  if (query !== undefined) refused.push(monitor.reviewIndexes([query as never]) as never);
  for (const call of refused) {
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(message);
  }
});

test('what ends a call must be a signal', async () => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager);
  const options = { signal: {} as never };
  const calls = [
    monitor.runChecks(['quick'], options),
    monitor.analyzeQuery({ sql: 'select * from items' }, options),
    monitor.reviewIndexes([], options),
    monitor.runMaintenance(options),
    digestContent(manager, options),
    loadTest(() => undefined, { callers: 1, durationMs: 1, ...options }),
  ];
  for (const call of calls) await expect(call).rejects.toThrow(/signal must be an AbortSignal/);
});

test('captured statements that cannot be analysed are not kept, so that those that can are reviewed', async () => {
  const parameterCapture = captureParameters();
  const manager = await openTransactionManager({ url: ':memory:', logger: parameterCapture });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run('create table parts (id integer primary key, size integer)');
  await manager.db.run('create index parts_size on parts (size)');
  await manager.db.run('pragma user_version');
  await expect(manager.db.$client.execute({ sql: 'select ?, ?', args: [1] })).rejects.toThrow(/value/);
  parameterCapture.logQuery('select id from parts where id = ? and size = ?', [1]);
  await manager.db.run('select id from parts where id = 1');
  const monitor = createHealthMonitor(manager, { parameterCapture });
  expect(parameterCapture.queries().map(({ sql, parameterSets }) => [sql, parameterSets?.length])).toEqual([
    ['select id from parts where id = ? and size = ?', 0],
    ['select id from parts where id = 1', 1],
  ]);
  expect(await monitor.reviewIndexes()).toMatchObject([{ name: 'parts_size', fault: 'unused' }]);
});
