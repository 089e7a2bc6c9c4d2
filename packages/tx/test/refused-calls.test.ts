// Calls with what is no statement and no query: refused in words, before anything runs, as the stock client does it.
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';

const things = sqliteTable('things', { id: integer().primaryKey(), name: text() });
const create = 'create table things (id integer primary key, name text)';

type Db = TransactionManager<{ things: typeof things }>['db'];

async function open(): Promise<TransactionManager<{ things: typeof things }>> {
  const manager = await openTransactionManager({ url: ':memory:', schema: { things } });
  onTestFinished(() => manager.close());
  await manager.db.$client.execute(create);
  return manager;
}

async function openStock() {
  const client = createClient({ url: ':memory:' });
  onTestFinished(() => client.close());
  await client.execute(create);
  return drizzle(client, { schema: { things } });
}

/** What a call throws, at once or later. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return 'nothing';
}

describe('a batch refuses what is no query of it, and runs nothing', () => {
  const odd: Record<string, (other: Awaited<ReturnType<typeof openStock>>, db: Db) => unknown> = {
    'a prepared query': (_, db) => db.select().from(things).prepare(),
    'an sql template': () => sql`insert into things values (2, 'never')`,
    'an sql.raw': () => sql.raw("insert into things values (2, 'never')"),
    'a number': () => 5,
    null: () => null,
    undefined: () => undefined,
    'a text': () => "insert into things values (2, 'never')",
    'a promise': () => Promise.resolve(1),
    'an array': () => [],
    'an object': () => ({ sql: 'select 1' }),
    'an object that nothing has made': () => Object.create(null),
    'a function': () => () => 1,
    'a table': () => things,
    'a query without its end': (other) => other.select(),
    'a query of another client': (other) => other.select().from(things),
    'a count of another client': (other) => other.$count(things),
    'a statement by hand of another client': (other) => other.run(sql`delete from things`),
  };

  it.each(Object.keys(odd))('%s', async (name) => {
    const [manager, other] = [await open(), await openStock()];
    const { db } = manager;
    const make = odd[name];
    if (!make) throw new Error(name);
    const insert = () => db.insert(things).values({ id: 1, name: 'never' });
    const inLists = [() => [insert(), make(other, db)], () => [make(other, db)], () => [make(other, db), insert()]];
    for (const list of inLists) {
      for (const batch of [
        () => manager.batch(list() as never),
        () => db.batch(list() as never),
        () => manager.transaction((tx) => tx.db.batch(list() as never)),
      ]) {
        const error = await thrownBy(batch);
        expect(error).toBeInstanceOf(TypeError);
        expect(String(error)).toMatch(/^TypeError: batch: at [01] stands /);
      }
    }
    expect(await db.select().from(things)).toEqual([]);
  });

  it.each([
    ['null', null],
    ['a number', 5],
    ['nothing', undefined],
    ['an object', {}],
    ['a text', 'x'],
  ])('%s in the place of the array', async (_, queries) => {
    const manager = await open();
    for (const batch of [() => manager.batch(queries as never), () => manager.db.batch(queries as never)]) {
      expect(String(await thrownBy(batch))).toMatch(/^TypeError: batch: the first argument must be an array /);
    }
  });

  it('while every kind of query of its own runs', async () => {
    const { db } = await open();
    const results = await db.batch([
      db.insert(things).values({ id: 1, name: 'one' }),
      db.update(things).set({ name: 'two' }),
      db.select().from(things),
      db.query.things.findFirst(),
      db.select().from(things).where(sql`0`),
      db.all(sql`select name from things`),
      db.$count(things) as never,
      db.delete(things),
    ]);
    expect(results.slice(2, 7)).toEqual([[{ id: 1, name: 'two' }], { id: 1, name: 'two' }, [], [{ name: 'two' }], 1]);
  });
});

describe('a client refuses what is no statement, in words', () => {
  type Client = TransactionManager<Record<string, never>>['db']['$client'];
  const calls: Record<string, (client: Client) => unknown> = {
    'execute(null)': (client) => client.execute(null as never),
    'execute()': (client) => client.execute(undefined as never),
    'execute({})': (client) => client.execute({} as never),
    'execute({ sql: 5 })': (client) => client.execute({ sql: 5 } as never),
    'execute([5])': (client) => client.execute([5] as never),
    'execute(text, 5)': (client) => client.execute('select 1', 5 as never),
    'execute({ sql, args: text })': (client) => client.execute({ sql: 'select ?', args: 'x' } as never),
    'execute({ sql, args: bytes })': (client) => client.execute({ sql: 'select ?', args: new Uint8Array(1) } as never),
    'executeMultiple(5)': (client) => client.executeMultiple(5 as never),
    'executeMultiple()': (client) => client.executeMultiple(undefined as never),
    'migrate(5)': (client) => client.migrate(5 as never),
    'migrate([5])': (client) => client.migrate([5] as never),
    'batch(null)': (client) => client.batch(null as never),
    'batch(5)': (client) => client.batch(5 as never),
    'batch([…, 5])': (client) => client.batch(["insert into things values (1, 'never')", 5] as never),
    'batch([…, {}])': (client) => client.batch(["insert into things values (1, 'never')", {}] as never, 'write'),
    'batch([…, null])': (client) => client.batch(["insert into things values (1, 'never')", null] as never),
  };

  it.each(Object.keys(calls))('%s', async (name) => {
    const manager = await open();
    const { $client } = manager.db;
    const call = calls[name];
    if (!call) throw new Error(name);
    const onTransaction = async (): Promise<unknown> => {
      const transaction = await $client.transaction('write');
      try {
        return await call(transaction as never);
      } finally {
        transaction.close();
      }
    };
    const onLease = async (): Promise<unknown> => {
      using lease = await manager.getConnection();
      return await call(lease.client as never);
    };
    const ways = [() => call($client), onLease, ...(name.startsWith('migrate') ? [] : [onTransaction])];
    for (const way of ways) {
      const error = await thrownBy(way);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toMatch(/Cannot read|not iterable|is not a function|instanceof|args\.|\.map/);
    }
    expect((await $client.execute('select * from things')).rows).toEqual([]);
  });

  it('a mode that there is none, where the stock client throws a RangeError', async () => {
    const [{ db }, stock] = [await open(), await openStock()];
    for (const { $client } of [db, stock]) {
      const modes = [() => $client.batch(['select 1'], 'bogus' as never), () => $client.transaction('bogus' as never)];
      for (const call of modes)
        expect(await thrownBy(call)).toBeInstanceOf($client === stock.$client ? RangeError : TypeError);
    }
  });

  it('a mode that makes no text, by what it is', async () => {
    const { db } = await open();
    for (const mode of [Object.create(null), 5, Symbol('write')] as never[]) {
      for (const call of [() => db.$client.batch(['select 1'], mode), () => db.$client.transaction(mode)])
        expect(String(await thrownBy(call))).toMatch(/^TypeError: Unknown transaction mode an? \w+; use/);
    }
  });

  it('a view of bytes that is no Uint8Array', async () => {
    const { db } = await open();
    const views = [new DataView(new ArrayBuffer(8)), new Float64Array(1), new Uint16Array(1), new BigInt64Array(1)];
    for (const view of views) {
      const error = await thrownBy(() => db.$client.execute({ sql: 'select ?', args: [view as never] }));
      expect(String(error)).toMatch(/^TypeError: Parameter 1 is a \w+; turn it into a Uint8Array first \(in /);
    }
  });
});
