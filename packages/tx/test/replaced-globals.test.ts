// Programs in which other globals stand in the place of the engine's. A `Promise` (zone.js with Angular's server, bluebird): async
// functions still return the engine's, and what `Promise.resolve()` makes is none of these. Timers: those of a page (jsdom, a window
// of Electron) return numbers, and those that a test has faked never fire.
import { runInNewContext } from 'node:vm';
import { placeIn, targets } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTransactionManager } from '../src/index.js';

const engines = globalThis.Promise;
/** No class on top of the engine's, as that of zone.js is none. */
const replaced = runInNewContext('Promise') as PromiseConstructor;

const timers = Object.fromEntries(
  (['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'] as const).map(
    (name) => [name, globalThis[name]],
  ),
);
const ofPage = Object.fromEntries(Object.keys(timers).map((name) => [name, () => 1]));

const people = sqliteTable('people', { id: integer('id').primaryKey(), name: text('name').notNull() });

const globals = [
  ['Promise', { Promise: replaced }, { Promise: engines }],
  ['timers', ofPage, timers],
] as const;

describe.each(globals)('with other %s every way to ask answers with what it asked for', (_, others, own) => {
  beforeEach(() => {
    Object.assign(globalThis, others);
  });

  afterEach(() => {
    Object.assign(globalThis, own);
  });

  test.each(targets)('on %s', async (name) => {
    const place = await placeIn(await temporaryFolder(), name);
    const manager = await openTransactionManager({ ...place, schema: { people } });
    try {
      const { db } = manager;
      await db.run(sql`create table people (id integer primary key, name text not null)`);
      expect(await db.insert(people).values({ name: 'ada' }).returning()).toEqual([{ id: 1, name: 'ada' }]);
      expect((await db.insert(people).values({ name: 'bob' })).rowsAffected).toBe(1);
      expect(await db.select().from(people).where(eq(people.id, 2)).get()).toEqual({ id: 2, name: 'bob' });
      expect(await db.select().from(people).all()).toHaveLength(2);
      expect(await db.select().from(people).values()).toEqual([
        [1, 'ada'],
        [2, 'bob'],
      ]);
      expect(await db.query.people.findFirst()).toEqual({ id: 1, name: 'ada' });
      expect((await db.$client.execute('select name from people')).rows).toEqual([{ name: 'ada' }, { name: 'bob' }]);
      expect((await db.batch([db.select().from(people), db.insert(people).values({ name: 'cyd' })]))[0]).toHaveLength(
        2,
      );
      const told: string[] = [];
      await manager.transaction(async (tx) => {
        tx.afterCommit(() => told.push('committed'));
        await db.insert(people).values({ name: 'dan' });
        await tx.savepoint(() => db.delete(people).where(eq(people.id, 1)));
      });
      await expect(
        manager.transaction(async (tx) => {
          tx.afterRollback(() => told.push('rolled back'));
          await db.delete(people);
          throw new Error('back');
        }),
      ).rejects.toThrow('back');
      expect(told).toEqual(['committed', 'rolled back']);
      expect(await manager.read(() => db.select({ name: people.name }).from(people))).toEqual(
        ['bob', 'cyd', 'dan'].map((each) => ({ name: each })),
      );
      await expect(db.run(sql`select nothing`)).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    } finally {
      await manager.close();
    }
  });
});
