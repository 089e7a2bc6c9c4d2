// What a server's failures say of what is in the database, and which constraint was broken.
import { losingProxy } from '@cc/testkit/losing-proxy';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import type { Transaction as ClientTransaction } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConnectionLease, openTransactionManager } from '../src/index.js';
import { items, names, openTarget, schema } from './target.js';

const pastNumbers = 'insert into items (name, amount) values (?, 9007199254740993) returning amount';
const tooMuch = `with recursive n (i) as (select 1 union all select i + 1 from n where i < 60)
  insert into items (name) select i || hex(zeroblob(200000)) from n returning name`;
const noText = `insert into items (name) values ('no text') returning cast(x'ff41' as text)`;

describeWithSqld('a statement whose answer cannot be read', () => {
  describe.each(['http', 'ws', 'replica'] as const)('%s', (target) => {
    it('has taken effect on its own, and its error does not deny it', async () => {
      const manager = await openTarget(target, { retry: false });
      const { $client: client } = manager.db;
      await expect(client.execute(pastNumbers, ['n1'])).rejects.toMatchObject({
        code: 'INTEGER_OUT_OF_RANGE',
        outcome: 'unknown',
      });
      const lease = await manager.getConnection();
      await expect(lease.client.execute(pastNumbers, ['n2'])).rejects.toMatchObject({ outcome: 'unknown' });
      lease.release();
      await expect(client.execute(tooMuch)).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE', outcome: 'unknown' });
      await expect(client.execute(noText)).rejects.toMatchObject({ outcome: 'unknown', recoverable: false });
      expect(await manager.db.$count(items)).toBe(63);
    });

    it('is read as far as it went when it is a script that fails', async () => {
      const manager = await openTarget(target, { retry: false });
      const script = (name: string): string =>
        `${insert(name)}; insert into items (name) values (no_such()); ${insert('no')}`;
      await expect(manager.db.$client.executeMultiple(script('a'))).rejects.toThrow(/no_such/);
      expect(await names(manager)).toEqual(['a']);
      const lease = await manager.getConnection();
      await expect(lease.client.executeMultiple(script('b'))).rejects.toThrow(/no_such/);
      expect(await names(manager)).toEqual(['a', 'b']);
      lease.release();
    });

    it('is rolled back with its transaction, and nothing of it is there', async () => {
      const manager = await openTarget(target, { retry: false });
      for (const text of [`insert into items (name, amount) values ('a', 9007199254740993) returning amount`, tooMuch])
        await expect(manager.transaction(() => manager.db.run(sql.raw(text)))).rejects.toMatchObject({
          outcome: 'none',
        });
      await expect(manager.db.$client.batch([{ sql: pastNumbers, args: ['b'] }], 'write')).rejects.toMatchObject({
        code: 'INTEGER_OUT_OF_RANGE',
        outcome: 'none',
        statementIndex: 0,
      });
      expect(await names(manager)).toEqual([]);
    });

    it('that only reads leaves nothing in doubt, and the connection is good for the next call', async () => {
      const manager = await openTarget(target);
      const client = manager.db.$client;
      await expect(client.execute('select 9007199254740993 as n')).rejects.toMatchObject({
        code: 'INTEGER_OUT_OF_RANGE',
        outcome: 'none',
      });
      const { rows } = await client.execute('select 9007199254740991 as n, 5 as m, 0.5 as r');
      expect([rows[0]?.['n'], rows[0]?.['m'], rows[0]?.['r']]).toEqual([9007199254740991, 5, 0.5]);
      const transaction = await client.transaction('write');
      expect((await transaction.execute('select 5 as n')).rows[0]?.['n']).toBe(5);
      transaction.close();
    });
  });

  it('on a lease is in doubt when its answer is lost', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const proxy = await losingProxy(sqld);
    const manager = await openTransactionManager({ url: proxy.url, schema, retry: false });
    onTestFinished(() => manager.close({ drainMs: 0 }));
    await manager.db.run(sql`create table items (id integer primary key, name text, amount integer)`);
    using lease = await manager.getConnection();
    proxy.loseCommit('after');
    // The proxy cuts the line at this word.
    await expect(lease.client.execute('insert into items (name) values (?)', ['COMMIT'])).rejects.toMatchObject({
      outcome: 'unknown',
      recoverable: false,
    });
    expect(await manager.db.$count(items)).toBe(1);
  });
});

describeWithSqld('a second equal key', () => {
  describe.each(['file', 'http', 'ws', 'replica'] as const)('%s', (target) => {
    it('is told as one of the primary key, or of a unique column', async () => {
      const manager = await openTarget(target);
      const { $client: client } = manager.db;
      for (const ddl of [
        'create table text_key (id text primary key, other text unique)',
        'create table pairs (a text, b integer, c integer, primary key (b, a), unique (a, c))',
        'create table bare (k text primary key) without rowid',
        'create table "odd, name" ("a.b" text primary key)',
      ])
        await client.execute(ddl);
      const told: Record<string, [code: string, kind: string]> = {};
      const twice = async (name: string, text: string) => {
        await client.execute(text);
        const failures = [
          await client.execute(text).catch((error: unknown) => error),
          await client.batch([text], 'write').catch((error: unknown) => error),
          await manager.transaction(async () => client.execute(text).catch((error: unknown) => error)),
        ];
        for (const failure of failures) {
          const { code, constraint } = failure as { code: string; constraint?: { kind: string } };
          told[name] ??= [code, constraint?.kind ?? ''];
          expect([name, code, constraint?.kind]).toEqual([name, ...told[name]]);
        }
      };
      await twice('rowid', `insert into items (id, name) values (1, 'x' || hex(randomblob(8)))`);
      await twice('unique', `insert into items (name) values ('same')`);
      await twice('text', `insert into text_key (id) values ('k')`);
      await twice('text unique', `insert into text_key (id, other) values (hex(randomblob(8)), 'o')`);
      await twice('composite', `insert into pairs values ('a', 1, abs(random() >> 10))`);
      await twice('composite unique', `insert into pairs values ('a', abs(random() >> 10), 7)`);
      await twice('without rowid', `insert into bare values ('k')`);
      await twice('odd', `insert into "odd, name" values ('k')`);
      const primary = ['SQLITE_CONSTRAINT_PRIMARYKEY', 'primary_key'];
      const unique = ['SQLITE_CONSTRAINT_UNIQUE', 'unique'];
      expect(told).toEqual({
        rowid: primary,
        unique,
        text: primary,
        'text unique': unique,
        composite: primary,
        'composite unique': unique,
        'without rowid': primary,
        odd: target === 'file' ? primary : unique,
      });
    });
  });
});

describeWithSqld('a write that fails with FAIL, which keeps the rows in front of the failing one', () => {
  const ddl: Record<string, readonly string[]> = {
    'ON CONFLICT FAIL of a column': ['create table kept (a integer not null unique ON CONFLICT /* so */ FAIL)'],
    'ON CONFLICT FAIL of a table': ['create table kept (a integer, unique (a) on conflict fail)'],
    'RAISE(FAIL) in a trigger': [
      'create table kept (a integer)',
      `create trigger no_twos before insert on kept when new.a = 2 begin select raise (fail, 'no'); end`,
    ],
    'INSERT OR FAIL in a trigger': [
      'create table kept (a integer)',
      'create table keys (a integer unique)',
      'create trigger copied after insert on kept begin insert or fail into keys values (new.a); end',
    ],
    'neither, though there are such words': [
      'create table kept (a integer unique, "on conflict" text, fail text)',
      `create trigger words after delete on kept begin select 'raise(fail)'; end`,
    ],
  };
  const write = 'insert into kept (a) values (1), (2), (2), (3)';

  describe.each(['file', 'http', 'ws', 'replica'] as const)('%s', (target) => {
    it.each(Object.entries(ddl))('says so when rows are there: %s', async (_, statements) => {
      const manager = await openTarget(target, { retry: false });
      const { db } = manager;
      const client = db.$client;
      for (const statement of statements) await client.execute(statement);
      const leased = async (run: (held: ConnectionLease['client']) => Promise<unknown>): Promise<unknown> => {
        using lease = await manager.getConnection();
        return await run(lease.client);
      };
      const calls: Record<string, () => Promise<unknown>> = {
        'through drizzle': () => db.run(sql.raw(write)).execute(),
        'through the client': () => client.execute(write),
        'on a lease': () => leased((held) => held.execute(write)),
        'as a script on a lease': () => leased((held) => held.executeMultiple(write)),
        'in a batch': () => client.batch([write], 'write'),
        'in a transaction': () => manager.transaction(() => db.run(sql.raw(write)).execute()),
      };
      for (const [call, run] of Object.entries(calls)) {
        const error: unknown = await run().catch((reason: unknown) => reason);
        if (target === 'replica') await manager.sync();
        const { rows } = await client.execute('select count(*) as n from kept');
        const outcome = rows[0]?.['n'] === 0 ? 'none' : 'unknown';
        expect({ call, error }).toMatchObject({ call, error: { type: 'constraint', outcome, recoverable: false } });
        await client.batch(['delete from kept', ...(statements.length === 3 ? ['delete from keys'] : [])], 'write');
      }
    });
  });
});

describeWithSqld('the URL of a server', () => {
  it.each([
    'http://127.0.0.1:1?tls=maybe',
    'http://127.0.0.1:1?tls=1',
    'https://127.0.0.1:1?tls=0',
    'ws://a:1?tls=1',
    'wss://a:1?tls=0',
    'libsql://a?tls=0',
    'libsql://a:1?tls=',
    'https://a/#x',
  ])('%s is a TypeError that says why', async (url) => {
    await expect(openTransactionManager({ url })).rejects.toThrow(TypeError);
    await expect(openTransactionManager({ url: 'file:never.db', syncUrl: url })).rejects.toThrow(TypeError);
  });
});

describeWithSqld('a transaction of the client that one of its statements has ended', () => {
  it.each(['http', 'ws', 'replica'] as const)('runs nothing of what stands behind it: %s', async (target) => {
    const manager = await openTarget(target);
    const { $client: client } = manager.db;
    await client.execute('create unique index one_name on items (name)');
    await client.execute(insert('kept'));
    const undone = 'insert or rollback into items (name) values (?)';
    const endings: readonly ((tx: ClientTransaction) => Promise<unknown>)[] = [
      (tx) => tx.execute('rollback'),
      (tx) => tx.execute({ sql: undone, args: ['kept'] }),
      (tx) => tx.batch(['select 1', 'rollback', insert('behind in the batch')]),
      (tx) => tx.executeMultiple(`${insert('in the script')}; rollback`),
      (tx) => tx.executeMultiple(`insert or rollback into items (name) values ('kept'); ${insert('no')}`),
    ];
    for (const end of endings)
      for (const waits of [false, true]) {
        const transaction = await client.transaction('write');
        const before = transaction.execute(insert('before'));
        const ended = end(transaction).catch(() => undefined);
        if (waits) await ended;
        const behind = transaction.execute(insert('behind'));
        await expect(behind).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
        await Promise.all([before, ended]);
        await expect(transaction.commit()).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
        transaction.close();
      }
    const committed = await client.transaction('write');
    await committed.batch([insert('committed'), 'commit']);
    await expect(committed.execute(insert('behind'))).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
    committed.close();
    expect(await names(manager)).toEqual(['kept', 'committed']);
  });
});

const insert = (name: string): string => `insert into items (name) values ('${name}')`;
