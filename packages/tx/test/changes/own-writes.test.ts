// Whether a look tells of what this process has written, on every target. Long, because each way to write is asked both ways.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { deferred, items, names, openTarget, type TestManager, targets } from '../target.js';
import { toldNow } from './looks.js';

type Write = (manager: TestManager) => Promise<unknown>;

const by = {};
const insert = `insert into items (name) values (hex(randomblob(8)))`;

const writes: Readonly<Record<string, Write>> = {
  'a statement on its own': ({ db }) => db.insert(items).values({ name: 'one' }),
  'a statement that returns rows': ({ db }) => db.insert(items).values({ name: 'one' }).returning(),
  'a statement through the client': ({ db }) => db.$client.execute(insert),
  'a change of the schema': ({ db }) => db.run('create table other (a)'),
  'a write in a common table expression': ({ db }) =>
    db.run('with x(a) as (values (1)) insert into items (name) select a from x'),
  'a transaction': (manager) => manager.transaction(({ db }) => db.run(insert)),
  'a transaction of a joined block': (manager) =>
    manager.transaction(() => manager.transaction(() => manager.db.run(insert))),
  'a savepoint': (manager) => manager.transaction((tx) => tx.savepoint(({ db }) => db.run(insert))),
  'a transaction whose last savepoint is undone': (manager) =>
    manager.transaction(async (tx) => {
      await tx.db.run(insert);
      await tx.savepoint((inner) => inner.db.run(insert).then(() => inner.rollback())).catch(() => undefined);
    }),
  'a batch': ({ db }) => db.batch([db.run(insert), db.run(insert)]),
  'a batch of the manager': (manager) => manager.batch([manager.db.insert(items).values({ name: 'one' })]),
  'a batch of the client': ({ db }) => db.$client.batch([insert, insert], 'write'),
  'a script': ({ db }) => db.$client.executeMultiple(`${insert}; ${insert}`),
  'a script with a transaction of its own': ({ db }) => db.$client.executeMultiple(`begin; ${insert}; commit`),
  'a script whose COMMIT stands behind a comment': ({ db }) =>
    db.$client.executeMultiple(`begin immediate; ${insert}; -- done\ncommit`),
  'a script whose COMMIT says that nothing is taken back': ({ db }) =>
    db.$client.executeMultiple(`begin immediate; ${insert}; commit /* no rollback */`),
  'a migration': ({ db }) => db.$client.migrate([insert]),
  "the client's transaction": async ({ db }) => {
    const transaction = await db.$client.transaction('write');
    await transaction.execute(insert);
    await transaction.commit();
  },
  'a lease': async (manager) => {
    using lease = await manager.getConnection();
    await lease.client.execute(insert);
  },
  'a batch of a lease': async (manager) => {
    using lease = await manager.getConnection();
    await lease.client.batch([insert], 'write');
  },
  'a transaction of a lease': async (manager) => {
    using lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    await transaction.executeMultiple(insert);
    await transaction.commit();
  },
  'a migration of a lease': async (manager) => {
    using lease = await manager.getConnection();
    await lease.client.migrate([insert]);
  },
};

describe.each(targets)('on %s', (target) => {
  it.each(Object.entries(writes))('%s moves it', async (_, write) => {
    const manager = await openTarget(target);
    const before = await toldNow(manager);
    await write(manager);
    const after = manager.changes.look();
    // A replica whose lease was given back fetches behind it.
    if (after === before && manager.capabilities.sync) await manager.sync();
    expect(manager.changes.look()).not.toBe(before);
    expect(await toldNow(manager)).not.toBe(before);
  });

  it('has moved by the time the hooks of a COMMIT run, and not before', async () => {
    const manager = await openTarget(target);
    const before = await toldNow(manager);
    const seen: (number | undefined)[] = [];
    await manager.transaction(async (tx) => {
      await tx.db.run(insert);
      seen.push(manager.changes.look());
      tx.afterCommit(() => seen.push(manager.changes.look()));
    });
    expect(seen[0]).toBe(before);
    expect(seen[1]).not.toBe(before);
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['an update', `with x(a) as (values ('new')) update items set name = (select a from x)`, ['new']],
    ['a replacement', `with x(a) as (values ('new')) replace into items (id, name) select 1, a from x`, ['new']],
    ['a deletion', `with x(a) as (values ('old')) delete from items where name in (select a from x)`, []],
  ])('%s behind a common table expression moves it', async (_, statement, left) => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'old' });
    const before = await toldNow(manager);
    await manager.db.run(statement);
    expect(await names(manager)).toEqual(left);
    expect(await toldNow(manager)).not.toBe(before);
  });

  it('stays over reads, snapshots and what is rolled back', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'one' });
    const before = await toldNow(manager);
    await manager.db.select().from(items);
    await manager.db.select().from(items).limit(1).get();
    await manager.db.all(sql`explain query plan select * from items`);
    await manager.read(({ db }) => db.select().from(items));
    await manager.transaction(({ db }) => db.select().from(items));
    await manager.batch([manager.db.select().from(items)]);
    const undone = manager.transaction(async (tx) => {
      await tx.db.run(insert);
      tx.rollback();
    });
    await expect(undone).rejects.toMatchObject({ code: 'TX_ROLLBACK' });
    await expect(
      manager.transaction(async ({ db }) => {
        await db.insert(items).values({ name: 'two' });
        await db.insert(items).values({ name: 'one' });
      }),
    ).rejects.toMatchObject({ type: 'constraint' });
    expect(await toldNow(manager)).toBe(before);
  });

  it('counts statements, those of a look not among them', async () => {
    const manager = await openTarget(target);
    const { changes } = manager;
    await toldNow(manager);
    const before = changes.statements;
    changes.look();
    await changes.ask();
    expect(changes.statements).toBe(before);
    const run = [
      () => manager.db.select().from(items),
      () => manager.read(({ db }) => db.select().from(items)),
      () => manager.db.run(insert),
      () => manager.db.$client.executeMultiple(insert),
      ...(manager.capabilities.offload
        ? [() => manager.offload(manager.db.select().from(items), { timeoutMs: 60_000 })]
        : []),
    ];
    for (const each of run) {
      const then = changes.statements;
      await each();
      expect(changes.statements).toBeGreaterThan(then);
    }
  });

  it('tells nothing any more when the manager is closed', async () => {
    const manager = await openTarget(target);
    await toldNow(manager);
    await manager.close();
    expect(manager.changes.look()).toBeUndefined();
    expect(await manager.changes.ask()).toBe(false);
    expect(manager.changes.proof()).toBeUndefined();
  });
});

describe.each(targets.filter((target) => target === 'file' || target === ':memory:'))('declared on %s', (target) => {
  it.each([
    ['pragma user_version = 7', true],
    ['pragma main.application_id (7)', true],
    ['pragma optimize', true],
    ['vacuum', true],
    ['pragma user_version', false],
    ['pragma table_info(items)', false],
    ['pragma wal_checkpoint(truncate)', false],
    ['pragma integrity_check', false],
  ])('%s outside of it moves it: %s', async (statement, moves) => {
    const { changes, db } = await openTarget(target);
    const before = changes.look(by);
    await db.run(statement);
    expect(changes.look(by) !== before).toBe(moves);
    const after = changes.look(by);
    await changes.declared(by, async () => void (await db.run(statement)));
    expect(changes.look(by)).toBe(after);
  });

  it.each(Object.entries(writes))('%s does not move it', async (_, write) => {
    const manager = await openTarget(target);
    const before = manager.changes.look(by);
    await manager.changes.declared(by, () => write(manager));
    expect(manager.changes.look(by)).toBe(before);
  });

  it.each(['commit', ' commit;', '-- done\nend', '/* it stays */ Commit', 'commit -- no rollback'])(
    'a held connection that says %j moves it, and says no more of it when it is given back',
    async (commit) => {
      const manager = await openTarget(target);
      const { changes } = manager;
      const before = changes.look();
      const lease = await manager.getConnection();
      await lease.client.execute('begin immediate');
      await lease.client.execute(insert);
      expect(changes.look()).toBe(before);
      await lease.client.execute(commit);
      const after = changes.look();
      expect(after).not.toBe(before);
      lease.release();
      expect(changes.look()).toBe(after);
    },
  );

  it.each(['rollback', ' rollback;', '-- no commit\nrollback', '/* commit */ Rollback'])(
    'a held connection that says %j does not move it',
    async (rollback) => {
      const manager = await openTarget(target);
      const before = manager.changes.look();
      using lease = await manager.getConnection();
      await lease.client.execute('begin immediate');
      await lease.client.execute(insert);
      await lease.client.execute(rollback);
      expect(manager.changes.look()).toBe(before);
    },
  );

  it('counts for who has declared it only, and for nobody when another wrote in the same transaction', async () => {
    const manager = await openTarget(target);
    const { changes, db } = manager;
    const [one, two] = [{}, {}];
    const looks = (): (number | undefined)[] => [changes.look(one), changes.look(two), changes.look()];
    const moved = async (work: () => Promise<unknown>): Promise<boolean[]> => {
      const before = looks();
      await work();
      return looks().map((look, i) => look !== before[i]);
    };
    const write = async (): Promise<void> => void (await db.run(insert));
    expect(await moved(() => changes.declared(one, write))).toEqual([false, true, true]);
    expect(await moved(() => changes.declared(two, write))).toEqual([true, false, true]);
    expect(await moved(() => changes.declared(one, () => changes.declared(two, write)))).toEqual([false, false, true]);
    const both = (): Promise<unknown> =>
      manager.transaction(async () => {
        await changes.declared(one, () => changes.declared(two, write));
        await changes.declared(two, write);
      });
    expect(await moved(both)).toEqual([true, false, true]);
    const each = (): Promise<unknown> =>
      manager.transaction(async () => {
        await changes.declared(one, write);
        await changes.declared(two, write);
      });
    expect(await moved(each)).toEqual([true, true, true]);
  });

  it('hands on what the work returns and throws, also of a query that starts where it is awaited', async () => {
    const { changes, db } = await openTarget(target);
    const before = changes.look(by);
    expect(
      await changes.declared(by, () => db.insert(items).values({ name: 'one' }).returning({ id: items.id })),
    ).toEqual([{ id: 1 }]);
    await expect(changes.declared(by, () => db.insert(items).values({ name: 'one' }))).rejects.toMatchObject({
      type: 'constraint',
    });
    await expect(changes.declared(by, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(changes.look(by)).toBe(before);
  });

  it('a transaction that also wrote something undeclared moves it, whichever came first', async () => {
    const manager = await openTarget(target);
    const { changes } = manager;
    for (const order of [true, false]) {
      const before = changes.look(by);
      await manager.transaction(async ({ db }) => {
        if (order) await db.run(insert);
        await changes.declared(by, () => db.run(insert));
        if (!order) await db.run(insert);
      });
      expect(changes.look(by)).not.toBe(before);
    }
  });

  it('a transaction around, and a block of another manager inside, change nothing about it', async () => {
    const [manager, other] = [await openTarget(target), await openTarget(target)];
    const [before, others] = [manager.changes.look(by), other.changes.look(by)];
    await manager.transaction((tx) =>
      manager.changes.declared(by, () =>
        tx.savepoint(() => other.changes.declared(by, async () => void (await manager.db.run(insert)))),
      ),
    );
    expect(manager.changes.look(by)).toBe(before);
    await manager.changes.declared(by, async () => void (await other.db.run(insert)));
    expect(other.changes.look(by)).not.toBe(others);
  });

  it('what goes on after its block has ended is not declared, nor what a hook of it writes', async () => {
    const manager = await openTarget(target);
    const { changes } = manager;
    const go = deferred();
    let late: Promise<unknown> = Promise.resolve();
    const before = changes.look(by);
    await changes.declared(by, async () => {
      late = go.promise.then(() => manager.db.run(insert));
    });
    expect(changes.look(by)).toBe(before);
    go.resolve();
    await late;
    const after = changes.look(by);
    expect(after).not.toBe(before);
    await changes.declared(by, () =>
      manager.transaction(async (tx) => {
        await tx.db.run(insert);
        tx.afterCommit(() => manager.db.run(insert));
      }),
    );
    expect(changes.look(by)).not.toBe(after);
  });

  it('what keyed transactions keep of their outcome is nobody else’s to read', async () => {
    const manager = await openTarget(target);
    const { changes } = manager;
    const before = changes.look(by);
    const once = (): Promise<number> =>
      manager.transaction(
        async ({ db }) => {
          await changes.declared(by, () => db.run(insert));
          return 1;
        },
        { idempotencyKey: 'once' },
      );
    expect([await once(), await once()]).toEqual([1, 1]);
    expect(changes.look(by)).toBe(before);
    await manager.transaction(({ db }) => db.run(insert).then(() => null), { idempotencyKey: 'other' });
    expect(changes.look(by)).not.toBe(before);
  });
});
