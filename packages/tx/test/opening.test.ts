// Options, URLs, closing, and statistics.
import { copyFile, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseError, type ManagerEvent, openTransactionManager } from '../src/index.js';
import { deferred, items, names, openTarget, targets, temporaryFolder } from './target.js';

describe('options', () => {
  it('that are unknown are refused with the nearest known name', async () => {
    const open = openTransactionManager({ url: ':memory:', acquireTimeoutMS: 5 } as never);
    await expect(open).rejects.toThrow("unknown option 'acquireTimeoutMS'; did you mean 'acquireTimeoutMs'?");
  });

  it.each([
    [{ url: ':memory:', readers: 0 }, 'readers'],
    [{ url: ':memory:', readers: 1.5 }, 'readers'],
    [{ url: ':memory:', acquireTimeoutMs: Number.NaN }, 'acquireTimeoutMs'],
    [{ url: ':memory:', retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
    [{ url: ':memory:', pragmas: { 'foreign_keys = 0; drop table x; --': 1 } }, 'pragmas'],
    [{ url: ':memory:', pragmas: { busy_timeout: 5 } }, 'acquireTimeoutMs'],
    [{ url: 'library.db' }, 'file:'],
    [{ url: 'postgres://x' }, 'postgres:'],
    [{ url: 'file:x.db?mode=ro' }, '%3F'],
    [{ url: 'file:100%.db' }, '%25'],
    [{ url: 'file:///100%.db' }, '%25'],
    [{ url: 'file:///%ff.db' }, '%25'],
    [{ url: 'file://host/x.db' }, 'url is no valid file URL'],
    [{ url: 'FILE://host/x.db' }, 'url is no valid file URL'],
    [{ url: 'file:x.db\r' }, 'CR LF'],
    [{ url: 'file:x.db ' }, 'white space'],
    [{ url: ' file:x.db' }, 'white space'],
    [{ url: 'file: x.db' }, 'white space'],
    [{ url: 'file:a\nb.db' }, 'line break'],
    [{ url: 'http://127.0.0.1:1\r\n' }, 'CR LF'],
    [{ url: 'file:r.db', syncUrl: 'http://127.0.0.1:1\r' }, 'CR LF'],
    [{ url: 'file:undefined' }, "'file:./undefined'"],
    [{ url: 'file:[object Object]' }, 'a variable without a value'],
    [{ url: '' }, 'url'],
  ])('%j are refused with a TypeError that says what to write', async (options, part) => {
    const opening = openTransactionManager(options);
    await expect(opening).rejects.toThrow(TypeError);
    await expect(opening).rejects.toThrow(part);
  });

  it.each([
    [{ mode: 'wirte' }, 'mode'],
    [{ timeoutMs: 'soon' }, 'timeoutMs'],
    [{ timeoutMs: -5 }, 'timeoutMs'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ signal: {} }, 'signal'],
    [{ retries: 3 }, "did you mean 'retry'"],
    [{ colour: 3 }, "'colour'; it takes mode, "],
    [{ idempotencyKey: '' }, 'idempotencyKey'],
  ])('%j of transaction() are refused with a TypeError', async (options, part) => {
    const manager = await openTarget(':memory:');
    const call = manager.transaction(async () => 'never', options as never);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(part);
  });

  it('tells as a DatabaseError what the file system says of a path', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a file'), '');
    await symlink(join(folder, 'a link'), join(folder, 'a link'));
    for (const [name, code] of [
      // For Node 24 nothing is there, and SQLite says that it could not open it.
      ['a file/x.db', expect.stringMatching(/^(?:ENOTDIR|SQLITE_CANTOPEN)$/)],
      ['a link', 'ELOOP'],
      ['a'.repeat(300), 'ENAMETOOLONG'],
    ] as const) {
      const path = join(folder, name);
      const opening = openTransactionManager({ url: pathToFileURL(path).href });
      await expect(opening).rejects.toMatchObject({ type: 'connection', code, operation: `open ${path}` });
      await expect(opening).rejects.toSatisfy(isDatabaseError);
    }
  });

  it('names a file with any characters through its percent-encoded URL', async () => {
    const path = join(await temporaryFolder(), 'ä ? # 100% 模型.db');
    const manager = await openTransactionManager({ url: pathToFileURL(path).href });
    const rows = await manager.db.$client.execute('select file from pragma_database_list');
    expect(rows.rows[0]?.file).toBe(path);
    await manager.close();
  });
});

describe.each(targets)('closing %s', (target) => {
  it('waits for open transactions, then refuses everything', async () => {
    const manager = await openTarget(target);
    const leave = deferred();
    const running = manager.transaction(async () => {
      await leave.promise;
      await manager.db.insert(items).values({ name: 'in time' });
      return 'committed';
    });
    const queued = manager.transaction(async () => 'never');
    const closing = manager.close({ drainMs: 240_000 });
    await expect(queued).rejects.toMatchObject({ type: 'closed', code: 'CLOSED' });
    leave.resolve();
    expect(await running).toBe('committed');
    await closing;
    await expect(manager.db.select().from(items)).rejects.toMatchObject({ type: 'closed' });
    await expect(manager.transaction(async () => 'never')).rejects.toMatchObject({ type: 'closed' });
    await expect(manager.getConnection()).rejects.toMatchObject({ type: 'closed' });
    await manager.close();
  });

  it('rolls back what does not end in time', async () => {
    const manager = await openTarget(target);
    const entered = deferred();
    const closed = deferred();
    const running = manager.transaction(async () => {
      await manager.db.insert(items).values({ name: 'too late' });
      entered.resolve();
      await closed.promise;
      await manager.db.insert(items).values({ name: 'after close' });
    });
    const told = running.catch((error: unknown) => error);
    await entered.promise;
    await manager.close({ drainMs: 0 });
    expect(await told).toMatchObject({ code: 'CLOSED' });
    closed.resolve();
  });
});

it('leaves everything in the one file when it closes', async () => {
  const path = join(await temporaryFolder(), 'x.db');
  const manager = await openTransactionManager({ url: pathToFileURL(path).href });
  await manager.db.run('create table t (a)');
  await manager.close();
  await copyFile(path, `${path}.copy`);
  const copy = await openTransactionManager({ url: pathToFileURL(`${path}.copy`).href });
  expect(await copy.db.all(sql`select name from sqlite_schema`)).toEqual([{ name: 't' }]);
  await copy.close();
});

it('reports queries, transactions and waits to listeners, and a broken listener breaks nothing', async () => {
  const manager = await openTarget('file');
  const events: ManagerEvent[] = [];
  manager.subscribe(() => {
    throw new Error('broken listener');
  });
  const stop = manager.subscribe((event) => events.push(event));
  await manager.transaction(async (tx) => {
    await manager.db.insert(items).values({ name: 'secret value' });
    await tx.savepoint(async () => undefined);
  });
  expect(await names(manager)).toEqual(['secret value']);
  expect(events.map((event) => (event.type === 'transaction' ? `${event.phase} ${event.depth}` : event.type))).toEqual([
    'begin 0',
    'query',
    'begin 1',
    'commit 1',
    'commit 0',
    'query',
  ]);
  expect(events[1]).toMatchObject({
    sql: expect.stringContaining('insert into'),
    rowsAffected: 1,
    mode: 'write',
    error: null,
  });
  expect(events[5]).toMatchObject({ rows: 1, mode: 'read', transactionId: null });
  expect(JSON.stringify(events)).not.toContain('secret value');
  stop();
  await manager.db.select().from(items);
  expect(events).toHaveLength(6);
});

it('explains a query without keeping later changes of the schema from running', async () => {
  const manager = await openTarget('file');
  const plan = await manager.db.$client.execute('explain query plan select * from items where id = 1');
  expect(String(plan.rows[0]?.detail)).toContain('PRIMARY KEY');
  await manager.db.run('drop table items');
});

it('explains with the plan that the file has now, also when another connection has made an index', async () => {
  const manager = await openTarget('file');
  const plan = async (): Promise<string> =>
    JSON.stringify(await manager.db.all(sql`explain query plan select id from items where amount = 1`));
  expect(await plan()).toContain('SCAN');
  const other = await openTransactionManager({ url: manager.url });
  await other.db.run('create index by_amount on items (amount)');
  await other.close();
  expect(await plan()).toContain('by_amount');
  expect(await manager.read(plan)).toContain('by_amount');
  // What stayed active would keep its snapshot.
  await manager.db.insert(items).values({ name: 'a' });
  expect(await manager.db.all(sql`pragma wal_checkpoint(TRUNCATE)`)).toMatchObject([{ busy: 0 }]);
});

it('commits a transaction in memory in which a write was explained', async () => {
  const manager = await openTarget(':memory:');
  await manager.transaction(async ({ db }) => {
    await db.all(sql`explain insert into items (name) values ('x')`);
    await db.insert(items).values({ name: 'a' });
  });
  expect(await names(manager)).toEqual(['a']);
});

it('keeps an encrypted file closed to whoever has no key or a wrong one, and opens it everywhere with the right one', async () => {
  const folder = await temporaryFolder();
  const url = pathToFileURL(join(folder, 'secret.db')).href;
  const manager = await openTransactionManager({ url, encryptionKey: 'right' });
  await manager.db.run('create table t (a text)');
  await manager.transaction(() => manager.db.run(sql`insert into t values ('hidden text')`));
  expect(await manager.read(async () => manager.db.all(sql`select a from t`))).toEqual([{ a: 'hidden text' }]);
  expect(await manager.offload(manager.db.all(sql`select a from t`), { timeoutMs: 10_000 })).toHaveLength(1);
  await manager.backup(join(folder, 'copy.db'));
  await manager.close();
  for (const name of ['secret.db', 'copy.db']) {
    expect((await readFile(join(folder, name))).includes('hidden text')).toBe(false);
    const locked = pathToFileURL(join(folder, name)).href;
    for (const options of [{}, { encryptionKey: 'wrong' }]) {
      await expect(openTransactionManager({ url: locked, ...options })).rejects.toMatchObject({ type: 'integrity' });
    }
    const opened = await openTransactionManager({ url: locked, encryptionKey: 'right' });
    expect(await opened.db.all(sql`select a from t`)).toEqual([{ a: 'hidden text' }]);
    await opened.close();
  }
});
