// A server that is there and does not answer holds up no reading.
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor } from '../src/index.js';

describeWithSqld('a paused server', () => {
  test.each(['http', 'ws'] as const)('over %s holds up neither a report nor the end of monitoring', async (way) => {
    const server = await startSqld();
    onTestFinished(() => server.close());
    const manager = await openTransactionManager({ url: server.url[way] });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    const monitor = createHealthMonitor(manager);
    await monitor.startMonitoring();
    await manager.db.run(sql`create table t (x)`);
    await server.pause();
    onTestFinished(() => server.resume());
    const report = await monitor.generateHealthReport();
    expect(report.storage).toMatchObject({ readable: false, message: expect.stringContaining('has not answered') });
    await monitor.getHealthMetrics();
    await monitor.stopMonitoring();
  });
});
