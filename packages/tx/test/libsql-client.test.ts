// The behaviour of @libsql/client's Client interface, on the pool and on a lease; the real one is run beside it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

const clients: Record<string, (url: string) => Promise<Client>> = {
  '@libsql/client': async (url) => {
    const client = createClient({ url });
    onTestFinished(() => client.close());
    return client;
  },
  'db.$client': async (url) => {
    const manager = await openTransactionManager({ url });
    onTestFinished(() => manager.close());
    return manager.db.$client;
  },
  'a lease': async (url) => {
    const manager = await openTransactionManager({ url });
    const lease = await manager.getConnection();
    onTestFinished(() => {
      lease.release();
      return manager.close();
    });
    return lease.client;
  },
};

async function openAs(name: string): Promise<Client> {
  const url = pathToFileURL(join(await temporaryFolder(), 'test.db')).href;
  const client = await clients[name]?.(url);
  if (!client) throw new Error(`no client ${name}`);
  await client.execute('create table t (id integer primary key, a text, b blob)');
  return client;
}

it.each(['db.$client', 'a lease'])('%s answers a lastInsertRowid past 2^53 as it is', async (name) => {
  const client = await openAs(name);
  for (const id of [4504423795271622254n, 2n ** 63n - 1n, -(2n ** 53n) - 1n]) {
    const inserted = await client.execute({ sql: 'insert into t (id) values (?)', args: [id] });
    expect(inserted.lastInsertRowid).toBe(id);
  }
});

describe.each(Object.keys(clients))('%s', (name) => {
  const open = (): Promise<Client> => openAs(name);

  it('reads rows by name and by position', async () => {
    const client = await open();
    await client.execute({ sql: 'insert into t (a, b) values (?, ?)', args: ['x', new Uint8Array([1, 2])] });
    const { rows, columns } = await client.execute('select id, a, b from t');
    expect(columns).toEqual(['id', 'a', 'b']);
    const [row] = rows;
    expect([row?.id, row?.[0], row?.a, row?.[1], row?.length]).toEqual([1, 1, 'x', 'x', 3]);
    expect(Object.keys(row ?? {})).toEqual(['id', 'a', 'b']);
    expect(row?.b).toBeInstanceOf(ArrayBuffer);
  });

  it('answers rowsAffected and lastInsertRowid', async () => {
    const client = await open();
    const inserted = await client.execute("insert into t (a) values ('x'), ('y')");
    expect([inserted.rowsAffected, inserted.lastInsertRowid]).toEqual([2, 2n]);
    expect((await client.execute("update t set a = 'z'")).rowsAffected).toBe(2);
    expect((await client.execute('select * from t')).toJSON()).toMatchObject({
      columns: ['id', 'a', 'b'],
      rowsAffected: 0,
    });
  });

  it('runs a batch all or none', async () => {
    const client = await open();
    const failing = client.batch(['insert into t (id) values (1)', 'insert into t (id) values (1)'], 'write');
    await expect(failing).rejects.toMatchObject({ code: expect.stringContaining('SQLITE_CONSTRAINT') });
    expect((await client.execute('select * from t')).rows).toHaveLength(0);
    const results = await client.batch(
      [{ sql: 'insert into t (a) values (?)', args: ['x'] }, 'select a from t'],
      'write',
    );
    expect(results[1]?.rows[0]?.a).toBe('x');
  });

  it('runs an interactive transaction to commit or rollback', async () => {
    const client = await open();
    const first = await client.transaction('write');
    await first.execute("insert into t (a) values ('kept')");
    await first.commit();
    expect(first.closed).toBe(true);
    const second = await client.transaction('write');
    await second.execute("insert into t (a) values ('undone')");
    await second.rollback();
    await expect(second.execute('select 1')).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
    expect((await client.execute('select a from t')).rows.map((row) => row.a)).toEqual(['kept']);
  });

  it('ends the message of a failure with the words of SQLite, inside an interactive transaction too', async () => {
    const client = await open();
    await client.execute('create unique index ta on t (a)');
    await client.execute("insert into t (a) values ('x')");
    const again = "insert into t (a) values ('x')";
    const messageOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: Error) => error.message);
    const transaction = await client.transaction('write');
    const told = [
      await messageOf(transaction.execute(again)),
      await messageOf(transaction.batch([again])),
      await messageOf(transaction.executeMultiple(again)),
    ];
    transaction.close();
    told.push(await messageOf(client.execute(again)), await messageOf(client.batch([again], 'write')));
    for (const message of told) expect(message).toMatch(/^SQLITE_CONSTRAINT.*UNIQUE constraint failed: t\.a$/);
  });

  it('migrates with foreign keys off, all or none, and turns them on again', async () => {
    const client = await open();
    await client.executeMultiple(`
      create table parent (id integer primary key);
      create table child (id integer primary key, parent integer references parent(id) on delete cascade);
      insert into parent values (1); insert into child values (1, 1);`);
    await client.migrate([
      'create table parent_new (id integer primary key, extra text)',
      'insert into parent_new (id) select id from parent',
      'drop table parent',
      'alter table parent_new rename to parent',
    ]);
    expect((await client.execute('select count(*) n from child')).rows[0]?.n).toBe(1);
    await expect(client.execute('insert into child values (2, 99)')).rejects.toThrow('FOREIGN KEY');
    await expect(client.migrate(['create table other (a)', 'syntax error'])).rejects.toThrow('syntax error');
    await expect(client.execute('select * from other')).rejects.toThrow('no such table');
    await expect(client.execute('insert into child values (2, 99)')).rejects.toThrow('FOREIGN KEY');
  });

  it('says what it is, has no server to fetch from, and is closed once', async () => {
    const client = await open();
    expect([client.protocol, client.closed]).toEqual(['file', false]);
    await expect((async () => client.sync())()).rejects.toThrow(/sync/i);
    client.close();
    expect(client.closed).toBe(true);
    await expect(client.execute('select 1')).rejects.toThrow(/closed|given back/i);
  });

  it.each(['drop column b', 'add column c text', 'rename column a to renamed'])(
    'sees the columns that there are after %s was rolled back, with rows and without',
    async (change) => {
      const client = await open();
      for (const rows of [0, 1]) {
        if (rows === 1) await client.execute("insert into t (a) values ('x')");
        const transaction = await client.transaction('write');
        await transaction.execute(`alter table t ${change}`);
        await transaction.execute('select * from t');
        await transaction.execute('delete from t where id < 0 returning *');
        await transaction.rollback();
        for (const sql of ['select * from t', 'delete from t where id < 0 returning *']) {
          const next = await client.transaction('write');
          expect((await next.execute(sql)).columns).toEqual(['id', 'a', 'b']);
          await next.rollback();
        }
      }
    },
  );

  it('sees the columns that there are after a savepoint with a change of the schema was rolled back', async () => {
    const client = await open();
    const transaction = await client.transaction('write');
    await transaction.execute('insert into t (id) values (1)');
    await transaction.executeMultiple('savepoint s; alter table t rename column a to renamed');
    expect((await transaction.execute('select * from t')).columns).toEqual(['id', 'renamed', 'b']);
    await transaction.executeMultiple('rollback to s; release s');
    expect((await transaction.execute('select * from t')).columns).toEqual(['id', 'a', 'b']);
    await transaction.rollback();
  });

  it('sees a column added under a `select *` that it ran before', async () => {
    const client = await open();
    await client.execute('select * from t');
    await client.execute('alter table t add column c text');
    expect((await client.execute('select * from t')).columns).toEqual(['id', 'a', 'b', 'c']);
    await client.execute('alter table t rename column a to renamed');
    expect((await client.execute('select * from t')).columns).toEqual(['id', 'renamed', 'b', 'c']);
  });
});

it('gives the lease back once and refuses its client afterwards', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  const lease = await manager.getConnection();
  lease.release();
  lease.release();
  await expect(lease.client.execute('select 1')).rejects.toMatchObject({ code: 'LEASE_RELEASED', type: 'closed' });
  expect(manager.stats()).toMatchObject({ writerBusy: false });
  await manager.close();
});

it('refuses BEGIN and COMMIT as SQL text on the pool', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  await expect(manager.db.run('begin')).rejects.toThrow(TypeError);
  await manager.transaction(async () => {
    await expect(manager.db.run('/* sly */ commit')).rejects.toThrow('transaction()');
  });
  await manager.close();
});

it('refuses a script that leaves its transaction open, and keeps nothing of it', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  const client = manager.db.$client;
  await client.executeMultiple('create table t (a); begin; insert into t values (1); commit');
  await expect(client.executeMultiple('begin; insert into t values (2)')).rejects.toThrow('does not end it');
  expect((await client.execute('select a from t')).rows).toHaveLength(1);
  await manager.close();
});
