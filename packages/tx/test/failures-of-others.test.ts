// What fails elsewhere is no reason to run work again: it would do twice what it has done outside its transaction. Judged by
// counting, beside the stock client where that has the call.

import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, it } from 'vitest';
import { createErrorHandler, DatabaseError, openTransactionManager, type TransactionManager } from '../src/index.js';
import { deferred, openTarget, patient } from './target.js';

const passing = () => new DatabaseError('busy', { type: 'lock', code: 'BUSY', operation: 'a test', recoverable: true });
const retry = { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 };

/** Ways to ask a server that is away. */
const asking: Record<string, (manager: TransactionManager) => Promise<unknown>> = {
  'a transaction': (manager) => manager.transaction((tx) => tx.db.run(sql`insert into t values (1)`)),
  'a query on its own': (manager) => manager.db.run(sql`insert into t values (1)`),
  'a query of its client': (manager) => manager.db.$client.execute('insert into t values (1)'),
  'a batch of its client': (manager) => manager.db.$client.batch(['insert into t values (1)'], 'write'),
  'a script of its client': (manager) => manager.db.$client.executeMultiple('insert into t values (1)'),
  'a lease': async (manager) => {
    using lease = await manager.getConnection();
    await lease.client.execute('insert into t values (1)');
  },
};

describeWithSqld('a server of another manager that is away', () => {
  it('does not make work run again, nor another database be mended, in whatever way it is asked', async () => {
    const server = await startSqld();
    const away = await openTransactionManager({ url: server.url.http, ...patient, retry: false });
    await away.db.run(sql`create table t (n integer)`);
    await server.kill();
    const ours = await openTarget(':memory:', { retry });
    const handler = createErrorHandler(ours);
    const runs: Record<string, number[]> = {};
    for (const [way, ask] of Object.entries(asking)) {
      const counts: number[] = [];
      const running: ((work: () => Promise<void>) => Promise<void>)[] = [
        (work) => ours.transaction(work),
        (work) => ours.db.transaction(work),
        (work) => handler.run(work),
      ];
      for (const run of running) {
        let began = 0;
        const work = async (): Promise<void> => {
          began += 1;
          await ask(away);
        };
        await expect(run(work)).rejects.toMatchObject({ type: 'connection', recoverable: true });
        counts.push(began);
      }
      runs[way] = counts;
    }
    expect(runs).toEqual(Object.fromEntries(Object.keys(asking).map((way) => [way, [1, 1, 1]])));
    await away.close({ drainMs: 0 });
    await server.close();
  });
});

describeWithSqld('a server of another manager that goes away inside an interactive transaction', () => {
  it('does not make work run again', async () => {
    const server = await startSqld();
    const away = await openTransactionManager({ url: server.url.http, ...patient, retry: false });
    const interactive = await away.db.$client.transaction('write');
    await server.kill();
    const ours = await openTarget(':memory:', { retry });
    let runs = 0;
    const work = async (): Promise<void> => {
      runs += 1;
      await interactive.execute('create table t (n integer)');
    };
    await expect(ours.transaction(work)).rejects.toMatchObject({ recoverable: true });
    expect(runs).toBe(1);
    await away.close({ drainMs: 0 });
    await server.close();
  });
});

it('a transaction of another manager that fails as passing does not make work run again', async () => {
  const [ours, other] = [await openTarget(':memory:', { retry }), await openTarget(':memory:', { retry: false })];
  let runs = 0;
  const work = async (): Promise<void> => {
    runs += 1;
    await other.transaction(() => Promise.reject(passing()));
  };
  await expect(ours.transaction(work)).rejects.toMatchObject({ code: 'BUSY' });
  expect(runs).toBe(1);
});

it('what the application throws itself as passing is tried again, and so is what an inner transaction of the same manager throws', async () => {
  const manager = await openTarget(':memory:', { retry });
  for (const fail of [
    () => Promise.reject(passing()),
    () => manager.transaction(() => Promise.reject(passing())),
    () => manager.transaction(() => Promise.reject(passing()), { propagation: 'nested' }),
  ]) {
    let runs = 0;
    await expect(
      manager.transaction(async () => {
        runs += 1;
        await fail();
      }),
    ).rejects.toMatchObject({ code: 'BUSY' });
    expect(runs).toBe(3);
  }
});

describe("drizzle's own transaction", () => {
  it('begins its work once, as on the stock client, whatever it throws', async () => {
    const manager = await openTarget(':memory:', { retry });
    const client = createClient({ url: ':memory:' });
    for (const db of [drizzle(client), manager.db]) {
      let runs = 0;
      const work = async (): Promise<void> => {
        runs += 1;
        throw passing();
      };
      await expect(db.transaction(work)).rejects.toMatchObject({ code: 'BUSY' });
      expect(runs).toBe(1);
    }
    client.close();
  });

  it('that is begun in one call and ended in another with an error leaves no second one behind', async () => {
    const manager = await openTarget('file', { retry });
    await manager.db.run(sql`create table t (n integer)`);
    const begun = deferred<(error: unknown) => void>();
    let begins = 0;
    const running = manager.db.transaction(() => {
      begins += 1;
      return new Promise<void>((...[, end]) => begun.resolve(end));
    });
    const end = await begun.promise;
    end(passing());
    await expect(running).rejects.toMatchObject({ code: 'BUSY' });
    expect(begins).toBe(1);
    expect(manager.stats().openTransactions).toBe(0);
    await manager.db.run(sql`insert into t values (1)`);
  });
});
