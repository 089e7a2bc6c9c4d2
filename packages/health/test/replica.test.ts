// How far a replica is behind, beside a real server: the clock is the test's, the rows say whether something was fetched.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { expect, it, onTestFinished } from 'vitest';
import { createHealthMonitor, type DatabaseHealthMonitor } from '../src/index.js';
import { onlyWhenAsked, openManager } from './database.js';

const start = Date.UTC(2024, 0, 1);

interface Opened {
  readonly server: Sqld;
  readonly replica: TransactionManager;
  readonly monitor: DatabaseHealthMonitor;
  readonly clock: { at: number };
  /** By another one, on the server itself. */
  readonly write: () => Promise<void>;
  readonly rows: () => Promise<unknown>;
}

describeWithSqld('the lag of a replica', () => {
  it('grows until it fetches, and is 0 then: what others wrote is here', async () => {
    const { replica, monitor, clock, write, rows } = await opened();
    await write();
    expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(0);
    clock.at += 90_000;
    expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(90);
    expect(await rows()).toEqual([{ n: 0 }]);
    await replica.sync();
    expect(await rows()).toEqual([{ n: 1 }]);
    expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(0);
    expect(await figure(monitor, 'cc_db_replica_sync_errors_total')).toBe(0);
    expect(monitor.toPrometheus()).toMatch(/^cc_db_replica_lag_seconds 0$/m);
  });

  it('goes on growing while the server is away, and each fetch that fails is counted', async () => {
    const { server, replica, monitor, clock } = await opened();
    await server.kill();
    for (const errors of [1, 2]) {
      clock.at += 60_000;
      await expect(replica.sync()).rejects.toMatchObject({ name: 'DatabaseError' });
      expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(errors * 60);
      expect(await figure(monitor, 'cc_db_replica_sync_errors_total')).toBe(errors);
    }
    await server.restart();
    await replica.sync();
    expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(0);
    expect(await figure(monitor, 'cc_db_replica_sync_errors_total')).toBe(2);
  });

  it('is 0 after a write of its own, which fetches', async () => {
    const { replica, monitor, clock, write, rows } = await opened();
    await write();
    clock.at += 30_000;
    await replica.db.run('insert into t values (2)');
    expect(await rows()).toEqual([{ n: 2 }]);
    expect(await figure(monitor, 'cc_db_replica_lag_seconds')).toBe(0);
  });
});

async function opened(): Promise<Opened> {
  const server = await startSqld({ grpc: true });
  onTestFinished(() => server.close());
  const other = await openManager(server.url.http);
  await other.db.run('create table t (a)');
  const url = pathToFileURL(join(await temporaryFolder(), 'replica.db')).href;
  const replica = await openTransactionManager({
    ...{ url, syncUrl: server.url.http, syncIntervalMs: Number.POSITIVE_INFINITY },
  });
  onTestFinished(() => replica.close({ drainMs: 0 }));
  const clock = { at: start };
  const monitor = createHealthMonitor(replica, { ...onlyWhenAsked, now: () => clock.at });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  const write = async (): Promise<void> => void (await other.db.run('insert into t values (1)'));
  return { server, replica, monitor, clock, write, rows: () => replica.db.all('select count(*) as n from t') };
}

async function figure(monitor: DatabaseHealthMonitor, name: string): Promise<number | string | undefined> {
  const [metric] = await monitor.getHealthMetrics({ name });
  return metric?.value;
}
