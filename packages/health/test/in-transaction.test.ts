// A monitor that is asked inside a transaction of the database that it watches.
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';
import { openDatabase, openManager } from './database.js';

describe.each(['file', 'memory'])('inside a transaction on a database in a %s', (place) => {
  test.each(['write', 'read'] as const)('(%s) every figure is there, the database is ready and well', async (mode) => {
    const manager = place === 'memory' ? await openManager(':memory:') : (await openDatabase()).manager;
    await manager.db.run('create virtual table words using fts5(a)');
    const health = createHealthMonitor(manager, { limits: { eventLoopDelayMs: false, diskFreeBytes: false } });
    await health.startMonitoring();
    onTestFinished(() => health.stopMonitoring());
    await manager.transaction(
      async () => {
        const [size] = await health.getHealthMetrics({ name: 'cc_db_size_bytes' });
        expect(size?.value).toBeGreaterThan(0);
        expect(await health.readyz()).toBe(true);
        expect((await health.generateHealthReport()).storage).toMatchObject({ readable: true });
        expect(health.getCurrentHealthStatus()).toMatchObject({ status: 'OK', reasons: [] });
        if (place === 'memory' && mode === 'write') {
          const checks = await health.runChecks(['integrity', 'quick', 'foreignKeys', 'fts']);
          expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
        }
      },
      { mode },
    );
  });
});

test.each(['file', 'memory'])('maintenance is refused before its first task (%s)', async (place) => {
  const manager = place === 'memory' ? await openManager(':memory:') : (await openDatabase()).manager;
  const health = createHealthMonitor(manager);
  await manager.db.run('create table numbered (a, b)');
  await manager.db.run('create index numbered_b on numbered (b)');
  await manager.db.run('insert into numbered select value, value from generate_series(1, 100)');
  const analysed = () => manager.db.values("select count(*) from sqlite_schema where name = 'sqlite_stat1'");
  for (const mode of ['read', 'write'] as const) {
    await manager.transaction(
      async () => {
        await expect(health.runMaintenance()).rejects.toMatchObject({ code: 'TX_FORBIDDEN', type: 'aborted' });
      },
      { mode },
    );
  }
  expect(await analysed()).toEqual([[0]]);
  expect(await health.runMaintenance({ tasks: ['analyze'] })).toMatchObject([{ status: 'done' }]);
  expect(await analysed()).toEqual([[1]]);
});
