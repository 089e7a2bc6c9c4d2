// Recovery from real failures: what it says is what is so.
import { execFileSync } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DatabaseError, openTransactionManager, type TransactionManager } from '../src/index.js';
import { createErrorHandler, type RecoveryAttempt } from '../src/recovery/recovery.js';
import { count, failure, failureOf, openAt, openFile } from './broken-database.js';
import { deferred, patient, temporaryFolder } from './target.js';

/** Whatever another process does meanwhile, the recovery has the time for it. */
const patiently = { timeoutMs: patient.acquireTimeoutMs };

describe('recovery from the lock of another process', () => {
  it('waits until the lock can be had', async () => {
    const { manager, path } = await openFile({ acquireTimeoutMs: 50, retry: false });
    const holder = startProgram(new URL('processes/lock-holder.mjs', import.meta.url), [path]);
    expect(await holder.line()).toBe('held');
    const locked = await failureOf(() => manager.db.run(sql`insert into t (data) values (2)`));
    expect(locked).toMatchObject({ type: 'lock' });
    expect(await createErrorHandler(manager, { timeoutMs: 100 }).attemptRecovery(locked)).toBe(false);
    const recovering = createErrorHandler(manager, patiently).attemptRecovery(locked);
    setImmediate(() => holder.send('release'));
    expect(await recovering).toBe(true);
    await manager.db.run(sql`insert into t (data) values (3)`);
    expect(await count(manager)).toBe(2);
  });

  it('waits for a transaction of this process, and not for ever', async () => {
    const { manager } = await openFile();
    const [begun, end] = [deferred(), deferred()];
    const open = manager.transaction(async () => {
      begun.resolve();
      await end.promise;
    });
    await begun.promise;
    expect(await createErrorHandler(manager, { timeoutMs: 50 }).attemptRecovery(failure('lock', 'SQLITE_BUSY'))).toBe(
      false,
    );
    end.resolve();
    await open;
    expect(await createErrorHandler(manager).attemptRecovery(failure('lock', 'SQLITE_BUSY'))).toBe(true);
  });
});

describe('recovery of the connections to a file', () => {
  it('opens them anew, once for all who ask together, and proves it', async () => {
    const { manager, folder } = await openFile();
    const missing = pathToFileURL(join(folder, 'missing', 'x.db')).href;
    const lost = await failureOf(() => openTransactionManager({ url: missing }));
    const before = manager.stats().connectionsReplaced;
    const handler = createErrorHandler(manager);
    expect(await Promise.all([handler.attemptRecovery(lost), handler.attemptRecovery(lost)])).toEqual([true, true]);
    expect(manager.stats().connectionsReplaced - before).toBe(2);
    expect(await count(manager)).toBe(1);
  });

  it('fails while the file cannot be opened, and succeeds when it is back', async () => {
    const { manager, folder } = await openFile();
    const away = `${folder}-away`;
    await rename(folder, away);
    onTestFinished(() => rm(away, { recursive: true, force: true }));
    const handler = createErrorHandler(manager, patiently);
    const lost = failure('connection', 'SQLITE_IOERR');
    expect(await handler.attemptRecovery(lost)).toBe(false);
    await rename(away, folder);
    expect(await handler.attemptRecovery(lost)).toBe(true);
    expect(await count(manager)).toBe(1);
  });

  it('does not throw a database in memory away', async () => {
    const manager = await openAt(':memory:');
    await manager.db.run(sql`create table t (a)`);
    expect(await createErrorHandler(manager).attemptRecovery(failure('connection', 'SQLITE_IOERR'))).toBe(false);
    expect(await count(manager)).toBe(0);
  });
});

const searchable = [
  `create table notes (id integer primary key, body text)`,
  `create virtual table notes_fts using fts5(body, content='notes', content_rowid='id')`,
  // It has no content of its own, and takes no command.
  `create virtual table notes_words using fts5vocab(notes_fts, 'row')`,
  `create virtual table "other ""fts" using fts5(body)`,
  `insert into notes values (1, 'first words'), (2, 'second words')`,
  `insert into notes_fts (notes_fts) values ('rebuild')`,
  `delete from notes where id = 2`,
];

async function breakSearch(manager: TransactionManager): Promise<DatabaseError> {
  for (const statement of searchable) await manager.db.run(sql.raw(statement));
  const broken = await failureOf(() => manager.db.all(sql`select body from notes_fts where notes_fts match 'second'`));
  expect(broken).toMatchObject({ type: 'integrity', code: expect.stringMatching(/^SQLITE_CORRUPT(_VTAB)?$/) });
  return broken;
}

describe.each(['file', ':memory:'])('recovery of a search index on %s', (target) => {
  const openHere = async () => (target === 'file' ? (await openFile()).manager : openAt(target));

  it('rebuilds the index that does not match its table', async () => {
    const manager = await openHere();
    const broken = await breakSearch(manager);
    expect(await createErrorHandler(manager).attemptRecovery(broken)).toBe(true);
    const found = (word: string) => manager.db.values(sql`select body from notes_fts where notes_fts match ${word}`);
    expect(await found('second')).toEqual([]);
    expect(await found('first')).toEqual([['first words']]);
  });

  it('says when an index cannot be rebuilt', async () => {
    const manager = await openHere();
    const broken = await breakSearch(manager);
    await manager.db.run(sql`drop table notes`);
    const attempts: RecoveryAttempt[] = [];
    const handler = createErrorHandler(manager, { onRecovery: (attempt) => attempts.push(attempt) });
    expect(await handler.attemptRecovery(broken)).toBe(false);
    expect(attempts).toMatchObject([{ error: broken, repair: 'rebuild_index', recovered: false }]);
    expect(attempts[0]?.failure).toMatchObject({ type: 'syntax' });
  });
});

/** Writes until nothing more fits. */
async function fill(manager: TransactionManager, statement: string): Promise<DatabaseError> {
  const full = await failureOf(async () => {
    for (;;) await manager.db.run(sql.raw(statement));
  });
  expect(full).toMatchObject({ type: 'full', code: 'SQLITE_FULL' });
  return full;
}

/** A file system of one megabyte; undefined where this user may not mount one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = await temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

describe('recovery from a full database', () => {
  it('is false while not a page is left, and true when rows were deleted', async () => {
    const { manager } = await openFile({ pragmas: { max_page_count: 30 } });
    const full = await fill(manager, `insert into t (data) values (zeroblob(500))`);
    const handler = createErrorHandler(manager);
    expect(await handler.attemptRecovery(full)).toBe(false);
    await manager.db.run(sql`delete from t`);
    expect(await handler.attemptRecovery(full)).toBe(true);
    const tables = await manager.db.values(sql`select name from sqlite_schema`);
    expect(tables).toEqual([['t']]);
  });

  it('on a full disk is true once there is room, and keeps what was committed', async (context) => {
    const disk = await smallDisk();
    if (!disk) return context.skip('this user may not mount a small file system');
    const manager = await openAt(pathToFileURL(join(disk, 'library.db')).href);
    await manager.db.run(sql`create table t (id integer primary key, data blob)`);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(300_000));
    const full = await fill(manager, `insert into t (data) values (randomblob(500))`);
    const rows = await count(manager);
    const handler = createErrorHandler(manager);
    expect(await handler.attemptRecovery(full)).toBe(false);
    await rm(join(disk, 'ballast'));
    expect(await handler.attemptRecovery(full)).toBe(true);
    expect(await count(manager)).toBe(rows);
    await manager.db.run(sql`insert into t (data) values (1)`);
  });

  it('on a full disk makes the room itself when the log holds it', async (context) => {
    const disk = await smallDisk();
    if (!disk) return context.skip('this user may not mount a small file system');
    const manager = await openAt(pathToFileURL(join(disk, 'library.db')).href, { pragmas: { wal_autocheckpoint: 0 } });
    await manager.db.run(sql`create table t (id integer primary key, data blob)`);
    await manager.db.run(sql`insert into t (data) values (randomblob(3000))`);
    // The file has its full size, so that the log can be folded into it without more room.
    await manager.db.run(sql`pragma wal_checkpoint(truncate)`);
    const full = await fill(manager, `update t set data = randomblob(3000)`);
    expect(await createErrorHandler(manager).attemptRecovery(full)).toBe(true);
    await manager.db.run(sql`update t set data = randomblob(3000)`);
  });
});

/** A folder with a file of which the second half is noise, and a manager that has met it. */
async function server(): Promise<Sqld> {
  const running = await startSqld();
  onTestFinished(() => running.close());
  return running;
}

describeWithSqld('recovery of a server', () => {
  it.each(['http', 'ws'] as const)('over %s waits until it is back', async (protocol) => {
    const running = await server();
    const manager = await openAt(running.url[protocol], { retry: false });
    await manager.db.run(sql`create table t (a)`);
    await running.kill();
    const lost = await failureOf(() => manager.db.run(sql`select 1`));
    expect(lost).toMatchObject({ type: 'connection' });
    expect(await createErrorHandler(manager, { timeoutMs: 200 }).attemptRecovery(lost)).toBe(false);
    const recovering = createErrorHandler(manager, patiently).attemptRecovery(lost);
    await running.restart();
    expect(await recovering).toBe(true);
    expect(await count(manager)).toBe(0);
  });

  it('of a replica waits for its server', async () => {
    const running = await server();
    const path = join(await temporaryFolder(), 'replica.db');
    const manager = await openAt(pathToFileURL(path).href, { syncUrl: running.url.http, retry: false });
    await manager.db.run(sql`create table t (a)`);
    await running.kill();
    const lost = await failureOf(() => manager.db.run(sql`insert into t values (1)`));
    expect(await createErrorHandler(manager, { timeoutMs: 200 }).attemptRecovery(lost)).toBe(false);
    await running.restart();
    expect(await createErrorHandler(manager, patiently).attemptRecovery(lost)).toBe(true);
    await manager.db.run(sql`insert into t values (1)`);
    expect(await count(manager)).toBe(1);
  });

  it('rebuilds its search index', async () => {
    const manager = await openAt((await server()).url.http);
    const broken = await breakSearch(manager);
    expect(await createErrorHandler(manager).attemptRecovery(broken)).toBe(true);
    expect(await manager.db.values(sql`select body from notes_fts where notes_fts match 'second'`)).toEqual([]);
  });
});

describe('an error handler', () => {
  it('classifies and counts', async () => {
    const { manager } = await openFile();
    const handler = createErrorHandler(manager);
    expect(handler.errorCounts()).toEqual({ total: 0, byType: {}, byCode: {} });
    const syntax = await failureOf(() => manager.db.all(sql`selec 1`));
    expect(handler.handleSqliteError(syntax)).toBe(syntax);
    expect(handler.handleSqliteError(Object.assign(new Error('x'), { code: 'SQLITE_FULL' }), 'insert')).toMatchObject({
      type: 'full',
      operation: 'insert',
    });
    expect(handler.handleConnectionError(new Error('something'))).toMatchObject({
      type: 'connection',
      code: 'CONNECTION_FAILED',
    });
    expect(handler.errorCounts()).toEqual({
      total: 3,
      byType: { syntax: 1, full: 1, connection: 1 },
      byCode: { SQLITE_ERROR: 1, SQLITE_FULL: 1, CONNECTION_FAILED: 1 },
    });
  });

  it.each(['constraint', 'syntax', 'timeout', 'aborted', 'closed', 'auth', 'overload', 'readonly', 'unknown'] as const)(
    'cannot repair an error of type %s',
    async (type) => {
      const { manager } = await openFile();
      expect(await createErrorHandler(manager).attemptRecovery(failure(type, 'ANY'))).toBe(false);
    },
  );

  it('repairs nothing inside a transaction', async () => {
    const { manager } = await openFile();
    const handler = createErrorHandler(manager, { timeoutMs: 100 });
    const inside = manager.transaction(() => handler.attemptRecovery(failure('lock', 'SQLITE_BUSY')));
    expect(await inside).toBe(false);
  });

  it('runs work again once after it has recovered', async () => {
    const { manager, path } = await openFile({ acquireTimeoutMs: 50, retry: false });
    const holder = startProgram(new URL('processes/lock-holder.mjs', import.meta.url), [path]);
    await holder.line();
    const handler = createErrorHandler(manager, patiently);
    let runs = 0;
    const result = await handler.run(async () => {
      runs += 1;
      if (runs === 2) expect(await count(manager)).toBe(1);
      await manager.db.run(sql`insert into t (data) values (2)`).catch((error: unknown) => {
        holder.send('release');
        throw error;
      });
      return count(manager);
    });
    expect({ result, runs }).toEqual({ result: 2, runs: 2 });
    expect(handler.errorCounts()).toMatchObject({ total: 1, byType: { lock: 1 } });
  });

  it('runs work once when nothing was recovered, or nobody knows what it did', async () => {
    const { manager } = await openFile();
    const handler = createErrorHandler(manager);
    const unknown = new DatabaseError('lost', {
      type: 'connection',
      code: 'X',
      operation: 'COMMIT',
      outcome: 'unknown',
    });
    for (const error of [failure('constraint', 'SQLITE_CONSTRAINT'), unknown, new RangeError('of the caller')]) {
      let runs = 0;
      const ran = handler.run(async () => {
        runs += 1;
        throw error;
      });
      await expect(ran).rejects.toBe(error);
      expect(runs).toBe(1);
    }
    expect(handler.errorCounts().total).toBe(2);
  });

  it('refuses wrong options', async () => {
    const { manager } = await openFile();
    // @ts-expect-error misspelt
    expect(() => createErrorHandler(manager, { backupFoldr: '.' })).toThrow("did you mean 'backupFolder'?");
    expect(() => createErrorHandler(manager, { restore: true })).toThrow(TypeError);
    expect(() => createErrorHandler(manager, { timeoutMs: -1 })).toThrow(TypeError);
  });
});
