// Each kind of failure, provoked on a real database: its type, what it names, and that it holds no bound value.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type LookupFunction } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { startProgram } from '@cc/testkit/program';
import { refusingPort } from '@cc/testkit/sqld';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { toDatabaseError } from '../src/errors.js';
import { DatabaseError, isDatabaseError, openTransactionManager } from '../src/index.js';
import { items, openTarget, targets, temporaryFolder } from './target.js';

const secret = 'do-not-tell';

/** Servers send the same words for a primary key as for a unique column. */
describe.each(targets)('errors on %s', (target) => {
  it('a column that ALTER TABLE misses is named, and no search text is spoken of', async () => {
    const manager = await openTarget(target);
    for (const change of ['drop column nope', 'rename column nope to other']) {
      const error: unknown = await manager.db
        .run(sql.raw(`alter table items ${change}`))
        .catch((reason: unknown) => reason);
      expect(isDatabaseError(error) && error.reason).toBe('no such column: "nope"');
      expect(isDatabaseError(error) && error.hint).not.toContain('search');
    }
  });

  const ddl = `create table strict_things (
    id integer primary key, item integer references items(id), size integer not null, kind text,
    unique (size, kind), constraint size_positive check (size > 0)) strict`;

  it.each([
    ['a second equal value', `insert into items (name) values (?)`, 'unique', 'items', ['name'], null],
    ['a second equal key', `insert into items (id, name) values (1, ? || 'x')`, 'primary_key', 'items', ['id'], null],
    ['a missing value', `insert into strict_things (kind) values (?)`, 'not_null', 'strict_things', ['size'], null],
    ['a failed check', `insert into strict_things (kind, size) values (?, -1)`, 'check', null, [], 'size_positive'],
    [
      'a dangling reference',
      `insert into strict_things (kind, size, item) values (?, 1, 99)`,
      'foreign_key',
      null,
      [],
      null,
    ],
    [
      'a wrong type in a strict table',
      `insert into strict_things (size) values (?)`,
      'datatype',
      'strict_things',
      ['size'],
      null,
    ],
  ])('names the constraint broken by %s', async (_, statement, kind, table, columns, name) => {
    const manager = await openTarget(target);
    await manager.db.run(ddl);
    const failing = async () => {
      await manager.db.$client.execute({ sql: statement, args: [secret] });
      await manager.db.$client.execute({ sql: statement, args: [secret] });
    };
    const error: unknown = await failing().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'constraint', recoverable: false, outcome: 'none' });
    expect(error).toMatchObject({
      constraint: { kind, table, columns, ...(name && { name }) },
    });
    expect(String(error)).not.toContain(secret);
  });

  it.each([
    ['a syntax error', sql`selec ${secret}`],
    ['a missing table', sql`select * from nothing where a = ${secret}`],
    ['a missing column', sql`select nothing from items where name = ${secret}`],
  ])('tells %s as type syntax with the statement and no value', async (_, query) => {
    const manager = await openTarget(target);
    const error: unknown = await manager.db.all(query).catch((thrown: unknown) => thrown);
    expect(isDatabaseError(error)).toBe(true);
    expect(error).toMatchObject({ type: 'syntax', operation: expect.stringContaining('?') });
    expect(String(error)).not.toContain(secret);
  });

  it('never puts values of a drizzle query into the message or the chain of causes', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: secret });
    let error: unknown = await manager.db
      .insert(items)
      .values({ name: secret })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(DatabaseError);
    for (; error instanceof Error; error = error.cause) expect(`${error.message} ${error.stack}`).not.toContain(secret);
  });
});

describe('errors of files', () => {
  it('tells a folder that does not exist as type connection', async () => {
    const url = pathToFileURL(join(await temporaryFolder(), 'missing', 'x.db')).href;
    await expect(openTransactionManager({ url })).rejects.toMatchObject({
      type: 'connection',
      code: 'SQLITE_CANTOPEN',
    });
  });

  it('tells a file that is no database as type integrity and leaves it as it was', async () => {
    const path = join(await temporaryFolder(), 'x.db');
    await writeFile(path, 'This is a text file, not a database. '.repeat(100));
    const opening = openTransactionManager({ url: pathToFileURL(path).href });
    await expect(opening).rejects.toMatchObject({ type: 'integrity', code: 'SQLITE_NOTADB' });
  });

  it('waits for the lock of another process, then says who to blame', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'x.db');
    const manager = await openTransactionManager({
      url: pathToFileURL(path).href,
      acquireTimeoutMs: 150,
      retry: false,
    });
    await manager.db.run(sql`create table t (a)`);
    const holder = startProgram(new URL('processes/lock-holder.mjs', import.meta.url), [path]);
    expect(await holder.line()).toBe('held');
    await expect(manager.db.run(sql`insert into t values (1)`)).rejects.toMatchObject({
      type: 'lock',
      recoverable: true,
    });
    // The holder rolls back: the same connection must be sound.
    holder.send('release');
    expect(await holder.line()).toBe('released');
    await manager.db.run(sql`insert into t values (2)`);
    expect(await manager.db.all(sql`select a from t`)).toEqual([{ a: 2 }]);
    await manager.close();
  });
});

describe('toDatabaseError', () => {
  it('returns a DatabaseError from deep inside a chain of causes as it is', () => {
    const inner = new DatabaseError('x', { type: 'lock', code: 'SQLITE_BUSY', operation: 'y', recoverable: true });
    expect(toDatabaseError(new Error('outer', { cause: new Error('middle', { cause: inner }) }), 'z')).toBe(inner);
  });

  it('recognises the error of another copy of the package by its brand', () => {
    expect(isDatabaseError({ [Symbol.for('@cc/tx/DatabaseError/1')]: true })).toBe(true);
    expect(isDatabaseError(new Error('other'))).toBe(false);
    expect(isDatabaseError(null)).toBe(false);
  });

  it.each(['select ECONNREFUSED from items', `select "connection is not open" . x`, 'select 1 from "certificate"'])(
    'is not misled by words of the statement: %s',
    async (statement) => {
      const manager = await openTarget('file');
      await expect(manager.db.$client.execute(statement)).rejects.toMatchObject({
        type: 'syntax',
        code: 'SQLITE_ERROR',
      });
    },
  );

  it.each(['connect ECONNREFUSED', 'Operation was blocked', 'cannot commit - no transaction is active'])(
    'is not misled by the words of RAISE(): %s',
    async (words) => {
      const manager = await openTarget('file');
      await manager.db.run(
        sql.raw(`create trigger guard before insert on items begin select raise(abort, '${words}'); end`),
      );
      await expect(manager.db.insert(items).values({ name: 'x' })).rejects.toMatchObject({
        type: 'constraint',
        constraint: { kind: 'trigger', name: words },
      });
    },
  );

  it('tells the name of a missing column when the operation is not the statement', () => {
    const told = (code: string, message: string) =>
      toDatabaseError(Object.assign(new Error(message), { code }), 'batch');
    const message = 'SQL input error: no such column: missing (at offset 7)';
    expect(told('SQL_INPUT_ERROR', message).message).toContain('no such column: missing');
    // Over a bound search text it says the same without an offset, and then the name is a value.
    expect(told('SQLITE_UNKNOWN', 'SQLite error: no such column: missing').message).not.toContain('missing');
  });

  it.each([
    ['SQLITE_READONLY', 'attempt to write a readonly database'],
    ['SQLITE_ERROR', 'SQL logic error'],
    ['SQLITE_INTERRUPT', 'interrupted'],
    ['SQLITE_ERROR', 'cannot start a transaction within a transaction'],
  ])('tells a whole sentence of SQLite as it is: %s, %s', (code, message) => {
    expect(toDatabaseError(Object.assign(new Error(message), { code }), 'BEGIN IMMEDIATE').reason).toBe(message);
  });

  it('keeps an unknown failure as cause', () => {
    const cause = new Error('odd');
    expect(toDatabaseError(cause, 'x')).toMatchObject({ type: 'unknown', code: 'UNKNOWN', cause });
    expect(toDatabaseError('a text', 'x')).toMatchObject({ type: 'unknown', cause: 'a text' });
    expect(toDatabaseError(new Error('odd', { cause: 'a text' }), 'x').message).toContain('odd');
  });

  it('reads the name of an extended code from its number when the driver does not know it', () => {
    const raw = (code: number) =>
      Object.assign(new Error('x'), { code: `UNKNOWN_SQLITE_ERROR_${code}`, rawCode: code });
    expect(toDatabaseError(raw(3091), 'x').code).toBe('SQLITE_CONSTRAINT_DATATYPE');
    expect(toDatabaseError(raw(6 + 2 * 256), 'x')).toMatchObject({ type: 'lock', code: 'SQLITE_LOCKED_VTAB' });
    expect(toDatabaseError(raw(10 + 99 * 256), 'x')).toMatchObject({ type: 'connection', code: 'SQLITE_IOERR' });
    expect(toDatabaseError(raw(255), 'x')).toMatchObject({ type: 'unknown', code: 'SQLITE_255' });
  });

  it('reads the error of a name that has several addresses', async () => {
    const lookup: LookupFunction = (_, __, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    const socket = connect({ host: 'two.invalid', port: refusingPort, lookup, autoSelectFamily: true });
    const [error] = await once(socket, 'error', {}).catch((thrown: unknown) => [thrown]);
    expect(error).toBeInstanceOf(AggregateError);
    const wrapped = new TypeError('fetch failed', { cause: error });
    expect(toDatabaseError(wrapped, 'x')).toMatchObject({
      type: 'connection',
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('127.0.0.2'),
    });
  });
});

describe('a COMMIT that fails', () => {
  const commitFailing = (error: unknown): DatabaseError => toDatabaseError(error, 'COMMIT', { outcome: 'unknown' });

  it('leaves its outcome unknown, and is not to be run again, when nobody knows what happened', () => {
    const unknown = commitFailing(new Error('odd'));
    expect(unknown).toMatchObject({ outcome: 'unknown', recoverable: false });
    expect(unknown.hint).toContain('idempotencyKey');
  });

  it.each([
    ['the database was busy', Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })],
    ['a deferred foreign key broke', Object.assign(new Error('x'), { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })],
    ['nobody listened', new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') })],
    ['the server refused the token', new Error('Server returned HTTP status 401')],
    ['the server had lost the transaction', Object.assign(new Error('x'), { code: 'STREAM_EXPIRED' })],
  ])('has no effect when %s', (_, error) => {
    expect(commitFailing(error).outcome).toBe('none');
  });

  it('leaves its outcome unknown when the disk failed under it', () => {
    const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    expect(commitFailing(failed)).toMatchObject({ outcome: 'unknown', code: 'SQLITE_IOERR_FSYNC' });
  });

  it('tells a failing disk in the words of the engine, whatever the statement is', () => {
    const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_SHMSIZE' });
    expect(toDatabaseError(failed, 'PRAGMA journal_mode = WAL').message).toContain('disk I/O error');
  });
});

describe('a disk', () => {
  it('that fails is told of in the words of SQLite, whatever was asked', () => {
    const failed = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
    expect(toDatabaseError(failed, 'pragma user_version').reason).toBe('disk I/O error');
  });

  it.each([
    ['ENOSPC', 'ENOSPC: no space left on device, copyfile'],
    ['EDQUOT', 'EDQUOT: disk quota exceeded, write'],
    ['EFBIG', 'EFBIG: file too large, write'],
  ])('that is full is full for the file system as for SQLite: %s', (code, message) => {
    const error = toDatabaseError(Object.assign(new Error(message), { code }), 'backup');
    expect(error).toMatchObject({
      type: 'full',
      code,
      recoverable: false,
      reason: 'The disk is full, or a limit is reached',
    });
  });
});

describe('secrets', () => {
  const token = 'eyJhbGciOiJFZERTQSJ9.eyJhIjoicncifQ.c2lnbmF0dXJl';

  const told = (error: unknown, operation = 'x'): string => {
    let text = '';
    for (let link: unknown = toDatabaseError(error, operation); link instanceof Error; link = link.cause) {
      text += inspect(link, { depth: 0 });
    }
    return text;
  };

  it.each([
    ['in the URL', () => createClient({ url: `libsql://exa mple.com?authToken=${token}` })],
    ['in a URL that is none', () => createClient({ url: `nowhere?authToken=${token}` })],
  ])('keeps out a token %s', (_, open) => {
    let thrown: unknown;
    try {
      open();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(told(thrown)).not.toContain(token);
  });

  it('keeps out the user and password of a URL', async () => {
    const client = createClient({ url: 'http://somebody:s3cret@127.0.0.1:1' });
    const thrown: unknown = await client.execute('select 1').catch((error: unknown) => error);
    expect(String(thrown)).toContain('s3cret');
    expect(told(thrown)).not.toMatch(/s3cret|somebody/);
  });

  it('leaves SQL about tokens as it is', () => {
    const statement = 'select id from sessions where token=? and auth_token=:token';
    expect(toDatabaseError(new Error('odd'), statement).operation).toBe(statement);
  });

  it('keeps them out of the operation too', () => {
    const operation = `open libsql://db.example.com?authToken=${token} as http://somebody:s3cret@x`;
    expect(told(new Error(`Bearer ${token} was refused`), operation)).not.toMatch(/eyJ|s3cret|somebody/);
    expect(told(new Error(`session-${token} was refused`), operation)).not.toMatch(/eyJ/);
  });
});
