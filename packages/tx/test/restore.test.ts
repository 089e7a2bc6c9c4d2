// A damaged file is replaced by its newest sound backup, when its owner has said so, and never deleted.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, open, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DatabaseError, type TransactionManager } from '../src/index.js';
import { createErrorHandler } from '../src/recovery/recovery.js';
import { count, failure, failureOf, openAt, openFile } from './broken-database.js';
import { temporaryFolder } from './target.js';

async function damagedFile(): Promise<{ folder: string; path: string; backups: string; sound: Buffer }> {
  const folder = await temporaryFolder();
  const backups = await temporaryFolder();
  const path = join(folder, 'library.db');
  const database = new Database(path);
  database.exec('create table t (id integer primary key, data blob)');
  database.exec(`insert into t (data) with recursive c(n) as (values (1) union all select n + 1 from c where n < 500)
    select randomblob(400) from c`);
  database.close();
  const sound = await readFile(path);
  const file = await open(path, 'r+');
  const half = Math.floor(sound.length / 8192) * 4096;
  await file.write(Buffer.alloc(sound.length - half, 0xa5), 0, sound.length - half, half);
  await file.close();
  return { folder, path, backups, sound };
}

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** A file that is written past every manager, and a folder for its backups. */
async function plainFile(): Promise<{
  readonly folder: string;
  readonly path: string;
  readonly backups: string;
  readonly inFile: (statements: string) => void;
}> {
  const folder = await temporaryFolder();
  const path = join(folder, 'library.db');
  const inFile = (statements: string): void => {
    const database = new Database(path);
    database.exec(statements);
    database.close();
  };
  return { folder, path, backups: await temporaryFolder(), inFile };
}

describe('recovery from a damaged file', () => {
  async function meetDamage(path: string): Promise<{ manager: TransactionManager; corrupt: DatabaseError }> {
    const manager = await openAt(pathToFileURL(path).href);
    const corrupt = await failureOf(() => manager.db.values(sql`select sum(length(data)) from t`));
    expect(corrupt).toMatchObject({ type: 'integrity', code: 'SQLITE_CORRUPT' });
    return { manager, corrupt };
  }

  it('touches nothing unless it is told to restore', async () => {
    const { folder, path, backups, sound } = await damagedFile();
    await writeFile(join(backups, 'library-1.db'), sound);
    const { manager, corrupt } = await meetDamage(path);
    expect(await createErrorHandler(manager, { backupFolder: backups }).attemptRecovery(corrupt)).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['library.db', 'library.db-shm', 'library.db-wal']);
  });

  it('touches nothing when there is no sound backup of this file', async () => {
    const { folder, path, backups, sound } = await damagedFile();
    await writeFile(join(backups, 'library-1.db'), await readFile(path));
    await writeFile(join(backups, 'library-2.db'), '');
    await writeFile(join(backups, 'library-3.db'), 'not a database, but long enough for a header '.repeat(200));
    await writeFile(join(backups, 'library2.db'), sound);
    // What is behind the length of the name would do.
    await writeFile(join(backups, 'another.db'), sound);
    await mkdir(join(backups, 'library-4'));
    const empty = new Database(join(backups, 'library-5.db'));
    empty.exec('pragma user_version = 1');
    empty.close();
    const { manager, corrupt } = await meetDamage(path);
    const damaged = await readFile(path);
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['library.db', 'library.db-shm', 'library.db-wal']);
    expect((await readFile(path)).equals(damaged)).toBe(true);
  });

  it('leaves a file that those read and write who did before, also from a backup that nobody may write', async () => {
    const { path, backups, sound } = await damagedFile();
    await writeFile(join(backups, 'library-1.db'), sound, { mode: 0o444 });
    await chmod(path, 0o660);
    const { manager, corrupt } = await meetDamage(path);
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o660);
  });

  it('moves the damaged file aside and restores the newest sound backup', async () => {
    const { folder, path, backups, sound } = await damagedFile();
    const damaged = await readFile(path);
    const write = async (name: string, bytes: Buffer, seconds: number): Promise<void> => {
      await writeFile(join(backups, name), bytes);
      await utimes(join(backups, name), seconds, seconds);
    };
    const older = new Database(join(backups, 'library-1.db'));
    older.exec('create table t (id integer primary key, data blob)');
    older.close();
    await utimes(join(backups, 'library-1.db'), 1_000, 1_000);
    await write('library-2.db', sound, 2_000);
    await write('library-3.db', damaged, 3_000);
    const { manager, corrupt } = await meetDamage(path);
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true, now: () => at });
    expect(await Promise.all([handler.attemptRecovery(corrupt), handler.attemptRecovery(corrupt)])).toEqual([
      true,
      true,
    ]);
    expect(await manager.db.values(sql`select count(*), sum(length(data)) from t`)).toEqual([[500, 200_000]]);
    await manager.db.run(sql`insert into t (data) values (1)`);
    const aside = (await readdir(folder)).filter((name) => name.includes('corrupt'));
    expect(aside[0]).toBe('library.db.corrupt-2026-01-02T03-04-05-006Z');
    expect((await readFile(join(folder, aside[0] ?? ''))).length).toBe(damaged.length);
    expect((await readdir(folder)).filter((name) => name.includes('restore'))).toEqual([]);
    expect((await readdir(backups)).sort()).toEqual(['library-1.db', 'library-2.db', 'library-3.db']);
  });

  it('replaces a file that is no database any more', async () => {
    const { manager, folder, path } = await openFile();
    const backups = await temporaryFolder();
    await manager.backup(join(backups, 'library-1.db'));
    await manager.db.run(sql`insert into t (data) values (2)`);
    // By another process: opening and closing the file in this one would drop the locks of its connections.
    const ruin = `const f = require('fs').openSync(process.argv[1], 'r+'); require('fs').writeSync(f, Buffer.alloc(4096, 0xa5), 0, 4096, 0);`;
    for (const suffix of ['', '-wal']) execFileSync(process.execPath, ['-e', ruin, path + suffix]);
    const lost = await failureOf(() => manager.getConnection({ mode: 'read' }));
    expect(lost).toMatchObject({ type: 'integrity', code: 'SQLITE_NOTADB' });
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true, now: () => at });
    expect(await handler.attemptRecovery(lost)).toBe(true);
    expect(await count(manager)).toBe(1);
    expect((await readdir(folder)).filter((name) => name.endsWith('.corrupt-2026-01-02T03-04-05-006Z'))).toHaveLength(
      1,
    );
  });

  it('replaces a file once, however many handlers of however many managers met its damage', async () => {
    const { folder, path, backups, sound } = await damagedFile();
    await writeFile(join(backups, 'library-1.db'), sound);
    const met = [await meetDamage(path), await meetDamage(path)];
    const recover = async ({ manager, corrupt }: (typeof met)[number]): Promise<boolean> => {
      const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
      const recovered = await handler.attemptRecovery(corrupt);
      await manager.db.run(sql`insert into t (data) values (1)`);
      return recovered;
    };
    expect(await Promise.all(met.map(recover))).toEqual([true, true]);
    for (const { manager } of met) expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[502]]);
    expect((await readdir(folder)).filter((name) => /\.corrupt-.*Z(?:-\d+)?$/.test(name))).toHaveLength(1);
  });

  it('passes over a link to a backup that is gone', async () => {
    const { path, backups, sound } = await damagedFile();
    await writeFile(join(backups, 'library-1.db'), sound);
    await symlink(join(backups, 'library-0.db'), join(backups, 'library-latest.db'));
    const { manager, corrupt } = await meetDamage(path);
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[500]]);
  });

  it('takes no file for a backup that its owner has replaced by one', async () => {
    const { folder, path, sound } = await damagedFile();
    await writeFile(join(folder, 'library-1.db'), sound);
    await utimes(join(folder, 'library-1.db'), 1_000, 1_000);
    const replaced = new Database(join(folder, 'library.db.before-restore-2026-01-02T03-04-05-006Z'));
    replaced.exec('create table t (id integer primary key, data blob)');
    replaced.close();
    const { manager, corrupt } = await meetDamage(path);
    const handler = createErrorHandler(manager, { backupFolder: folder, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[500]]);
  });

  it('makes indexes anew that do not agree with their tables, and keeps every row', async () => {
    const { folder, path, backups, inFile } = await plainFile();
    inFile(`create table t (data text); create index by_data on t (data); insert into t values ('a');
      vacuum into '${join(backups, 'library-1.db')}'; pragma writable_schema = 1;
      create table hidden as select * from sqlite_schema where name = 'by_data';
      delete from sqlite_schema where name = 'by_data'`);
    // What is written here the index does not hear of.
    inFile(`insert into t values ('b'); pragma writable_schema = 1; insert into sqlite_schema select * from hidden`);
    const manager = await openAt(pathToFileURL(path).href);
    const corrupt = await failureOf(() => manager.db.run(sql`delete from t where rowid = 2`));
    expect(corrupt).toMatchObject({ type: 'integrity', code: 'SQLITE_CORRUPT_INDEX' });
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect(await manager.db.values(sql`select data from t not indexed`)).toEqual([['a'], ['b']]);
    expect(await manager.db.values(sql`pragma integrity_check`)).toEqual([['ok']]);
    expect((await readdir(folder)).filter((name) => name.includes('corrupt'))).toEqual([]);
  });

  it('restores what an index knows and its table has lost', async () => {
    const { path, backups, inFile } = await plainFile();
    inFile(`create table t (data text); create index by_data on t (data); insert into t values ('a')`);
    const rootpage = 2;
    const pageSize = 4096;
    const before = (await readFile(path)).subarray((rootpage - 1) * pageSize, rootpage * pageSize);
    inFile(`insert into t values ('b'); vacuum into '${join(backups, 'library-1.db')}'`);
    // A write of the table that the disk has acknowledged and not done.
    const file = await readFile(path);
    before.copy(file, (rootpage - 1) * pageSize);
    await writeFile(path, file);
    const manager = await openAt(pathToFileURL(path).href);
    const corrupt = new DatabaseError('damaged', { type: 'integrity', code: 'SQLITE_CORRUPT', operation: 'test' });
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect(await manager.db.values(sql`select data from t not indexed`)).toEqual([['a'], ['b']]);
  });

  it('takes for a backup neither another database of the folder nor one that somebody works on', async () => {
    const { folder, path, sound } = await damagedFile();
    await writeFile(join(folder, 'library-1.db'), sound);
    await utimes(join(folder, 'library-1.db'), 1_000, 1_000);
    const other = new Database(join(folder, 'library-health.db'));
    other.exec('create table samples (at integer); create table __drizzle_migrations (id integer primary key)');
    other.close();
    const live = new Database(join(folder, 'library-test.db'));
    onTestFinished(() => void live.close());
    live.exec('pragma journal_mode = wal; create table t (id integer primary key, data blob)');
    const { manager, corrupt } = await meetDamage(path);
    const handler = createErrorHandler(manager, { backupFolder: folder, restore: true });
    expect(await handler.attemptRecovery(corrupt)).toBe(true);
    expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[500]]);
  });

  it('leaves a file where it is that cannot be looked at, because another has it locked', async () => {
    const { manager, folder, path } = await openFile({ pragmas: { journal_mode: 'DELETE' } });
    const backups = await temporaryFolder();
    await manager.backup(join(backups, 'library-1.db'));
    await manager.db.run(sql`insert into t (data) values (2)`);
    const failures: unknown[] = [];
    const handler = createErrorHandler(manager, {
      ...{ backupFolder: backups, restore: true },
      onRecovery: ({ failure }) => failures.push(failure?.type),
    });
    const other = new Database(path);
    onTestFinished(() => void other.close());
    other.exec('begin exclusive');
    expect(await handler.attemptRecovery(failure('integrity', 'SQLITE_CORRUPT'))).toBe(false);
    expect(failures).toEqual(['lock']);
    other.exec('rollback');
    expect(await count(manager)).toBe(2);
    expect((await readdir(folder)).filter((name) => name.includes('corrupt'))).toEqual([]);
  });

  it('leaves a sound file where it is', async () => {
    const { manager, folder, path } = await openFile();
    const backups = await temporaryFolder();
    await manager.backup(join(backups, 'library-1.db'));
    await manager.db.run(sql`insert into t (data) values (2)`);
    const handler = createErrorHandler(manager, { backupFolder: backups, restore: true });
    expect(await handler.attemptRecovery(failure('integrity', 'SQLITE_CORRUPT'))).toBe(true);
    expect(await count(manager)).toBe(2);
    expect((await readdir(folder)).every((name) => join(folder, name).startsWith(path))).toBe(true);
    expect((await readdir(folder)).filter((name) => name.includes('corrupt'))).toEqual([]);
  });
});
