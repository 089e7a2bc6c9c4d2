// Local calls end at once: loops of nothing but awaited calls must not keep the event loop, and limits and signals must
// hold in them. A loop that starved its timer would not end, so nothing here depends on how fast the machine is.
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';
import { describe, expect, it, vi } from 'vitest';
import { items, openTarget, type TestManager } from './target.js';

const targets = ['file', ':memory:'] as const;
const insert = 'insert into items (name) values (hex(randomblob(16)))';

/** Each kind of loop: runs `call` until `isOver`. */
type Loop = (manager: TestManager, until: (call: () => Promise<unknown>) => Promise<void>) => Promise<unknown>;

const loops: Record<string, Loop> = {
  'lone reads': (manager, until) => until(() => manager.db.all(sql`select 1`)),
  'lone writes': (manager, until) => until(() => manager.db.run(insert)),
  'reads of one row': (manager, until) => until(() => manager.db.select().from(items).where(sql`id = 1`).get()),
  'transactions without statements': (manager, until) => until(() => manager.transaction(async () => undefined)),
  'transactions of one write': (manager, until) =>
    until(() => manager.transaction(async (tx) => tx.db.insert(items).values({ name: crypto.randomUUID() }))),
  'one long transaction': (manager, until) => manager.transaction(() => until(() => manager.db.run(insert))),
  'one long snapshot': (manager, until) => manager.read(() => until(() => manager.db.all(sql`select 1`))),
  savepoints: (manager, until) => manager.transaction((tx) => until(() => tx.savepoint(async () => undefined))),
  'joined blocks': (manager, until) =>
    manager.transaction(() => until(() => manager.transaction(async () => manager.db.run(insert)))),
  'calls on a lease': async (manager, until) => {
    using lease = await manager.getConnection();
    await until(() => lease.client.execute(insert));
  },
  'an interactive transaction': async (manager, until) => {
    const transaction = await manager.db.$client.transaction();
    await until(() => transaction.execute(insert));
    await transaction.commit();
  },
};

const others = sqliteTable('others', { id: integer('id').primaryKey(), at: integer('at', { mode: 'timestamp' }) });
const rejected = (query: { execute(): Promise<unknown> }): Promise<unknown> =>
  query.execute().then(
    () => {
      throw new Error('it was not refused');
    },
    () => undefined,
  );

const refusedLoops: Record<string, (manager: TestManager) => Promise<unknown>> = {
  'fields of a table that is not asked': ({ db }) => rejected(db.select({ id: others.id }).from(items)),
  'values that a column cannot take': ({ db }) => rejected(db.insert(others).values({ at: 'now' as never })),
  'updates of such values': ({ db }) => rejected(db.update(others).set({ at: 'now' as never })),
  'conditions of such values': ({ db }) => rejected(db.delete(others).where(eq(others.at, 'now' as never))),
  'relational queries of no relation': ({ db }) =>
    rejected(db.query.items.findMany({ with: { nothing: true } as never })),
  $withCache: ({ db }) => rejected(db.select().from(items).$withCache()),
  'missing values of placeholders': ({ db }) =>
    rejected(
      db
        .select()
        .from(items)
        .where(sql`id = ${sql.placeholder('id')}`),
    ),
  'texts that are no SQL': ({ db }) => rejected(db.run('no sql')),
  'values that cannot be bound': ({ db }) => rejected(db.run(sql`select ${{}}`)),
  'batches of such queries': ({ db }) =>
    rejected({ execute: () => db.batch([db.insert(others).values({ at: 'now' as never })]) }),
};

describe.each(targets)('on %s', (target) => {
  it.each(Object.entries(loops))('a timer fires beside %s', async (_, loop) => {
    const manager = await openTarget(target);
    await loop(manager, async (call) => {
      let isOver = false;
      setTimeout(() => {
        isOver = true;
      }, 20);
      while (!isOver) await call();
    });
  });

  it.each(Object.entries(refusedLoops))('a timer fires beside a loop of refused queries: %s', async (_, query) => {
    const manager = await openTarget(target);
    let hasFired = false;
    setTimeout(() => {
      hasFired = true;
    }, 5);
    const giveUpAt = performance.now() + 120_000;
    while (!hasFired) {
      await query(manager);
      if (performance.now() > giveUpAt) throw new Error('the timer has not fired');
    }
  });

  it.each<[string, (manager: TestManager) => Promise<unknown>[]]>([
    ['reads', (manager) => Array.from({ length: 20_000 }, () => manager.db.all(sql`select 1`).execute())],
    ['writes', (manager) => Array.from({ length: 10_000 }, () => manager.db.run(insert).execute())],
    ['transactions', (manager) => Array.from({ length: 5_000 }, () => manager.transaction(async () => undefined))],
  ])('other work gets its turn beside thousands of %s that were started at once', async (_, start) => {
    const manager = await openTarget(target);
    const calls = Promise.all(start(manager));
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns += 1;
      if (isRunning) setImmediate(count);
    };
    setImmediate(count);
    await calls;
    isRunning = false;
    expect(turns).toBeGreaterThan(2);
  });

  it('thousands of statements of one transaction that were started at once run in order, with turns between', async () => {
    const manager = await openTarget(target);
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns += 1;
      if (isRunning) setImmediate(count);
    };
    await manager.transaction(async (tx) => {
      setImmediate(count);
      const one = (name: number) =>
        tx.db
          .insert(items)
          .values({ name: `${name}` })
          .run();
      // As many as take this machine a few stretches.
      for (let from = 0; turns <= 2 && from < 100_000; from += 5_000)
        await Promise.all(Array.from({ length: 5_000 }, (_, i) => one(from + i)));
    });
    isRunning = false;
    expect(turns).toBeGreaterThan(2);
    const rows = await manager.db.select().from(items).orderBy(items.id);
    expect(rows.map(({ name }) => name)).toEqual(rows.map((_, i) => `${i}`));
  });

  it('a transaction keeps its place before calls that came later', async () => {
    const manager = await openTarget(target);
    const order: string[] = [];
    // Past the stretch, so that a turn is due.
    const until = performance.now() + 30;
    while (performance.now() < until) await manager.db.all(sql`select 1`);
    const first = manager.transaction(async () => order.push('transaction'));
    const second = manager.getConnection().then((lease) => {
      order.push('lease');
      lease.release();
    });
    const third = manager.db
      .run(insert)
      .execute()
      .then(() => order.push('write'));
    await Promise.all([first, second, third]);
    expect(order).toEqual(['transaction', 'lease', 'write']);
  });

  it.each([
    ['a batch', (manager: TestManager, statements: string[]) => manager.db.$client.batch(statements, 'write')],
    ['a migration', (manager: TestManager, statements: string[]) => manager.db.$client.migrate(statements)],
    [
      'a batch on a lease',
      async (manager: TestManager, statements: string[]) => {
        using lease = await manager.getConnection();
        await lease.client.batch(statements, 'write');
      },
    ],
  ])('other work gets its turn during %s of many statements', async (_, run) => {
    const manager = await openTarget(target);
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns += 1;
      if (isRunning) setImmediate(count);
    };
    setImmediate(count);
    await run(
      manager,
      Array.from({ length: 20_000 }, () => insert),
    );
    isRunning = false;
    // At the very least every 25 ms of work, and no machine runs 20,000 inserts in 50 ms.
    expect(turns).toBeGreaterThan(2);
  });
});

describe('what drizzle refuses to build', () => {
  it('is told by the promise of a query, and at once where nothing is executed', async () => {
    const { db } = await openTarget(':memory:');
    const wrong = db.insert(others).values({ at: 'now' as never });
    await expect(wrong).rejects.toThrow('getTime');
    expect(() => wrong.toSQL()).toThrow('getTime');
    expect(() => wrong.prepare()).toThrow('getTime');
    const foreign = db.select({ id: others.id }).from(items);
    await expect(foreign).rejects.toThrow('references a column "others"."id"');
    expect(() => foreign.toSQL()).toThrow('references a column');
    expect(() => db.select().from(items).where(sql`id in ${foreign}`).toSQL()).toThrow('references a column');
    expect(() => db.select().from(items).$withCache().prepare()).toThrow('@cc/cache');
    await expect(db.select().from(items).$withCache()).rejects.toThrow('@cc/cache');
  });
});

describe.each(targets)('limits in work that is nothing but local calls, on %s', (target) => {
  const forever = async (call: () => Promise<unknown>): Promise<never> => {
    for (;;) await call();
  };

  it('timeoutMs ends a transaction of endless writes and rolls it back', async () => {
    const manager = await openTarget(target);
    const running = manager.transaction(() => forever(() => manager.db.run(insert)), { timeoutMs: 50 });
    await expect(running).rejects.toMatchObject({ type: 'timeout', code: 'TX_TIMEOUT' });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('a signal ends it with its reason as the cause', async () => {
    const manager = await openTarget(target);
    const stop = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => stop.abort(reason), 20);
    const running = manager.transaction(() => forever(() => manager.db.run(insert)), { signal: stop.signal });
    await expect(running).rejects.toMatchObject({ type: 'aborted', code: 'ABORTED', cause: reason });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('AbortSignal.timeout ends it too', async () => {
    const manager = await openTarget(target);
    const signal = AbortSignal.timeout(20);
    const running = manager.transaction(() => forever(() => manager.db.run(insert)), { signal });
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('transactionTimeoutMs is the limit where none is given', async () => {
    const manager = await openTarget(target, { transactionTimeoutMs: 50 });
    await expect(manager.transaction(() => forever(() => manager.db.run(insert)))).rejects.toMatchObject({
      code: 'TX_TIMEOUT',
    });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('what is over time is not committed, though it held up the loop and asks nothing more', async () => {
    const manager = await openTarget(target);
    const running = manager.transaction(
      async () => {
        await manager.db.run(insert);
        const until = performance.now() + 60;
        while (performance.now() < until);
      },
      { timeoutMs: 30 },
    );
    await expect(running).rejects.toMatchObject({ code: 'TX_TIMEOUT' });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('a swallowed limit does not commit either', async () => {
    const manager = await openTarget(target);
    const running = manager.transaction(() => forever(() => manager.db.run(insert)).catch(() => undefined), {
      timeoutMs: 30,
    });
    await expect(running).rejects.toMatchObject({ code: 'TX_TIMEOUT' });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('the limit of a savepoint undoes the savepoint alone', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'kept' });
      const inner = manager.transaction(() => forever(() => manager.db.run(insert)), {
        propagation: 'nested',
        timeoutMs: 30,
      });
      await expect(inner).rejects.toMatchObject({ code: 'TX_TIMEOUT' });
    });
    expect(await manager.db.select({ name: items.name }).from(items)).toEqual([{ name: 'kept' }]);
  });

  it('the limit of a joined block leaves the transaction good for a rollback only', async () => {
    const manager = await openTarget(target);
    const outer = manager.transaction(async () => {
      await manager
        .transaction(() => forever(() => manager.db.run(insert)), { timeoutMs: 30 })
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'TX_TIMEOUT' }));
    });
    await expect(outer).rejects.toMatchObject({ code: 'TX_ROLLBACK_ONLY' });
    expect(await manager.db.$count(items)).toBe(0);
  });

  it('queries that were started and not awaited run before COMMIT, also when they wait for a turn of the loop', async () => {
    const manager = await openTarget(target);
    for (let round = 0; round < 200; round += 1) {
      await manager.transaction(async (tx) => {
        for (let i = 0; i < 20; i += 1) void tx.db.insert(items).values({ name: crypto.randomUUID() }).run();
      });
    }
    expect(await manager.db.$count(items)).toBe(4_000);
  });

  it('concurrent queries of one transaction run in the order of their calls', async () => {
    const manager = await openTarget(target);
    await manager.transaction(async (tx) => {
      const calls = Array.from({ length: 3_000 }, (_, i) =>
        tx.db
          .insert(items)
          .values({ name: `${i}` })
          .run(),
      );
      await Promise.all(calls);
    });
    const rows = await manager.db.select().from(items).orderBy(items.id);
    expect(rows.map(({ name }) => name)).toEqual(rows.map((_, i) => `${i}`));
  });
});

describe('what is made of the rows of one statement', () => {
  const numbers =
    'with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000) select i, i as name from n';
  it.each<[string, (manager: TestManager) => Promise<unknown>]>([
    ['execute', ({ db }) => db.$client.execute(numbers)],
    ['batch', ({ db }) => db.$client.batch([numbers], 'read')],
    [
      'an interactive transaction',
      async ({ db }) => {
        const transaction = await db.$client.transaction('read');
        await transaction.execute(numbers);
        await transaction.rollback();
      },
    ],
    [
      'a lease',
      async (manager) => {
        using lease = await manager.getConnection();
        await lease.client.execute(numbers);
      },
    ],
    ['run', ({ db }) => db.run(numbers)],
    ['all of a text', ({ db }) => db.all(numbers)],
    ['values', ({ db }) => db.values(numbers)],
    ['select', ({ db }) => db.select().from(items)],
    ['returning', ({ db }) => db.update(items).set({ amount: 2 }).returning()],
    ['relational queries', ({ db }) => db.query.items.findMany()],
    ['a batch of queries', (manager) => manager.batch([manager.db.select().from(items)])],
  ])('%s gives turns whenever the clock says so', async (_name, call) => {
    const manager = await openTarget(':memory:');
    await manager.db.run(`insert into items (name) ${numbers.replace(', i as name', '')}`);
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns += 1;
      if (isRunning) setImmediate(count);
    };
    // It runs on by a turn's length at each look.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 9;
      return now;
    });
    try {
      setImmediate(count);
      await call(manager);
      // 200 rows to a piece, and of two looks the first begins a stretch.
      expect(turns).toBeGreaterThanOrEqual(7);
    } finally {
      isRunning = false;
      clock.mockRestore();
    }
  });

  it('is the same for many rows as for few', async () => {
    const manager = await openTarget(':memory:');
    await manager.db.run(`insert into items (name) ${numbers.replace(', i as name', '')}`);
    const { db } = manager;
    const expected = Array.from({ length: 3_000 }, (_, i) => ({ id: i + 1, name: `${i + 1}`, amount: 0 }));
    const lists = expected.map(({ id, name, amount }) => [id, name, amount]);
    expect(await db.select().from(items)).toEqual(expected);
    expect(await db.query.items.findMany()).toEqual(expected);
    expect(await db.all('select * from items')).toEqual(expected);
    expect(await db.select().from(items).values()).toEqual(lists);
    const { rows } = await db.$client.execute('select * from items');
    expect(rows.map((row) => ({ ...row }))).toEqual(expected);
    expect(rows.map((row) => Array.from(row))).toEqual(lists);
    expect(await db.all('select x from (select i as x from (select 1 as i)) where false')).toEqual([]);
    expect(await db.get('select * from items')).toEqual(expected[0]);
  });
});
