// Programs hand a Proxy of a transaction around, or wrap what drizzle gives them. Beside the stock client, on every target.
import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { targets } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { items, openTarget, temporaryFolder } from './target.js';

type Db = LibSQLDatabase<Record<string, never>>;

/** A database of the stock client on a file of its own. */
async function stock(): Promise<Db> {
  const client = createClient({ url: pathToFileURL(join(await temporaryFolder(), 'stock.db')).href });
  onTestFinished(() => client.close());
  await client.execute(
    'create table items (id integer primary key, name text not null unique, amount integer not null default 0)',
  );
  return drizzle(client);
}

/** Gives every method its object and every answer a wrapping of its own, a `then` for everything too. */
function wrapped<T extends object>(target: T): T {
  return new Proxy(target, {
    get: (from, name) => {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== 'function' && name !== 'then') return value;
      return (...args: unknown[]) => {
        const made: unknown = Reflect.apply(value as () => unknown, from, args);
        return typeof made === 'object' && made !== null ? wrapped(made) : made;
      };
    },
  });
}

const plain = <T extends object>(target: T): T => new Proxy(target, {});

/** What programs do with wrappings. */
const programs: Record<string, (db: Db) => Promise<unknown>> = {
  'one exported db that is the transaction of its context': async (root) => {
    const store = new AsyncLocalStorage<Db>();
    const db = new Proxy(root, { get: (_from, name) => Reflect.get(store.getStore() ?? root, name) as unknown });
    const transactional = <T>(work: () => Promise<T>): Promise<T> =>
      db.transaction((tx) => store.run(tx as unknown as Db, work));
    await transactional(async () => {
      await db.insert(items).values({ name: 'outer' });
      await transactional(async () => void (await db.insert(items).values({ name: 'inner' })));
    });
    const undone = transactional(async () => {
      await db.insert(items).values({ name: 'undone' });
      (db as unknown as { rollback(): never }).rollback();
    });
    await undone.catch(() => undefined);
  },
  'a Proxy of a transaction, and of a nested one': (db) =>
    db.transaction((tx) =>
      plain(tx).transaction(async (inner) => void (await plain(inner).insert(items).values({ name: 'nested' }))),
    ),
  'a Proxy of a prepared query': (db) => plain(db.insert(items).values({ name: 'prepared' }).prepare()).run(),
  'a Proxy of the session': async (db) => {
    const inside = db as unknown as { session: object };
    inside.session = plain(inside.session);
    await db.insert(items).values({ name: 'session' });
    await db.transaction(async (tx) => void (await tx.insert(items).values({ name: 'in its transaction' })));
  },
  'a batch of queries whose answers are wrapped': async (db) => {
    const query = wrapped(db.insert(items).values({ name: 'batched' }).returning());
    const [rows] = await db.batch([query, db.select().from(items)]);
    return JSON.stringify(rows);
  },
};

describe.each(targets)('on %s', (target) => {
  it.each(Object.keys(programs))('%s works as on the stock client', async (what) => {
    const [theirs, ours] = [await stock(), (await openTarget(target)).db as unknown as Db];
    const answers = [await programs[what]?.(theirs), await programs[what]?.(ours)];
    expect(answers[1]).toEqual(answers[0]);
    const rows = await ours.select().from(items).orderBy(items.id);
    expect(rows).toEqual(await theirs.select().from(items).orderBy(items.id));
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe('the message of an error', () => {
  /** How Payload and Prisma read the columns of a broken rule. */
  const columns = (message: string): readonly (string | undefined)[] => [
    /UNIQUE constraint failed: ([^.]+)\.([^.,]+)/.exec(message)?.[2],
    message.split('constraint failed: ').at(1)?.split(', ')[0]?.split('.').pop(),
  ];

  it.each(targets)('names columns so that adapters of the stock client read them, on %s', async (target) => {
    const { db } = await openTarget(target);
    await db.insert(items).values({ name: 'a' });
    const calls = [
      () => db.$client.execute("insert into items (name) values ('a')"),
      () => db.$client.batch(["insert into items (name) values ('a')"], 'write'),
    ];
    for (const call of calls) {
      const { message } = await call().then(
        () => new Error('nothing failed'),
        (error: Error) => error,
      );
      expect(columns(message)).toEqual(['name', 'name']);
    }
    const unknown = await db.$client
      .execute('insert into items (nope) values (1)')
      .catch((error: Error) => error.message);
    expect(String(unknown).split('has no column named ').at(1)).toBe('nope');
    const { cause } = await db
      .insert(items)
      .values({ name: 'a' })
      .then(
        () => new Error('nothing failed'),
        (error: Error) => error,
      );
    expect(columns((cause as Error).message)).toEqual(['name', 'name']);
  });
});
