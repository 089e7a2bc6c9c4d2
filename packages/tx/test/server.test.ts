// What only a server can do to a transaction: go away, lose an answer, take the lock back, be too busy.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { losingProxy } from '@cc/testkit/losing-proxy';
import { createTokenIssuer, refusingPort, type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { eq, sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { type ManagerEvent, openTransactionManager } from '../src/index.js';
import { items, patient, schema, type TestManager, temporaryFolder } from './target.js';

const ddl =
  'create table if not exists items (id integer primary key, name text not null unique, amount integer not null default 0)';

async function server(): Promise<Sqld> {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  return sqld;
}

async function open(url: string, options: object = {}): Promise<TestManager> {
  const manager = await openTransactionManager({ url, schema, ...patient, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

describeWithSqld('a server', () => {
  it.each(['http', 'ws'] as const)(
    'answers over %s what read transactions await beside themselves, however many there are',
    async (protocol) => {
      const sqld = await server();
      const manager = await open(sqld.url[protocol], { maxOpenTransactions: 4, acquireTimeoutMs: 60_000 });
      await manager.db.run(ddl);
      const beside = Array.from({ length: 8 }, (_, i) =>
        manager.read(async () => {
          await manager.db.$count(items);
          await manager.transaction(async () => manager.db.$count(items), { propagation: 'not_supported' });
          await manager.transaction(async () => manager.db.insert(items).values({ name: `${i}` }), {
            propagation: 'requires_new',
          });
        }),
      );
      await Promise.all(beside);
      expect(await manager.db.$count(items)).toBe(8);
    },
  );

  it.each(['http', 'ws'] as const)(
    'need not answer over %s to the end of a transaction that only reads',
    async (protocol) => {
      const sqld = await server();
      const manager = await open(sqld.url[protocol]);
      const read = manager.read(async () => {
        const rows = await manager.db.values('select 1');
        await sqld.pause();
        return rows;
      });
      onTestFinished(() => sqld.resume());
      expect(await read).toEqual([[1]]);
      expect(manager.stats().readersOpen).toBe(1);
      sqld.resume();
      await expect.poll(() => manager.stats().readersOpen).toBe(0);
    },
  );

  it.each(['before', 'after'] as const)(
    'that loses a COMMIT %s it took effect leaves the outcome unknown, and nobody runs the work again',
    async (when) => {
      const sqld = await server();
      const proxy = await losingProxy(sqld);
      const manager = await open(proxy.url);
      await manager.db.run(ddl);
      let runs = 0;
      const hooks: string[] = [];
      proxy.loseCommit(when);
      const work = manager.transaction(async (tx) => {
        runs += 1;
        tx.afterCommit(() => hooks.push('commit'));
        tx.afterRollback(() => hooks.push('rollback'));
        tx.afterUnknown(() => hooks.push('unknown'));
        await manager.db.insert(items).values({ name: 'once' });
      });
      await expect(work).rejects.toMatchObject({ type: 'connection', outcome: 'unknown', recoverable: false });
      expect([runs, proxy.lost(), hooks]).toEqual([1, 1, ['unknown']]);
      const direct = await open(sqld.url.http);
      expect(await direct.db.select().from(items)).toHaveLength(when === 'after' ? 1 : 0);
    },
  );

  it.each(['before', 'after'] as const)(
    'that loses a COMMIT %s it took effect is asked again, and a keyed transaction takes effect exactly once',
    async (when) => {
      const sqld = await server();
      const proxy = await losingProxy(sqld);
      const manager = await open(proxy.url);
      await manager.db.run(ddl);
      const hooks: string[] = [];
      proxy.loseCommit(when);
      const transfer = () =>
        manager.transaction(
          async (tx) => {
            tx.afterCommit(() => hooks.push('commit'));
            await manager.db.insert(items).values({ name: 'kept', amount: 1 });
            return { paid: 1 };
          },
          { idempotencyKey: 'order-1' },
        );
      expect(await transfer()).toEqual({ paid: 1 });
      expect([proxy.lost(), hooks]).toEqual([1, ['commit']]);
      expect(await transfer()).toEqual({ paid: 1 });
      const direct = await open(sqld.url.http);
      expect(await direct.db.select({ name: items.name }).from(items)).toEqual([{ name: 'kept' }]);
    },
  );

  it('that is killed in the middle of a transaction keeps nothing of it, and the transaction is run again when it is back', async () => {
    const sqld = await server();
    const manager = await open(sqld.url.http, { retry: { maxAttempts: 20, maxDelayMs: 200 } });
    await manager.db.run(ddl);
    let runs = 0;
    await manager.transaction(async () => {
      runs += 1;
      await manager.db.insert(items).values({ name: 'a' });
      if (runs === 1) await sqld.restart();
      await manager.db.insert(items).values({ name: 'b' });
    });
    expect(runs).toBe(2);
    expect(await manager.db.select({ name: items.name }).from(items)).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it.each(['http', 'ws'] as const)(
    'takes 300 transactions and reads at once over %s without refusing one',
    async (protocol) => {
      const sqld = await server();
      const manager = await open(sqld.url[protocol]);
      await manager.db.run(ddl);
      await manager.db.insert(items).values({ id: 1, name: 'counter' });
      const bump = () =>
        manager.transaction(async () => {
          const row = await manager.db.query.items.findFirst({ where: eq(items.id, 1) });
          await manager.db
            .update(items)
            .set({ amount: (row?.amount ?? 0) + 1 })
            .where(eq(items.id, 1));
        });
      const read = () => manager.db.select().from(items);
      await Promise.all(Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? bump() : read())));
      expect(await read()).toMatchObject([{ amount: 100 }]);
      expect(manager.stats()).toMatchObject({
        writerBusy: false,
        writersWaiting: 0,
        readersWaiting: 0,
        openTransactions: 0,
      });
    },
  );

  it('that gives the lock to another process after 5 s makes the transaction run again, whole', async () => {
    const sqld = await server();
    const manager = await open(sqld.url.http);
    const rival = await open(sqld.url.http);
    await manager.db.run(ddl);
    const retries: ManagerEvent[] = [];
    manager.subscribe((event) => event.type === 'retry' && retries.push(event));
    let runs = 0;
    const slow = manager.transaction(async () => {
      runs += 1;
      await manager.db.insert(items).values({ name: 'slow' });
      if (runs > 1) return;
      await rival.db.insert(items).values({ name: 'rival' });
      await manager.db.insert(items).values({ name: 'late' });
    });
    await slow;
    expect([runs, retries.length]).toEqual([2, 1]);
    const rows = await manager.db.select({ name: items.name }).from(items);
    expect(rows.map(({ name }) => name).sort()).toEqual(['rival', 'slow']);
  });

  it('is reached by a libsql: URL too', async () => {
    const sqld = await server();
    const manager = await open(sqld.url.http.replace('http:', 'libsql:').concat('?tls=0'));
    await manager.db.run(ddl);
    await manager.transaction(() => manager.db.insert(items).values({ name: 'a' }));
    expect(await manager.db.$count(items)).toBe(1);
    expect(manager.capabilities).toMatchObject({ target: 'remote', sync: false });
    await expect(manager.sync()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  it('with tokens refuses a wrong one and takes a right one, and no message names either', async () => {
    const tokens = createTokenIssuer();
    const sqld = await startSqld({ tokens });
    onTestFinished(() => sqld.close());
    const wrong = createTokenIssuer().token();
    const refused = openTransactionManager({ url: sqld.url.http, authToken: wrong });
    await expect(refused).rejects.toMatchObject({ type: 'auth', message: expect.not.stringContaining(wrong) });
    const manager = await open(sqld.url.http, { authToken: tokens.token() });
    await manager.db.run(ddl);
    const reader = await open(sqld.url.http, { authToken: tokens.token({ access: 'ro' }) });
    expect(await reader.db.select().from(items)).toEqual([]);
    await expect(reader.db.insert(items).values({ name: 'a' })).rejects.toMatchObject({ name: 'DatabaseError' });
  });

  it('that is not there is told as type connection, quickly', async () => {
    const opening = openTransactionManager({ url: `http://127.0.0.1:${refusingPort}`, retry: false });
    await expect(opening).rejects.toMatchObject({ type: 'connection', recoverable: true });
  });
});

describeWithSqld('a replica', () => {
  const openReplica = async (sqld: Sqld, path: string, options: object = {}) =>
    open(pathToFileURL(path).href, { syncUrl: sqld.url.http, ...options });
  const path = async () => join(await temporaryFolder(), 'replica.db');

  it('reads what it has written at once, and what others wrote after sync()', async () => {
    const sqld = await server();
    const other = await open(sqld.url.http);
    await other.db.run(ddl);
    const replica = await openReplica(sqld, await path());
    for (let i = 0; i < 30; i += 1) {
      await replica.db.insert(items).values({ name: `own ${i}` });
      expect(await replica.db.$count(items)).toBe(i + 1);
    }
    await other.db.insert(items).values({ name: 'foreign' });
    await replica.sync();
    expect(await replica.db.$count(items)).toBe(31);
  });

  it('goes on reading while its server is away, starts without it, and writes again when it is back', async () => {
    const sqld = await server();
    const file = await path();
    const first = await openReplica(sqld, file);
    await first.db.run(ddl);
    await first.db.insert(items).values({ name: 'a' });
    await sqld.kill();
    expect(await first.db.$count(items)).toBe(1);
    await expect(first.db.insert(items).values({ name: 'b' })).rejects.toMatchObject({ name: 'DatabaseError' });
    await first.close();
    const offline = await openReplica(sqld, file);
    expect(await offline.db.$count(items)).toBe(1);
    expect(await offline.read(async () => offline.db.$count(items))).toBe(1);
    await sqld.restart();
    await offline.db.insert(items).values({ name: 'c' });
    await offline.sync();
    expect(await offline.db.$count(items)).toBe(2);
  });

  it('never blocks the event loop, also while its server does not answer', async () => {
    const sqld = await server();
    const replica = await openReplica(sqld, await path());
    await replica.db.run(ddl);
    await sqld.pause();
    let hasEnded = false;
    const syncing = replica.sync().then(() => {
      hasEnded = true;
    });
    // The stock client stops the process: no timer fires before it gives up.
    for (let turns = 0; turns < 20; turns += 1) await sleep(1);
    expect(hasEnded).toBe(false);
    sqld.resume();
    await syncing;
  });

  it('tells how much it has fetched while it opens', async () => {
    const sqld = await server();
    const other = await open(sqld.url.http);
    await other.db.run(ddl);
    const told: number[] = [];
    await openReplica(sqld, await path(), { onSyncProgress: ({ bytes }: { bytes: number }) => told.push(bytes) });
    expect(told.at(-1)).toBeGreaterThan(0);
    await expect(openReplica(sqld, await path(), { onSyncProgress: 'loud' })).rejects.toThrow(TypeError);
  });

  it('whose server is silent fails to open when the time is up, opens when it answers, and then without it', async () => {
    const sqld = await server();
    const other = await open(sqld.url.http);
    await other.db.run(ddl);
    await other.db.insert(items).values({ name: 'a' });
    await sqld.pause();
    const file = await path();
    const early = openReplica(sqld, file, { acquireTimeoutMs: 300 });
    // Which of the two depends on whether the server was asked by then.
    const late = expect.stringMatching(/^(?:SYNC_TIMEOUT|SERVER_SILENT)$/);
    await expect(early).rejects.toMatchObject({ type: 'timeout', code: late, recoverable: true });
    // What was begun is no state of the server.
    await expect(openReplica(sqld, file, { acquireTimeoutMs: 300 })).rejects.toMatchObject({ code: late });
    sqld.resume();
    const replica = await openReplica(sqld, file);
    expect(await replica.db.$count(items)).toBe(1);
    await replica.close();
    await sqld.pause();
    const alone = await openReplica(sqld, file, { acquireTimeoutMs: 300 });
    expect(await alone.db.$count(items)).toBe(1);
    await expect(alone.sync()).rejects.toMatchObject({ code: late });
    // Whatever is still asked of a silent server, closing does not wait for it.
    const asked = alone.sync().catch((error: unknown) => error);
    await alone.close({ drainMs: 0 });
    expect(await asked).toMatchObject({ name: 'DatabaseError' });
    sqld.resume();
  });

  it('reads what a transaction of its client has written when commit() resolves, also on a held connection', async () => {
    const sqld = await server();
    const replica = await openReplica(sqld, await path());
    await replica.db.run(ddl);
    const write = (name: string): string => `insert into items (name) values ('${name}')`;
    const names = async (): Promise<string[]> =>
      (await replica.db.select().from(items).orderBy(items.id)).map(({ name }) => name);
    const alone = await replica.db.$client.transaction('write');
    await alone.execute(write('alone'));
    await alone.commit();
    expect(await names()).toEqual(['alone']);
    using lease = await replica.getConnection();
    const held = await lease.client.transaction('write');
    await held.execute(write('held'));
    await held.commit();
    expect(await names()).toEqual(['alone', 'held']);
    const script = await lease.client.transaction('write');
    await script.executeMultiple(`${write('script')}; commit`);
    expect(await names()).toEqual(['alone', 'held', 'script']);
    script.close();
  });

  it('refuses writes in read() and keeps the file a replica', async () => {
    const sqld = await server();
    const replica = await openReplica(sqld, await path());
    await replica.db.run(ddl);
    const writing = replica.read(() => replica.db.insert(items).values({ name: 'a' }));
    await expect(writing).rejects.toMatchObject({ type: 'readonly' });
    const rows = await replica.db.all<{ n: number }>(sql`select count(*) as n from items`);
    expect(rows).toEqual([{ n: 0 }]);
  });
});

describeWithSqld('a server that replicates another one', () => {
  it('forwards writes, and a transaction reads its own', async () => {
    const primary = await startSqld({ grpc: true });
    onTestFinished(() => primary.close());
    const secondary = await startSqld({ primary });
    onTestFinished(() => secondary.close());
    const manager = await open(secondary.url.http);
    await manager.db.run(ddl);
    await manager.transaction(async (tx) => {
      await manager.db.insert(items).values({ name: 'forwarded' });
      expect(await manager.db.$count(items)).toBe(1);
      await expect(
        tx.savepoint(async () => {
          await manager.db.insert(items).values({ name: 'undone' });
          throw new Error('undo');
        }),
      ).rejects.toThrow('undo');
    });
    const direct = await open(primary.url.http);
    expect(await direct.db.select({ name: items.name }).from(items)).toEqual([{ name: 'forwarded' }]);
  });
});
