// client.migrate() on servers: whole or not at all whatever happens on the way, and no rejection that nobody hears.
import { losingProxy } from '@cc/testkit/losing-proxy';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { type Client, createClient } from '@libsql/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectionLease, openTransactionManager } from '../src/index.js';
import { deferred, inTime, patient } from './target.js';

const rebuild = [
  'create table parent_new (id integer primary key, extra text)',
  'insert into parent_new (id) select id from parent',
  'drop table parent',
  'alter table parent_new rename to parent',
];

async function server(): Promise<{ sqld: Sqld; admin: Client }> {
  const sqld = await startSqld();
  const admin = createClient({ url: sqld.url.http });
  onTestFinished(async () => {
    admin.close();
    await sqld.close();
  });
  await admin.migrate([
    'create table parent (id integer primary key)',
    'create table child (parent integer references parent(id) on delete cascade)',
    'insert into parent values (1), (2)',
    'insert into child values (1), (2)',
    'create table speed (n integer)',
    'insert into speed values (300000)',
  ]);
  return { sqld, admin };
}

async function lease(url: string, options: { transactionTimeoutMs?: number } = {}): Promise<ConnectionLease> {
  const manager = await inTime(() => openTransactionManager({ url, ...patient, ...options }));
  const held = await manager.getConnection();
  onTestFinished(async () => {
    held.release();
    await manager.close({ drainMs: 0 });
  });
  return held;
}

/** What Node would end the process for. Vitest fails for them too, but does not say in which test. */
function rejections(): unknown[] {
  const unheard: unknown[] = [];
  const listen = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', listen);
  onTestFinished(() => void process.off('unhandledRejection', listen));
  return unheard;
}

const count = async (admin: Client, table: string): Promise<unknown> =>
  (await admin.execute(`select count(*) n from ${table}`)).rows[0]?.['n'];

/**
 * Statements that take a few hundredths of a second each or more, until somebody sets the speed to 1: together far more
 * than the 5 s of the server on any machine.
 */
const slow = Array.from(
  { length: 1_000 },
  () =>
    'insert into child select null from (with recursive c(i) as (select 1 union all select i + 1 from c where i < (select n from speed)) select count(*) from c)',
);

describeWithSqld('migrate() on a server', () => {
  describe.each(['http', 'ws'] as const)('over %s', (kind) => {
    it('keeps the children of a parent that is rebuilt, and tells how many statements have run', async () => {
      const { sqld, admin } = await server();
      const { client } = await lease(sqld.url[kind]);
      const heard: number[] = [];
      const results = await client.migrate([...rebuild, 'pragma foreign_keys'], (done) => heard.push(done));
      expect(results.map(({ rowsAffected, rows }) => rows[0]?.['foreign_keys'] ?? rowsAffected)).toEqual([
        0, 2, 0, 0, 0,
      ]);
      expect(heard.at(-1)).toBe(5);
      expect(await count(admin, 'child')).toBe(2);
      await expect(client.execute('insert into child values (9)')).rejects.toThrow('FOREIGN KEY');
    });

    it.each([
      ['fails while it runs', 'insert into parent values (1)', 'SQLITE_CONSTRAINT_PRIMARYKEY'],
      ['cannot be parsed', 'creat table x (a)', 'SQLITE_ERROR'],
    ])('leaves nothing behind a statement that %s, and names it', async (_, bad, code) => {
      const { sqld, admin } = await server();
      const { client } = await lease(sqld.url[kind]);
      const unheard = rejections();
      const failing = client.migrate(['create table other (a)', bad, 'create table third (a)']);
      await expect(failing).rejects.toMatchObject({ code, outcome: 'none', operation: bad });
      expect((await admin.execute(`select name from sqlite_schema where name in ('other', 'third')`)).rows).toEqual([]);
      await client.migrate(['create table other (a)']);
      expect(unheard).toEqual([]);
    });

    it('whose lock another writer takes after 5 s fails whole, heard by its caller alone, and runs when called again', async () => {
      const { sqld, admin } = await server();
      const { client } = await lease(sqld.url[kind]);
      const unheard = rejections();
      let rival: Promise<unknown> | undefined;
      // Its first group of statements has run: the migration holds the lock, and has most of its work before it.
      const whenLocked = (): void => {
        rival ??= admin.execute('update speed set n = 1');
      };
      const failing = client.migrate(['create table other (a)', ...slow], whenLocked);
      await expect(failing).rejects.toMatchObject({ code: 'TRANSACTION_LOST', outcome: 'none', recoverable: true });
      await rival;
      expect(await count(admin, 'child')).toBe(2);
      await client.migrate(['create table other (a)', ...slow]);
      expect(await count(admin, 'child')).toBe(2 + slow.length);
      expect(unheard).toEqual([]);
    });

    it('that runs longer than transactionTimeoutMs is not committed later', async () => {
      const { sqld, admin } = await server();
      const { client } = await lease(sqld.url[kind], { transactionTimeoutMs: 300 });
      const unheard = rejections();
      const statements = ['create table other (a)', ...slow.slice(0, 100)];
      await expect(client.migrate(statements)).rejects.toMatchObject({ code: 'TX_TIMEOUT', outcome: 'none' });
      // The writer after it gets the lock when the server has ended it.
      await admin.execute('update speed set n = 2');
      expect(await count(admin, 'child')).toBe(2);
      expect((await admin.execute(`select name from sqlite_schema where name = 'other'`)).rows).toEqual([]);
      expect(unheard).toEqual([]);
    });

    it('whose server is killed on the way fails with nothing in the database', async () => {
      const { sqld, admin } = await server();
      const { client } = await lease(sqld.url[kind]);
      const unheard = rejections();
      let killed: Promise<void> | undefined;
      const kill = (): void => {
        killed ??= sqld.kill();
      };
      await expect(client.migrate(slow, kill)).rejects.toMatchObject({ type: 'connection', outcome: 'none' });
      await killed;
      await sqld.restart();
      expect(await count(admin, 'child')).toBe(2);
      expect(unheard).toEqual([]);
    });
  });

  it.each(['before', 'after'] as const)(
    'whose COMMIT is lost %s it took effect has an unknown outcome',
    async (when) => {
      const { sqld, admin } = await server();
      const proxy = await losingProxy(sqld);
      const { client } = await lease(proxy.url);
      const unheard = rejections();
      proxy.loseCommit(when);
      await expect(client.migrate(rebuild)).rejects.toMatchObject({ type: 'connection', outcome: 'unknown' });
      const columns = (await admin.execute(`select name from pragma_table_info('parent')`)).rows.length;
      expect([columns, proxy.lost()]).toEqual([when === 'after' ? 2 : 1, 1]);
      expect(await count(admin, 'child')).toBe(2);
      expect(unheard).toEqual([]);
    },
  );

  it('waits its turn behind an open write transaction of its own process', async () => {
    const { sqld, admin } = await server();
    const manager = await openTransactionManager({ url: sqld.url.http });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    const [begun, ending] = [deferred(), deferred()];
    const order: string[] = [];
    const first = manager.transaction(async ({ db }) => {
      await db.run('insert into child values (1)');
      begun.resolve();
      await ending.promise;
      order.push('first');
    });
    await begun.promise;
    const second = manager.db.$client.migrate(rebuild).then(() => order.push('second'));
    expect(manager.stats().writersWaiting).toBe(1);
    ending.resolve();
    await Promise.all([first, second]);
    expect([order, await count(admin, 'child')]).toEqual([['first', 'second'], 3]);
  });
});
