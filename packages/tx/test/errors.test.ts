// Each kind of failure, provoked on a real database: its type, what it names, and that it holds no bound value.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { DatabaseError, isDatabaseError, openTransactionManager, toDatabaseError } from '../src/index.js';
import { items, openTarget, targets, temporaryFolder } from './target.js';

const secret = 'do-not-tell';

describe.each(targets)('errors on %s', (target) => {
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
    ['a wrong type in a strict table', `insert into strict_things (size) values (?)`, 'datatype', null, [], null],
  ])('names the constraint broken by %s', async (_, statement, kind, table, columns, name) => {
    const manager = await openTarget(target);
    await manager.db.run(ddl);
    const failing = async () => {
      await manager.db.$client.execute({ sql: statement, args: [secret] });
      await manager.db.$client.execute({ sql: statement, args: [secret] });
    };
    const error: unknown = await failing().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ type: 'constraint', recoverable: false, outcome: 'none' });
    expect(error).toMatchObject({ constraint: { kind, table, columns, ...(name && { name }) } });
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

  it('waits for the lock of another process without blocking the event loop, then says who to blame', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'x.db');
    const manager = await openTransactionManager({
      url: pathToFileURL(path).href,
      acquireTimeoutMs: 150,
      retry: false,
    });
    await manager.db.run(sql`create table t (a)`);
    const holder = spawn(process.execPath, ['-e', holdLock, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    await expect(manager.db.run(sql`insert into t values (1)`)).rejects.toMatchObject({
      type: 'lock',
      recoverable: true,
    });
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(20);
    // The holder rolls back and leaves: the same connection must be sound.
    const left = new Promise((resolve) => holder.once('exit', resolve));
    holder.stdin.end();
    await left;
    await manager.db.run(sql`insert into t values (2)`);
    expect(await manager.db.all(sql`select a from t`)).toEqual([{ a: 2 }]);
    await manager.close();
  });
});

const holdLock = `
const db = new (require('libsql'))(process.argv[1]);
db.exec('begin immediate');
process.stdout.write('held');
process.stdin.resume().on('end', () => { db.exec('rollback'); process.exit(); });`;

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

  it('keeps an unknown failure as cause', () => {
    const cause = new Error('odd');
    expect(toDatabaseError(cause, 'x')).toMatchObject({ type: 'unknown', code: 'UNKNOWN', cause });
    expect(toDatabaseError('a text', 'x')).toMatchObject({ type: 'unknown', cause: 'a text' });
  });
});
