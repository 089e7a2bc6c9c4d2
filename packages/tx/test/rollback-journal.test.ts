// Databases with a rollback journal, which network disks need: there a commit needs the file to itself, and readers wait for it.
// Whatever waits does so for acquireTimeoutMs and not shorter; the other connection is libsql's own.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../src/index.js';
import { deferred, items, names, openTarget, type TestManager, temporaryFolder } from './target.js';

function openWith(
  journal_mode: string,
  options: Pick<TransactionManagerOptions, 'acquireTimeoutMs' | 'retry'> = {},
): Promise<TestManager> {
  return openTarget('file', { pragmas: { journal_mode }, acquireTimeoutMs: 60_000, ...options });
}

/** Another connection to the file of `manager`. */
function beside(manager: TestManager): Database.Database {
  const other = new Database(decodeURIComponent(new URL(manager.url).pathname));
  onTestFinished(() => void other.close());
  return other;
}

/** A query of drizzle runs each time it is waited for. */
async function begun<T>(query: PromiseLike<T>): Promise<T> {
  return query;
}

/** Whether `promise` is still waiting after some turns of the event loop. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 500; turn += 1) await setImmediate();
  return !settled;
}

describe.each(['DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY'])('with journal_mode %s', (journalMode) => {
  it('a commit waits for a read of this process, and what comes after it waits for the commit', async () => {
    const manager = await openWith(journalMode);
    await manager.db.insert(items).values({ name: 'before' });
    const [reading, goOn] = [deferred(), deferred()];
    const snapshot = manager.read(async ({ db }) => {
      await db.select().from(items);
      reading.resolve();
      await goOn.promise;
      return db.select({ name: items.name }).from(items);
    });
    await reading.promise;
    const heard: string[] = [];
    const write = manager.transaction(async (tx) => {
      await tx.db.insert(items).values({ name: 'inside' });
      tx.afterCommit(async () => heard.push(...(await names(manager))));
    });
    expect(await waits(write)).toBe(true);
    const late = names(manager);
    const alone = begun(manager.db.insert(items).values({ name: 'alone' }));
    expect(await waits(Promise.race([late, alone]))).toBe(true);
    goOn.resolve();
    expect(await snapshot).toEqual([{ name: 'before' }]);
    await write;
    expect(heard.slice(0, 2)).toEqual(['before', 'inside']);
    expect((await late).slice(0, 2)).toEqual(['before', 'inside']);
    await alone;
    expect(await names(manager)).toEqual(['before', 'inside', 'alone']);
  });

  it('every call waits for the lock of another connection, and none meets a schema of before', async () => {
    const manager = await openWith(journalMode);
    await names(manager);
    await manager.read(() => names(manager));
    const other = beside(manager);
    other.exec(`create table late (a); insert into late values (1); begin exclusive`);
    const calls = [
      manager.db.all(sql`select a from late`),
      manager.read(({ db }) => db.all(sql`select a from late`)),
      manager.db.all(sql`explain query plan select a from late`),
      manager.db.run(sql`insert into late values (2)`),
      manager.db.run(sql`pragma user_version = 7`),
      manager.transaction(({ db }) => db.run(sql`insert into late values (3)`)),
      manager.db.$client.batch([`insert into late values (4)`]),
      manager.db.$client.migrate([`insert into late values (5)`]),
    ].map((call) => begun<unknown>(call));
    expect(await waits(Promise.race(calls))).toBe(true);
    other.exec('commit');
    await Promise.all(calls);
    expect(await manager.db.values(sql`select a from late order by a`)).toEqual([[1], [2], [3], [4], [5]]);
  });

  it('a lease waits for the lock of another connection', async () => {
    const manager = await openWith(journalMode);
    const other = beside(manager);
    using reader = await manager.getConnection({ mode: 'read' });
    using writer = await manager.getConnection();
    other.exec('begin exclusive');
    const calls = [
      reader.client.execute('select count(*) as n from items'),
      writer.client.execute(`insert into items (name) values ('a')`),
    ];
    expect(await waits(Promise.race(calls))).toBe(true);
    other.exec('commit');
    await Promise.all(calls);
    expect((await reader.client.execute('select name from items')).rows).toMatchObject([{ name: 'a' }]);
  });

  it('a wait ends with the limit, and nothing of it is written', async () => {
    const manager = await openWith(journalMode, { acquireTimeoutMs: 50, retry: false });
    const other = beside(manager);
    other.exec('begin; select * from items');
    const keepsShared = other.prepare('select * from items');
    keepsShared.all([]);
    const hooks: string[] = [];
    const write = manager.transaction(async (tx) => {
      await tx.db.insert(items).values({ name: 'never' });
      tx.afterCommit(() => hooks.push('commit'));
      tx.afterRollback(() => hooks.push('rollback'));
    });
    await expect(write).rejects.toMatchObject({ type: 'lock', recoverable: true, outcome: 'none' });
    expect(hooks).toEqual(['rollback']);
    other.exec('rollback');
    expect(await names(manager)).toEqual([]);
  });
});

it('a write that would wait for the read around it is refused', async () => {
  const manager = await openWith('DELETE');
  const nested = manager.read(async ({ db }) => {
    await db.select().from(items);
    await manager.transaction(({ db: inner }) => inner.insert(items).values({ name: 'a' }), {
      propagation: 'requires_new',
    });
  });
  await expect(nested).rejects.toMatchObject({ code: 'WOULD_DEADLOCK' });
  expect(manager.capabilities.concurrentReads).toBe(false);
});

it('a journal without which nothing can be rolled back is refused', async () => {
  const url = pathToFileURL(join(await temporaryFolder(), 'x.db')).href;
  await expect(openTransactionManager({ url, pragmas: { journal_mode: 'off' } })).rejects.toThrow(TypeError);
});

it.each(['WAL', 'DELETE', 'TRUNCATE'])(
  'with journal_mode %s two managers move money without losing any',
  async (mode) => {
    const manager = await openWith(mode);
    const open = async (): Promise<TransactionManager> => {
      const opened = await openTransactionManager({
        url: manager.url,
        pragmas: { journal_mode: mode },
        acquireTimeoutMs: 60_000,
      });
      onTestFinished(() => opened.close());
      return opened;
    };
    const [first, second] = [await open(), await open()];
    await manager.db.run(sql`insert into items (id, name, amount) values (1, 'a', 100), (2, 'b', 100), (3, 'c', 100)`);
    const sum = sql`select sum(amount) as total from items`;
    const work = Array.from({ length: 120 }, async (_, i) => {
      const mover = i % 2 === 0 ? first : second;
      const [from, to] = [(i % 3) + 1, ((i + 1) % 3) + 1];
      if (i % 4 === 0) return mover.db.get(sum);
      if (i % 4 === 1) {
        return mover.read(async (tx) => {
          const before = await tx.db.get(sum);
          await setImmediate();
          expect(await tx.db.get(sum)).toEqual(before);
          return before;
        });
      }
      return mover.transaction(async (tx) => {
        await tx.db.run(sql`update items set amount = amount - 1 where id = ${from}`);
        await setImmediate();
        await tx.db.run(sql`update items set amount = amount + 1 where id = ${to}`);
        return tx.db.get(sum);
      });
    });
    expect(new Set((await Promise.all(work)).map((row) => JSON.stringify(row)))).toEqual(new Set(['{"total":300}']));
    expect(await manager.db.values(sum)).toEqual([[300]]);
  },
);
