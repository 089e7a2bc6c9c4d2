// The queue for the writer: order, limits, cancellation, and readers that do not wait.
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { deferred, items, names, openTarget, type TargetName, targets } from './target.js';

const calls: Record<TargetName, number> = { file: 500, ':memory:': 500, http: 60, ws: 200, replica: 60 };

describe.each(targets)('the queue on %s', (target) => {
  it('runs hundreds of concurrent transactions first come, first served, with none lost', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'counter' });
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: calls[target] }, (_, i) =>
        manager.transaction(async () => {
          order.push(i);
          const row = await manager.db.query.items.findFirst({ where: eq(items.name, 'counter') });
          await new Promise((resolve) => setImmediate(resolve));
          await manager.db.update(items).set({ amount: (row?.amount ?? 0) + 1 });
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: calls[target] }, (_, i) => i));
    expect(await manager.db.query.items.findFirst()).toMatchObject({ amount: calls[target] });
    expect(manager.stats()).toMatchObject({ writerBusy: false, writersWaiting: 0, openTransactions: 0 });
  });

  it('drops waiters that time out or are aborted, and serves the ones behind them', async () => {
    const manager = await openTarget(target);
    const leave = deferred();
    const abort = new AbortController();
    const holder = manager.transaction(() => leave.promise);
    const timedOut = manager.getConnection({ timeoutMs: 30 });
    const aborted = manager.transaction(async () => 'never', { signal: abort.signal });
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(timedOut).rejects.toMatchObject({ code: 'ACQUIRE_TIMEOUT', type: 'timeout' });
    const behind = manager.transaction(async () => 'served');
    leave.resolve();
    await holder;
    expect(await behind).toBe('served');
    expect(manager.stats()).toMatchObject({ writerBusy: false, writersWaiting: 0 });
  });

  it('refuses a signal that has fired already', async () => {
    const manager = await openTarget(target);
    const work = manager.transaction(async () => 'never', { signal: AbortSignal.abort() });
    await expect(work).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('readers on a file', () => {
  it('see one snapshot in read(), whatever commits meanwhile', async () => {
    const manager = await openTarget('file');
    await manager.db.insert(items).values({ name: 'a' });
    await manager.read(async () => {
      await manager.transaction(() => manager.db.insert(items).values({ name: 'b' }), { propagation: 'requires_new' });
      expect(await names(manager)).toEqual(['a']);
      expect(await names(manager)).toEqual(['a']);
    });
    expect(await names(manager)).toEqual(['a', 'b']);
  });

  it('do not wait for an open write transaction', async () => {
    const manager = await openTarget('file', { acquireTimeoutMs: 0 });
    const leave = deferred();
    const entered = deferred();
    const writing = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'uncommitted' });
      entered.resolve();
      await leave.promise;
    });
    await entered.promise;
    expect(await names(manager)).toEqual([]);
    expect(await manager.read(() => names(manager))).toEqual([]);
    leave.resolve();
    await writing;
  });

  it('refuse writes in read()', async () => {
    const manager = await openTarget('file');
    const writing = manager.read(() => manager.db.insert(items).values({ name: 'a' }));
    await expect(writing).rejects.toMatchObject({ type: 'readonly' });
  });

  it('queue when all of them are held, and no more than `readers` are open', async () => {
    const manager = await openTarget('file', { readers: 2 });
    const leave = deferred();
    const held = [1, 2, 3].map(() => manager.read(() => leave.promise));
    while (manager.stats().readersWaiting === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(manager.stats()).toMatchObject({ readersBusy: 2, readersWaiting: 1 });
    leave.resolve();
    await Promise.all(held);
    expect(manager.stats()).toMatchObject({ readersBusy: 0, readersWaiting: 0, readersOpen: 3 });
  });
});

it('keeps every pragma on every connection', async () => {
  const manager = await openTarget('file', { readers: 2, pragmas: { cache_size: -1234 } });
  const pragmas = async (client: { execute(sql: string): Promise<{ rows: unknown[] }> }) =>
    (
      await client.execute(
        'select (select foreign_keys from pragma_foreign_keys) f, (select cache_size from pragma_cache_size) c, (select synchronous from pragma_synchronous) s, (select journal_mode from pragma_journal_mode) j',
      )
    ).rows[0];
  const expected = { f: 1, c: -1234, s: 1, j: 'wal' };
  using writer = await manager.getConnection();
  using first = await manager.getConnection({ mode: 'read' });
  using second = await manager.getConnection({ mode: 'read' });
  for (const { client } of [writer, first, second]) expect(await pragmas(client)).toMatchObject(expected);
  expect(await manager.db.get(sql`select cache_size from pragma_cache_size`)).toEqual({ cache_size: -1234 });
});
