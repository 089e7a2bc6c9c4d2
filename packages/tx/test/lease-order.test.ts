// One order on one lease: what is sent beside a batch or a transaction waits for its end and does not become part of it.
import { expect, it } from 'vitest';
import { isDatabaseError } from '../src/index.js';
import { items, openTarget, type TestManager, targets } from './target.js';

const failing = ["insert into items (name) values ('a')", 'insert into items (name) values (null)'];

it.each(targets)(
  'a write beside a failing batch is kept, and is there when it is acknowledged, on %s',
  async (target) => {
    const manager = await openTarget(target);
    const lease = await manager.getConnection();
    const batch = lease.client.batch(failing, 'write');
    const write = lease.client.execute("insert into items (name) values ('b')");
    await expect(batch).rejects.toMatchObject({ type: 'constraint' });
    await expect(write).resolves.toMatchObject({ rowsAffected: 1 });
    lease.release();
    expect(await namesOf(manager)).toEqual(['b']);
  },
);

it.each(targets)('two batches at once both run, on %s', async (target) => {
  const manager = await openTarget(target);
  using lease = await manager.getConnection();
  const insert = (name: string) => ({ sql: 'insert into items (name) values (?)', args: [name] });
  await Promise.all([
    lease.client.batch([insert('a'), insert('b')], 'write'),
    lease.client.batch([insert('c'), insert('d')], 'write'),
    lease.client.execute(insert('e')),
  ]);
  expect((await lease.client.execute('select name from items')).rows.length).toBe(5);
});

it.each(['file', ':memory:'] as const)(
  'a script waits for its turn and later calls for its end, on %s',
  async (target) => {
    const manager = await openTarget(target);
    using lease = await manager.getConnection();
    const batch = lease.client.batch(failing, 'write');
    const script = lease.client.executeMultiple(
      "insert into items (name) values ('s'); insert into items (name) values ('t')",
    );
    const migration = lease.client.migrate(["insert into items (name) values ('m')"]);
    await expect(batch).rejects.toMatchObject({ type: 'constraint' });
    await Promise.all([script, migration]);
    expect((await lease.client.execute('select name from items order by id')).rows.map(({ name }) => name)).toEqual([
      's',
      't',
      'm',
    ]);
  },
);

it.each(['file', ':memory:'] as const)(
  'a call beside an interactive transaction waits for it, on %s',
  async (target) => {
    const manager = await openTarget(target);
    using lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    await transaction.execute("insert into items (name) values ('undone')");
    const beside = lease.client.execute("insert into items (name) values ('kept')");
    await transaction.rollback();
    await beside;
    expect((await lease.client.execute('select name from items')).rows.map(({ name }) => name)).toEqual(['kept']);
  },
);

it.each(['file', ':memory:'] as const)(
  'what waits when the lease is released is refused, and touches no later holder, on %s',
  async (target) => {
    const manager = await openTarget(target);
    const lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    await transaction.execute("insert into items (name) values ('undone')");
    const waiting = lease.client.execute("insert into items (name) values ('late')");
    lease.release();
    await expect(waiting).rejects.toMatchObject({ code: 'LEASE_RELEASED' });
    await manager.transaction(async (tx) => {
      await tx.db.insert(items).values({ name: 'of the next holder' });
      const late = await transaction
        .execute("insert into items (name) values ('late')")
        .catch((error: unknown) => error);
      expect(isDatabaseError(late)).toBe(true);
      transaction.close();
    });
    expect(await namesOf(manager)).toEqual(['of the next holder']);
  },
);

it('a batch that cannot begin inside a BEGIN of its caller leaves that transaction open', async () => {
  const manager = await openTarget('file');
  using lease = await manager.getConnection();
  await lease.client.execute('begin');
  await lease.client.execute("insert into items (name) values ('of the caller')");
  await expect(lease.client.batch(['select 1'], 'write')).rejects.toMatchObject({ name: 'DatabaseError' });
  await lease.client.execute('commit');
  expect(await namesOf(manager)).toEqual(['of the caller']);
});

async function namesOf(manager: TestManager): Promise<string[]> {
  return (await manager.db.select({ name: items.name }).from(items).orderBy(items.id)).map(({ name }) => name);
}

it.each(targets)('a transaction ends with its lease, and keeps nobody waiting, on %s', async (target) => {
  const manager = await openTarget(target);
  const lease = await manager.getConnection();
  const transaction = await lease.client.transaction('write');
  await transaction.execute("insert into items (name) values ('undone')");
  lease.release();
  await manager.db.insert(items).values({ name: 'kept' });
  const released = { type: 'closed', code: 'LEASE_RELEASED' };
  await expect(transaction.execute("insert into items (name) values ('late')")).rejects.toMatchObject(released);
  await expect(transaction.commit()).rejects.toMatchObject(released);
  await transaction.rollback();
  expect(await namesOf(manager)).toEqual(['kept']);
});

it.each(targets)('a transaction that is begun while its lease is given back is refused, on %s', async (target) => {
  const manager = await openTarget(target);
  const lease = await manager.getConnection();
  const beginning = lease.client.transaction('write');
  const told = beginning.catch((error: unknown) => error);
  lease.release();
  expect(await told).toMatchObject({ type: 'closed', code: 'LEASE_RELEASED' });
});

it.each(['file', ':memory:'] as const)(
  'what waits in vain for a transaction of its own lease is told what is in its way, on %s',
  async (target) => {
    const manager = await openTarget(target, { acquireTimeoutMs: 1 });
    using lease = await manager.getConnection();
    const transaction = await lease.client.transaction('write');
    await expect(lease.client.execute('select 1')).rejects.toMatchObject({
      code: 'ACQUIRE_TIMEOUT',
      hint: expect.stringContaining('await the calls before, and end the transaction that it has begun'),
    });
    transaction.close();
  },
);
