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
