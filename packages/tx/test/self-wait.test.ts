// Calls that would wait for the connection that a transaction around them holds are refused, however far around it is;
// work that only looks so goes on.
import { AsyncResource } from 'node:async_hooks';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Transaction } from '../src/index.js';
import { items, names, openTarget } from './target.js';

const wouldDeadlock = { code: 'WOULD_DEADLOCK', type: 'aborted' };

describe.each(['file', ':memory:'] as const)('on %s', (target) => {
  it('a new transaction is refused while the one around it is set aside', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async () => {
      const aside = manager.transaction(
        () => manager.transaction(async () => undefined, { propagation: 'requires_new' }),
        { propagation: 'not_supported' },
      );
      await expect(aside).rejects.toMatchObject(wouldDeadlock);
    });
  });

  it('what takes a connection of its own is refused inside a transaction, but for reading beside it', async () => {
    const manager = await openTarget(target);
    const { $client } = manager.db;
    await manager.transaction(async () => {
      for (const call of [
        () => $client.executeMultiple('select 1'),
        () => $client.migrate(['select 1']),
        () => $client.transaction('write'),
        () => $client.transaction(),
        () => manager.getConnection(),
      ])
        await expect(call()).rejects.toMatchObject(wouldDeadlock);
      const reading = $client.transaction('read').then((transaction) => transaction.close());
      if (target === ':memory:') await expect(reading).rejects.toMatchObject(wouldDeadlock);
      else await reading;
    });
  });

  it('a new transaction is refused inside one that the engine has rolled back and that still runs', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'taken' });
    const outer = manager.transaction(async () => {
      await manager.db.run(sql`insert or rollback into items (name) values ('taken')`).catch(() => undefined);
      const fresh = manager.transaction(async () => undefined, { propagation: 'requires_new' });
      await expect(fresh).rejects.toMatchObject(wouldDeadlock);
    });
    await expect(outer).rejects.toMatchObject({ code: 'TX_ROLLBACK_ONLY' });
  });

  it('an afterRollback hook of a savepoint may write: it waits for the end of the transaction, which waits for it', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      const undone = tx.savepoint(async (inner) => {
        inner.afterRollback(() => manager.db.insert(items).values({ name: 'audit' }).execute());
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      await manager.db.insert(items).values({ name: 'kept' });
    });
    expect(await names(manager)).toEqual(['kept', 'audit']);
  });

  it('the outer handle reaches the savepoint around the call, also when the transaction is set aside', async () => {
    const manager = await openTarget(target);
    const write = (tx: Transaction) => async () => {
      await tx.db.run(sql`insert into items (name) values ('inside')`);
    };
    await manager.transaction(async (tx) => {
      const undone = tx.savepoint(async () => {
        await manager.transaction(write(tx), { propagation: 'not_supported' });
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
    });
    expect(await names(manager)).toEqual([]);
  });
});

it('a write is refused inside a new read transaction inside a write transaction', async () => {
  const manager = await openTarget('file');
  await manager.transaction(async () => {
    const write = manager.transaction(
      () => manager.transaction(async () => undefined, { propagation: 'requires_new' }),
      { propagation: 'requires_new', mode: 'read' },
    );
    await expect(write).rejects.toMatchObject(wouldDeadlock);
  });
});

it('a write whose context a queue has lost ends its wait with the advice to use tx.db, which does not wait', async () => {
  const manager = await openTarget('file', { acquireTimeoutMs: 200 });
  const queue: (() => void)[] = [];
  // Each job runs in the context that this was made in.
  const running = setInterval(() => queue.shift()?.(), 1);
  onTestFinished(() => clearInterval(running));
  const queued = (work: () => Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => queue.push(() => void work().then(resolve, reject)));
  await manager.transaction(async (tx) => {
    await expect(queued(async () => manager.db.insert(items).values({ name: 'waits' }))).rejects.toMatchObject({
      code: 'ACQUIRE_TIMEOUT',
      hint: expect.stringContaining('or by its tx.db'),
    });
    await queued(async () => tx.db.insert(items).values({ name: 'inside' }));
  });
  expect(await names(manager)).toEqual(['inside']);
});

it('a task bound to its context is in no transaction of the task that a queue has run before it', async () => {
  const manager = await openTarget('file');
  // As p-queue and Bottleneck do it: the next one begins where the last one has ended.
  const waiting: (() => Promise<void>)[] = [];
  let busy = false;
  const next = async (): Promise<void> => {
    const task = waiting.shift();
    busy = task !== undefined;
    if (!task) return;
    await task();
    void next();
  };
  const queued = (task: () => Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push(() => task().then(resolve, reject));
      if (!busy) void next();
    });
  let opened = (): void => undefined;
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const add = (name: string) => async () => manager.db.insert(items).values({ name });
  const undone = manager.transaction(async () => {
    await queued(async () => {
      opened();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await add('undone')();
    });
    throw new Error('undone');
  });
  undone.catch(() => undefined);
  await isOpen;
  await queued(AsyncResource.bind(add('kept')));
  await expect(undone).rejects.toThrow('undone');
  expect(await names(manager)).toEqual(['kept']);
});
