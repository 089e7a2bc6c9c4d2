// What users of drizzle and of @libsql/client know: the stock stack runs beside ours and must answer the same.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, createClient, LibsqlError, type ResultSet } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { DrizzleQueryError, TransactionRollbackError } from 'drizzle-orm/errors';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { type BaseSQLiteDatabase, blob, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Database, isDatabaseError, openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

const posts = sqliteTable('posts', { id: integer('id').primaryKey(), title: text('title'), body: blob('body') });
const tags = sqliteTable('tags', { id: integer('id').primaryKey(), postId: integer('post_id') });
const schema = { posts, tags };
const ddl = [
  'create table posts (id integer primary key, title text, body blob)',
  'create table tags (id integer primary key, post_id integer)',
  `insert into posts values (1, 'one', x'0102'), (2, null, null)`,
  'insert into tags values (70, 1), (71, 2)',
];

async function both(): Promise<[stock: Database<typeof schema>, ours: Database<typeof schema>]> {
  const folder = await temporaryFolder();
  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  const client = createClient({ url: url('stock.db') });
  const manager = await openTransactionManager({ url: url('ours.db'), schema });
  onTestFinished(async () => {
    client.close();
    await manager.close();
  });
  for (const statement of ddl) {
    await client.execute(statement);
    await manager.db.run(statement);
  }
  return [drizzle(client, { schema }) as Database<typeof schema>, manager.db];
}

const failure = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

type Run = (db: Database<typeof schema>) => PromiseLike<unknown>;
const same: Record<string, Run> = {
  'columns of one name: the first counts': (db) => db.all(sql`select 1 as a, 2 as a`),
  '… in get': (db) => db.get(sql`select 1 as a, 2 as b, 3 as a`),
  '… of two tables': (db) => db.all(sql`select posts.*, tags.* from posts join tags on post_id = posts.id`),
  'a column named __proto__ beside others': (db) => db.all(sql`select 1 as a, 'x' as b`),
  'bytes of a query without fields': (db) => db.all(sql`select body from posts`),
  'bytes of a table': (db) => db.select().from(posts),
  'the rows of run': (db) => db.run(sql`select * from posts`),
  'the rows of a pragma in run': (db) => db.run(sql`pragma table_info(posts)`),
  'the rows of returning in run': (db) => db.run(sql`insert into tags (post_id) values (5) returning *`),
  'the result of a write': (db) => db.insert(tags).values({ postId: 9 }).run(),
  'the result of a select builder by run': (db) => db.select().from(posts).run(),
  'a batch': (db) =>
    db.batch([db.insert(tags).values({ postId: 3 }), db.select().from(tags), db.run(sql`select 1 as a`)]),
  'a relational query': (db) => db.query.posts.findMany({ orderBy: posts.id }),
};

/** What programs for @libsql/client look for in an error. */
function codesOf(error: unknown): object {
  const { code, extendedCode, rawCode } = error as Partial<LibsqlError>;
  return { code, extendedCode, rawCode };
}

describe('drizzle', () => {
  it.each(Object.entries(same))('answers alike: %s', async (_, run) => {
    const [stock, ours] = await both();
    const [expected, answer] = [await run(stock), await run(ours)];
    expect(answer).toStrictEqual(expected);
    expect(JSON.stringify(answer)).toBe(JSON.stringify(expected));
  });

  it('a failed query is a DrizzleQueryError down its causes, without the values', async () => {
    const [stock, ours] = await both();
    const run: Run = (db) => db.insert(posts).values({ id: 1, title: 'secret' });
    const [expected, error] = [
      await failure(run(stock) as Promise<unknown>),
      await failure(run(ours) as Promise<unknown>),
    ];
    expect(expected).toBeInstanceOf(DrizzleQueryError);
    expect(isDatabaseError(error) && error.cause).toBeInstanceOf(DrizzleQueryError);
    const { query, cause } = (error as { cause: DrizzleQueryError }).cause;
    expect(query).toBe((expected as DrizzleQueryError).query);
    expect(isDatabaseError(error) && error.code).toBe('SQLITE_CONSTRAINT_PRIMARYKEY');
    expect(codesOf(error)).toEqual(codesOf({ ...codesOf(cause), code: 'SQLITE_CONSTRAINT_PRIMARYKEY' }));
    // Programs for the stock client look into `error.cause`, and some of them further down.
    expect(cause).toBeInstanceOf(LibsqlError);
    expect(codesOf(cause)).toEqual(codesOf((expected as DrizzleQueryError).cause));
    expect(codesOf((error as Error).cause)).toEqual(codesOf((expected as DrizzleQueryError).cause));
    expect(codesOf((expected as DrizzleQueryError).cause)).toEqual({
      code: 'SQLITE_CONSTRAINT',
      extendedCode: 'SQLITE_CONSTRAINT_PRIMARYKEY',
      rawCode: 1555,
    });
    for (let link: unknown = error; link instanceof Error; link = link.cause) {
      expect(`${link.message} ${JSON.stringify(link)}`).not.toContain('secret');
    }
  });

  it('rollback() is a TransactionRollbackError down its causes', async () => {
    const [, ours] = await both();
    const error = await failure(ours.transaction(async (tx) => tx.rollback()));
    expect(isDatabaseError(error) && error.code).toBe('TX_ROLLBACK');
    expect((error as Error).cause).toBeInstanceOf(TransactionRollbackError);
  });

  it('the logger hears of each query with its values, and breaks none', async () => {
    const heard: unknown[] = [];
    const logger = {
      logQuery: (query: string, params: unknown[]) => {
        heard.push([query, params]);
        throw new Error('the logger is broken');
      },
    };
    const manager = await openTransactionManager({ url: ':memory:', schema, logger });
    onTestFinished(() => manager.close());
    await manager.db.run(ddl[0] ?? '');
    await manager.transaction(async (tx) => {
      await tx.db.insert(posts).values({ title: 'x' });
      await manager.db.select({ id: posts.id }).from(posts).where(eq(posts.title, 'x')).get();
    });
    expect(heard.slice(1)).toEqual([
      ['insert into "posts" ("id", "title", "body") values (null, ?, null)', ['x']],
      ['select "id" from "posts" where "posts"."title" = ?', ['x']],
    ]);
  });

  it('casing names the columns', async () => {
    const people = sqliteTable('people', { id: integer().primaryKey(), firstName: text() });
    const manager = await openTransactionManager({ url: ':memory:', schema: { people }, casing: 'snake_case' });
    onTestFinished(() => manager.close());
    await manager.db.run('create table people (id integer primary key, first_name text)');
    await manager.db.insert(people).values({ firstName: 'Ada' });
    expect(await manager.db.query.people.findFirst()).toEqual({ id: 1, firstName: 'Ada' });
    await manager.transaction(async (tx) => {
      expect(await tx.db.select().from(people)).toEqual([{ id: 1, firstName: 'Ada' }]);
    });
  });

  it('its cache is refused with a reason, not ignored', async () => {
    await expect(openTransactionManager({ url: ':memory:', cache: {} } as never)).rejects.toThrow(/use @cc\/cache/);
    const [, ours] = await both();
    const cached = ours.select().from(posts).$withCache();
    await expect(cached).rejects.toThrow(/use @cc\/cache/);
    await expect(cached.all()).rejects.toThrow(/use @cc\/cache/);
    expect(() => cached.prepare()).toThrow(/use @cc\/cache/);
    // As on the stock client without a cache, where programs say `db.$cache?.invalidate(…)` behind their writes.
    expect(ours.$cache).toBe(undefined);
  });

  it.each([{ logger: 'yes' }, { logger: {} }, { casing: 'kebab-case' }])('refuses %j', async (options) => {
    await expect(openTransactionManager({ url: ':memory:', ...options } as never)).rejects.toThrow(TypeError);
  });
});

const sameOfClients: Record<string, (client: Client) => Promise<unknown>> = {
  'a write': (client) => client.execute(`insert into posts (title) values ('x')`),
  'a select': (client) => client.execute('select id, title, body, 1.5 as r, count(*) from posts group by id'),
  'no rows': (client) => client.execute('select * from posts where 0'),
  returning: (client) =>
    client.execute({ sql: 'insert into posts (body) values (?) returning *', args: [new Uint8Array(3)] }),
  'duplicate names': (client) => client.execute('select 1 as a, 2 as a'),
  'a batch': (client) => client.batch(['select * from posts', ['insert into tags values (?, ?)', [1, 2]]], 'write'),
  'statements of a transaction': async (client) => {
    const transaction = await client.transaction('write');
    const results = [
      await transaction.execute({ sql: 'select ? as a', args: [5] }),
      await transaction.batch(['select 1']),
    ];
    await transaction.commit();
    return results;
  },
};

describe('@libsql/client', () => {
  it.each(Object.entries(sameOfClients))('answers alike: %s', async (_, run) => {
    const [stock, ours] = await both();
    const [expected, answer] = [await run(stock.$client), await run(ours.$client)];
    expect(answer).toStrictEqual(expected);
    expect(JSON.stringify(answer)).toBe(JSON.stringify(expected));
    expect(Object.keys(answer as object)).toEqual(Object.keys(expected as object));
  });

  it('the error of a batch says which statement it was', async () => {
    const [stock, ours] = await both();
    const run = (client: Client) =>
      client.batch(['select 1', 'insert into posts (id) values (1)', 'select 2'], 'write');
    expect(await failure(run(stock.$client))).toMatchObject({ statementIndex: 1 });
    expect(await failure(run(ours.$client))).toMatchObject({ statementIndex: 1, type: 'constraint' });
    const queries = (db: Database<typeof schema>) =>
      db.batch([db.select().from(posts), db.insert(posts).values({ id: 1 })]);
    expect(await failure(queries(stock))).toMatchObject({ statementIndex: 1 });
    expect(await failure(queries(ours))).toMatchObject({ statementIndex: 1 });
    const migrate = (client: Client) => client.migrate(['select 1', 'select 2', 'create table posts (a)']);
    expect(await failure(migrate(stock.$client))).toMatchObject({ statementIndex: 2 });
    expect(await failure(migrate(ours.$client))).toMatchObject({ statementIndex: 2 });
  });
});

it('without a schema is what libraries take as a database of drizzle without one', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => manager.close());
  const ofDriver = (db: LibSQLDatabase): Promise<unknown> => db.get(sql`select 1 as a`);
  const ofDialect = async (db: BaseSQLiteDatabase<'async', ResultSet>): Promise<unknown> => db.all(sql`select 2 as a`);
  expect(await ofDriver(manager.db)).toEqual({ a: 1 });
  expect(await ofDialect(manager.db)).toEqual([{ a: 2 }]);
  expect(await manager.transaction((tx) => ofDialect(tx.db))).toEqual([{ a: 2 }]);
  const anySchema: Database = manager.db;
  expect(anySchema).toBe(manager.db);
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

it('gives the results of a batch the types that stock gives them', async () => {
  const manager = await openTransactionManager({ url: ':memory:', schema });
  onTestFinished(() => manager.close());
  const { db } = manager;
  for (const statement of ddl) await db.run(statement);
  const stock = drizzle.mock({ schema });
  const asStock: Equal<Omit<typeof db, '$client'>, Omit<typeof stock, '$client'>> = true;
  const results = await manager.batch([
    db.select({ title: posts.title }).from(posts).orderBy(posts.id),
    db.query.tags.findFirst({ columns: { id: true } }),
    db.delete(tags),
  ]);
  const ofBatch = () =>
    stock.batch([
      stock.select({ title: posts.title }).from(posts),
      stock.query.tags.findFirst({ columns: { id: true } }),
      stock.delete(tags),
    ]);
  const asBatch: Equal<typeof results, Awaited<ReturnType<typeof ofBatch>>> = true;
  expect([asStock, asBatch]).toEqual([true, true]);
  const [rows, tag, deleted] = results;
  expect([rows.map(({ title }) => title), tag?.id, deleted.rowsAffected]).toEqual([['one', null], 70, 2]);
  const list = [1, 2].map((id) => db.select({ id: posts.id }).from(posts).where(eq(posts.id, id)));
  expect((await manager.batch(list)).map(([row]) => row?.id)).toEqual([1, 2]);
});

it('on a held connection takes a tool that switches foreign keys off, and is given back as it was', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => manager.close());
  await manager.db.$client.executeMultiple(
    'create table a (id integer primary key); create table b (a_id references a); insert into a values (1); insert into b values (1)',
  );
  await expect(Promise.resolve(manager.db.run(sql`pragma foreign_keys = off`))).rejects.toThrow(/getConnection.*tool/);
  const lease = await manager.getConnection();
  const held = drizzle(lease.client);
  await held.run(sql`pragma foreign_keys = off`);
  await held.run(sql`delete from a`);
  lease.release();
  const orphan = await failure(Promise.resolve(manager.db.run(sql`insert into b values (2)`)));
  expect(orphan).toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
});
