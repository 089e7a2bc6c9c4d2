// A call that waits runs with the values that it was given, whatever its caller does with lists and bytes meanwhile: buffers
// are filled anew for the next piece of a file, lists of values are used again.
import { eq, sql } from 'drizzle-orm';
import { blob, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { deferred, openTarget, type TestManager } from './target.js';

const pieces = sqliteTable('own_pieces', { name: text('name').primaryKey(), bytes: blob('bytes', { mode: 'buffer' }) });
const insert = 'insert into own_pieces values (?, ?)';

describe.each([':memory:', 'file', 'http'] as const)('%s', (target) => {
  let manager: TestManager;
  beforeEach(async () => {
    manager = await openTarget(target);
    await manager.db.run(sql`drop table if exists own_pieces`);
    await manager.db.run(sql`create table own_pieces (name text primary key, bytes blob)`);
  });

  /** Runs `call` while a transaction has the writer, and `change` before that ends; returns the names and bytes that are there. */
  async function whileWaiting(call: () => PromiseLike<unknown>, change: () => void): Promise<unknown> {
    const [begun, end] = [deferred(), deferred()];
    const writing = manager.transaction(async () => {
      await manager.db.run(sql`insert into own_pieces values ('first', null)`);
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    const waiting = Promise.resolve(call());
    change();
    end.resolve();
    await Promise.all([writing, waiting]);
    return manager.db.values(sql`select name, hex(bytes) from own_pieces where name <> 'first'`);
  }

  test('a query of drizzle keeps the bytes of its call', async () => {
    const bytes = Buffer.from([1, 2, 3]);
    const query = () => manager.db.insert(pieces).values({ name: 'a', bytes }).run();
    expect(await whileWaiting(query, () => bytes.fill(9))).toEqual([['a', '010203']]);
  });

  test('a prepared query keeps the values of each of its calls', async () => {
    const bytes = Buffer.from([1]);
    const prepared = manager.db
      .insert(pieces)
      .values({ name: sql.placeholder('name'), bytes: sql.placeholder('bytes') })
      .prepare();
    const values = { name: 'a', bytes };
    const two = () => {
      const first = prepared.run(values);
      values.name = 'b';
      bytes[0] = 2;
      return Promise.all([first, prepared.run(values)]);
    };
    expect(await whileWaiting(two, () => bytes.fill(9))).toEqual([
      ['a', '01'],
      ['b', '02'],
    ]);
  });

  test('execute, batch and migrate of the client keep the statements of their calls', async () => {
    const { $client: client } = manager.db;
    const bytes = new Uint8Array([1]);
    const args = ['a', bytes];
    const batch = [{ sql: insert, args: ['b', bytes] }];
    const steps = [{ sql: insert, args: ['c', bytes.buffer] }];
    const all = () => Promise.all([client.execute({ sql: insert, args }), client.batch(batch), client.migrate(steps)]);
    const change = () => {
      bytes[0] = 9;
      for (const values of [args, batch[0]?.args, steps[0]?.args]) values?.splice(0, 1, 'changed');
      batch.push({ sql: insert, args: ['more', bytes] });
      steps.push({ sql: insert, args: ['more', bytes.buffer] });
    };
    expect(await whileWaiting(all, change)).toEqual([
      ['a', '01'],
      ['b', '01'],
      ['c', '01'],
    ]);
  });

  test('a transaction of the client keeps the values of the statements that it is sent', async () => {
    const transaction = await manager.db.$client.transaction('write');
    const bytes = new Uint8Array([1]);
    const batch = [{ sql: insert, args: ['b', bytes] }];
    const sent = [transaction.execute({ sql: insert, args: ['a', bytes] }), transaction.batch(batch)];
    bytes[0] = 9;
    batch[0]?.args.splice(0, 1, 'changed');
    await Promise.all(sent);
    await transaction.commit();
    expect(await manager.db.values(sql`select name, hex(bytes) from own_pieces`)).toEqual([
      ['a', '01'],
      ['b', '01'],
    ]);
  });

  test('a statement that is refused is refused in its place, also when it has waited', async () => {
    const batch = [
      { sql: insert, args: ['a', null] },
      { sql: insert, args: ['b', Number.NaN] },
    ];
    const refused = await manager.db.$client.batch(batch).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TypeError);
    expect(String(refused)).toContain('Parameter 2 is NaN');
    expect(await manager.db.$count(pieces, eq(pieces.name, 'a'))).toBe(0);
  });
});
