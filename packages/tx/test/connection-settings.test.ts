// What only one connection knows (TEMP objects, attached files, pragmas) is refused where calls go to several, held
// connections take it, and none of it is left for the next holder.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { items, openTarget, type TestManager, targets, temporaryFolder } from './target.js';

const settings = [
  'create temp table t (a)',
  'CREATE /* x */ TEMPORARY VIEW v AS SELECT 1',
  'create table temp.items (a)',
  'create table if not exists "temp".items (a)',
  'create trigger temp.r after insert on items begin select 1; end',
  "attach ':memory:' as other",
  'detach other',
  'pragma foreign_keys = off',
  'PRAGMA main.cache_size(10)',
  'pragma case_sensitive_like = 1',
  'pragma query_only = 1',
  'pragma journal_mode = delete',
];

describe.each(targets)('on %s', (target) => {
  it.each(settings)('db refuses %s and says what to use', async (text) => {
    const manager = await openTarget(target);
    await expect(manager.db.run(sql.raw(text))).rejects.toThrow(TypeError);
    await expect(manager.db.run(sql.raw(text))).rejects.toThrow(/getConnection\(\)/);
    await expect(manager.db.$client.execute(text)).rejects.toThrow(TypeError);
    await expect(manager.transaction(async (tx) => tx.db.run(sql.raw(text)))).rejects.toThrow(TypeError);
  });

  it.each([
    'pragma user_version',
    'pragma table_info(items)',
    'pragma foreign_key_check(items)',
    'pragma foreign_keys',
    'create table templates (temp, "temp.x" default (1))',
  ])('db runs %s', async (text) => {
    const manager = await openTarget(target);
    await manager.db.run(sql.raw(text));
  });
});

describe('keys of files, on a connection that was opened without one', () => {
  const secret = 'a-long-secret';

  it.each([
    `attach '{other}' as other key '${secret}'`,
    `; ATTACH DATABASE '{other}' AS "other" KEY '${secret}'`,
    `attach 'file:{other}?vfs=multipleciphers-unix' as other`,
    `pragma rekey = '${secret}'`,
    `PRAGMA main.hexrekey('${secret}')`,
    `pragma key = '${secret}'`,
    `pragma "textkey" = '${secret}'`,
  ])('refuses %s, in a script too, without telling the key', async (text) => {
    const other = join(await temporaryFolder(), 'other.db');
    const statement = text.replace('{other}', other);
    const manager = await openTarget('file');
    using lease = await manager.getConnection();
    const { client } = lease;
    for (const run of [() => client.execute(statement), () => client.executeMultiple(statement)]) {
      const error: unknown = await run().then(String, (thrown: unknown) => thrown);
      expect(error).toMatchObject({ type: 'syntax', code: 'UNSUPPORTED_STATEMENT' });
      expect(String(error)).not.toContain(secret);
    }
    expect(existsSync(other)).toBe(false);
    await client.execute('select 1');
  });

  it('takes a schema of that name, and attaches in memory as before', async () => {
    const other = join(await temporaryFolder(), 'other.db');
    const manager = await openTarget('file');
    {
      using lease = await manager.getConnection();
      await lease.client.execute(`attach '${other}' as key`);
      await lease.client.execute('create table key.t (a)');
    }
    const memory = await openTarget(':memory:');
    using lease = await memory.getConnection();
    await lease.client.execute(`attach '${other}.encrypted' as other key '${secret}'`);
    await lease.client.execute('create table other.t (a)');
    expect((await readFile(other)).subarray(0, 15).toString()).toBe('SQLite format 3');
    expect((await readFile(`${other}.encrypted`)).subarray(0, 15).toString()).not.toBe('SQLite format 3');
  });

  it('an encrypted file attaches a plain one', async () => {
    const folder = await temporaryFolder();
    const plain = await openTransactionManager({ url: pathToFileURL(join(folder, 'plain.db')).href });
    await plain.db.run(sql`create table t (a)`);
    await plain.close();
    const url = pathToFileURL(join(folder, 'encrypted.db')).href;
    const manager = await openTransactionManager({ url, encryptionKey: secret });
    {
      using lease = await manager.getConnection();
      await lease.client.execute(`attach '${join(folder, 'plain.db')}' as plain key ''`);
      await lease.client.execute('insert into plain.t values (1)');
      expect((await lease.client.execute('select a from plain.t')).rows[0]?.a).toBe(1);
    }
    await manager.close();
  });
});

const locals = ['file', ':memory:'] as const;

describe.each(locals)('a held connection on %s', (target) => {
  it.each<[string, (manager: TestManager) => Promise<unknown>]>([
    [
      'a lease',
      async (manager) => {
        using lease = await manager.getConnection();
        await lease.client.execute('create temp table items (id, name, amount)');
        await lease.client.execute("insert into items values (1, 'shadow', 0)");
        await lease.client.execute('pragma case_sensitive_like = 1');
        await lease.client.execute('pragma recursive_triggers = 1');
        await lease.client.execute("attach ':memory:' as other");
        expect((await lease.client.execute('select name from items')).rows[0]?.name).toBe('shadow');
      },
    ],
    [
      'a script',
      (manager) =>
        manager.db.$client.executeMultiple(
          `create temp table items (id, name, amount); insert into items values (1, 'shadow', 0);
           pragma case_sensitive_like = 1; pragma recursive_triggers = 1; attach ':memory:' as other`,
        ),
    ],
    [
      'an interactive transaction',
      async (manager) => {
        const transaction = await manager.db.$client.transaction();
        await transaction.execute('create temp table items (id, name, amount)');
        await transaction.execute("insert into items values (1, 'shadow', 0)");
        await transaction.execute('pragma recursive_triggers = 1');
        await transaction.commit();
      },
    ],
  ])('%s takes them and leaves none', async (_, use) => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'real' });
    await use(manager);
    // With the writer free and with it held: the same rows.
    expect(await manager.db.select({ name: items.name }).from(items)).toEqual([{ name: 'real' }]);
    await manager.transaction(async (tx) => {
      expect(await tx.db.select({ name: items.name }).from(items)).toEqual([{ name: 'real' }]);
    });
    expect(await manager.db.get(sql`pragma recursive_triggers`)).toEqual({ recursive_triggers: 0 });
    expect(await manager.db.values(sql`select name from pragma_database_list where name <> 'temp'`)).toEqual([
      ['main'],
    ]);
    expect(await manager.db.get(sql`select 'a' like 'A' as alike`)).toEqual({ alike: 1 });
    expect(await manager.db.get(sql`pragma foreign_keys`)).toEqual({ foreign_keys: 1 });
  });

  it.each<[string, readonly string[]]>([
    [
      'a TEMP table that counts',
      ['create temp table t (id integer primary key autoincrement)', 'insert into t values (null)'],
    ],
    [
      'TEMP tables that refer to each other',
      [
        'create temp table mother (id integer primary key)',
        'create temp table child (id references mother)',
        'insert into mother values (1)',
        'insert into child values (1)',
      ],
    ],
    ['a connection that refuses writes', ['create temp table t (a)', 'pragma query_only = 1']],
  ])('is free again after %s', async (_, statements) => {
    const manager = await openTarget(target);
    const lease = await manager.getConnection();
    for (const statement of statements) await lease.client.execute(statement);
    lease.release();
    await manager.db.insert(items).values({ name: 'next' });
    expect(await manager.db.values(sql`select name from sqlite_temp_schema where name not like 'sqlite_%'`)).toEqual(
      [],
    );
    expect(await manager.db.get(sql`pragma foreign_keys`)).toEqual({ foreign_keys: 1 });
    expect(await manager.db.get(sql`pragma query_only`)).toEqual({ query_only: 0 });
  });

  it.each<[string, (manager: TestManager, script: string) => Promise<unknown>]>([
    ['a script', (manager, script) => manager.db.$client.executeMultiple(script)],
    [
      'a lease',
      async (manager, script) => {
        using lease = await manager.getConnection();
        await lease.client.executeMultiple(script);
      },
    ],
    [
      'an interactive transaction',
      async (manager, script) => {
        const transaction = await manager.db.$client.transaction();
        await transaction.executeMultiple(script);
        await transaction.commit();
      },
    ],
  ])('%s leaves what is kept in the file', async (_, run) => {
    const manager = await openTarget(target);
    await run(
      manager,
      `insert into items (name) values ('pragma page_size = 5'); pragma user_version = 5; pragma application_id = 7`,
    );
    expect(await manager.db.get(sql`pragma user_version`)).toEqual({ user_version: 5 });
    expect(await manager.db.get(sql`pragma application_id`)).toEqual({ application_id: 7 });
  });

  it('a lease for reading that is made writable does not stay so', async () => {
    const manager = await openTarget(target);
    const lease = await manager.getConnection({ mode: 'read' });
    await lease.client.execute('pragma query_only = 0');
    lease.release();
    using again = await manager.getConnection({ mode: 'read' });
    if (target === 'file') {
      await expect(again.client.execute("insert into items (name) values ('x')")).rejects.toMatchObject({
        type: 'readonly',
      });
    }
  });
});

it('defer_foreign_keys may be set inside a transaction, where it ends with it', async () => {
  const manager = await openTarget('file');
  await manager.db.run('create table child (id integer primary key, item integer references items)');
  await manager.transaction(async (tx) => {
    await tx.db.run(sql`pragma defer_foreign_keys = 1`);
    await tx.db.run(sql`insert into child (item) values (7)`);
    await tx.db.run(sql`insert into items (id, name) values (7, 'late')`);
  });
  await expect(manager.db.run(sql`insert into child (item) values (8)`)).rejects.toMatchObject({ type: 'constraint' });
});

it('refuses an encryption key that the driver would take for none', async () => {
  const { openTransactionManager } = await import('../src/index.js');
  const url = `file:${join(await temporaryFolder(), 'x.db')}`;
  for (const encryptionKey of ['', 7, {}, 'a\0b']) {
    await expect(openTransactionManager({ url, encryptionKey } as never)).rejects.toThrow(/encryptionKey must be/);
  }
});
