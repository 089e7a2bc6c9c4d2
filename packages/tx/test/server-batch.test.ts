// Batches on servers: as few round trips as the stock client takes, and nothing behind a failing statement runs.
import { losingProxy } from '@cc/testkit/losing-proxy';
import { requestsOf } from '@cc/testkit/requests';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isDatabaseError, openTransactionManager } from '../src/index.js';
import { items, names, openTarget, schema, type TestManager } from './target.js';

const inserts = (count: number, name = 'n') =>
  Array.from({ length: count }, (_, i) => ({
    sql: 'insert into items (name, amount) values (?, ?)',
    args: [`${name}${i}`, i],
  }));

const drizzleInserts = (manager: TestManager, count: number, name = 'n') =>
  Array.from({ length: count }, (_, i) => manager.db.insert(items).values({ name: `${name}${i}`, amount: i }));

// drizzle asks for a list that is known not to be empty.
const batchOf = (manager: TestManager, queries: readonly unknown[]) =>
  manager.db.batch(queries as unknown as Parameters<TestManager['db']['batch']>[0]);

describeWithSqld('a batch on a server', () => {
  it('names a statement of the caller when it fails, also where the server does not say which', async () => {
    const manager = await openTarget('http');
    const batch = ["insert into items (name) values ('a')", 'select 9e999'];
    const errors = [
      await manager.db.$client.batch(batch, 'write').catch((reason: unknown) => reason),
      await manager.transaction(() => manager.db.$client.batch(batch, 'write')).catch((reason: unknown) => reason),
    ];
    for (const error of errors) {
      expect(isDatabaseError(error)).toBe(true);
      expect(String(error)).not.toContain('cc_batch');
      expect(batch).toContain(isDatabaseError(error) && error.operation);
    }
    expect(await names(manager)).toEqual([]);
  });

  const ways: Record<string, (manager: TestManager) => Promise<unknown>> = {
    'of the client': (manager) => manager.db.$client.batch(inserts(300), 'write'),
    'of the manager': (manager) => manager.batch(drizzleInserts(manager, 300)),
    'of drizzle': (manager) => batchOf(manager, drizzleInserts(manager, 300)),
    'of raw drizzle statements': (manager) =>
      batchOf(
        manager,
        Array.from({ length: 300 }, (_, i) => manager.db.run(sql`insert into items (name) values (${`n${i}`})`)),
      ),
    'of a lease': async (manager) => {
      using lease = await manager.getConnection();
      await lease.client.batch(inserts(300), 'write');
    },
    'of the client inside a transaction': (manager) =>
      manager.transaction(() => manager.db.$client.batch(inserts(300), 'write')),
    'of drizzle inside a savepoint': (manager) =>
      manager.transaction((tx) => tx.savepoint(() => batchOf(manager, drizzleInserts(manager, 300)))),
    'of an interactive transaction of the client': async (manager) => {
      const transaction = await manager.db.$client.transaction('write');
      await transaction.batch(inserts(300));
      await transaction.commit();
    },
  };

  it.each(Object.keys(ways))('%s takes two or three round trips, not one to a statement', async (way) => {
    const manager = await openTarget('http');
    expect(await requestsOf(async () => ways[way]?.(manager))).toBeLessThanOrEqual(3);
    expect(await names(manager)).toHaveLength(300);
  });

  describe.each(['file', 'http', 'ws', 'replica'] as const)('%s', (target) => {
    it('gives each query what it gives alone', async () => {
      const manager = await openTarget(target);
      const { db } = manager;
      const results = await manager.batch([
        db.insert(items).values({ id: 1, name: 'one' }),
        db.insert(items).values({ name: 'two', amount: 7 }).returning(),
        db.select({ title: items.name }).from(items).orderBy(items.id),
        db.query.items.findFirst({ where: eq(items.name, 'two'), columns: { amount: true } }),
        db.query.items.findMany({ columns: { name: true } }),
        db.update(items).set({ amount: 9 }).where(eq(items.id, 1)),
        db.all(sql`select amount from items order by id`),
        db.get(sql`select name from items where id = 2`),
        db.values(sql`select id, name from items order by id`),
        db.run(sql`delete from items where id = 1`),
      ]);
      expect(results.map((result) => (isResultSet(result) ? result.rowsAffected : result))).toEqual([
        1,
        [{ id: 2, name: 'two', amount: 7 }],
        [{ title: 'one' }, { title: 'two' }],
        { amount: 7 },
        [{ name: 'one' }, { name: 'two' }],
        1,
        [{ amount: 9 }, { amount: 7 }],
        { name: 'two' },
        [
          [1, 'one'],
          [2, 'two'],
        ],
        1,
      ]);
    });
  });

  describe.each(['http', 'ws', 'replica'] as const)('%s', (target) => {
    it('tells which statement failed, and keeps and runs nothing of the rest', async () => {
      const manager = await openTarget(target);
      await manager.db.insert(items).values({ name: 'n40' });
      for (const run of [
        () => manager.db.$client.batch(inserts(100), 'write'),
        () => manager.batch(drizzleInserts(manager, 100)),
        () => batchOf(manager, drizzleInserts(manager, 100)),
      ])
        await expect(run()).rejects.toMatchObject({ type: 'constraint', statementIndex: 40, outcome: 'none' });
      using lease = await manager.getConnection();
      await expect(lease.client.batch(inserts(100), 'write')).rejects.toMatchObject({ statementIndex: 40 });
      expect(await names(manager)).toEqual(['n40']);
    });

    it('that fails inside a transaction leaves it as it was before', async () => {
      const manager = await openTarget(target);
      await manager.transaction(async () => {
        await manager.db.insert(items).values({ name: 'n40' });
        await expect(manager.db.$client.batch(inserts(100), 'write')).rejects.toMatchObject({ statementIndex: 40 });
        await manager.db.insert(items).values({ name: 'after' });
      });
      expect(await names(manager)).toEqual(['n40', 'after']);
    });

    it('tells which statement cannot be read, and leaves the transaction open, also as its first one', async () => {
      const manager = await openTarget(target);
      const broken = [...inserts(5), { sql: 'insrt into items values (1)', args: [] }, ...inserts(5, 'm')];
      await expect(manager.db.$client.batch(broken, 'write')).rejects.toMatchObject({
        type: 'syntax',
        statementIndex: 5,
      });
      expect(await names(manager)).toEqual([]);
      await manager.transaction(async () => {
        await expect(manager.db.$client.batch(broken, 'write')).rejects.toMatchObject({ statementIndex: 5 });
        await expect(manager.db.run(sql`insrt`)).rejects.toMatchObject({ type: 'syntax' });
        await manager.db.insert(items).values({ name: 'after' });
      });
      expect(await names(manager)).toEqual(['after']);
    });

    it('whose statement makes the server end the transaction lets nothing behind it commit by itself', async () => {
      const manager = await openTarget(target);
      await manager.db.insert(items).values({ name: 'taken' });
      const ending = [
        ...inserts(3),
        { sql: `insert or rollback into items (name) values ('taken')`, args: [] },
        ...inserts(3, 'late'),
      ];
      await expect(manager.db.$client.batch(ending, 'write')).rejects.toMatchObject({ statementIndex: 3 });
      const swallowed = manager.transaction(async () => {
        await manager.db.insert(items).values({ name: 'before' });
        await manager.db.$client.batch(ending, 'write').catch(() => undefined);
        await manager.db
          .insert(items)
          .values({ name: 'behind' })
          .catch(() => undefined);
      });
      await expect(swallowed).rejects.toMatchObject({ outcome: 'none' });
      expect(await names(manager)).toEqual(['taken']);
    });
  });

  describe.each(['http', 'ws'] as const)('%s', (target) => {
    it('is cut into parts when its answers or its values are too much for one', async () => {
      const manager = await openTarget(target);
      const returning = Array.from({ length: 24 }, (_, i) => ({
        sql: `insert into items (name) values (? || hex(zeroblob(400000))) returning name`,
        args: [`${i}`],
      }));
      const answers = await manager.db.$client.batch([...inserts(3), ...returning], 'write');
      expect(answers).toHaveLength(27);
      expect(await manager.db.$count(items)).toBe(27);
      const large = Array.from({ length: 20 }, (_, i) => ({
        sql: 'insert into items (name) values (?)',
        args: [`${'x'.repeat(1_000_000)}${i}`],
      }));
      await manager.db.$client.batch(large, 'write');
      expect(await manager.db.$count(items)).toBe(47);
    });
  });

  it('whose COMMIT is not answered leaves the outcome unknown', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const proxy = await losingProxy(sqld);
    const manager = await openTransactionManager({ url: proxy.url, schema });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await manager.db.run(sql`create table items (id integer primary key, name text not null unique, amount integer)`);
    proxy.loseCommit('after');
    const work = manager.db.$client.batch(inserts(10), 'write');
    await expect(work).rejects.toMatchObject({ type: 'connection', outcome: 'unknown', recoverable: false });
  });
});

function isResultSet(value: unknown): value is { readonly rowsAffected: number } {
  return typeof value === 'object' && value !== null && 'rowsAffected' in value;
}
