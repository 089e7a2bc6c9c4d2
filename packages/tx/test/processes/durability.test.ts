// Acknowledged writes against other processes, SIGKILL and each other. The programs run the built package.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { type Program, start } from './program.js';

async function databaseWith(ddl: string): Promise<{ path: string; url: string; all: (sql: string) => unknown[] }> {
  const path = join(await temporaryFolder(), 'test.db');
  const database = new Database(path);
  database.exec(`pragma journal_mode = wal; ${ddl}`);
  database.close();
  const all = (sql: string): unknown[] => {
    const reader = new Database(path);
    const rows = reader.prepare(sql).raw(true).all([]) as unknown[][];
    reader.close();
    return rows.map((row) => row[0]);
  };
  return { path, url: pathToFileURL(path).href, all };
}

async function blockedOnce(writer: string): Promise<{ acknowledged: string[]; found: unknown[] }> {
  const { path, url, all } = await databaseWith('create table acknowledged (n integer)');
  const holder = start('lock-holder.mjs', [path]);
  expect(await holder.line()).toBe('held');
  const program = start(writer, [url, '50']);
  expect(await program.line()).toBe('SQLITE_BUSY');
  holder.send('release');
  expect(await holder.line()).toBe('released');
  program.send('write');
  const acknowledged: string[] = [];
  for (let line = await program.line(); line !== 'done'; line = await program.line()) acknowledged.push(line);
  await program.kill();
  return { acknowledged, found: all('select n from acknowledged order by n') };
}

describe('after one SQLITE_BUSY from another process and a SIGKILL', () => {
  const fifty = Array.from({ length: 50 }, (_, i) => i);

  it('all 50 acknowledged writes are in the file', async () => {
    const { acknowledged, found } = await blockedOnce('writer.mjs');
    expect(acknowledged).toEqual(fifty.map((i) => `${i} 1`));
    expect(found).toEqual(fifty);
  });

  it('the stock client has acknowledged 50 writes and lost them: the reason for the client of this package', async () => {
    const { acknowledged, found } = await blockedOnce('stock-writer.mjs');
    expect(acknowledged).toEqual(fifty.map((i) => `${i} 1`));
    expect(found).toEqual([]);
  });
});

it('three processes that increment one counter lose no increment', async () => {
  const { url, all } = await databaseWith('create table counter (n integer); insert into counter values (0)');
  const programs = [1, 2, 3].map(() => start('incrementer.mjs', [url, '200']));
  await Promise.all(programs.map((program) => program.line()));
  expect(all('select n from counter')).toEqual([600]);
});

it('processes that are killed at any moment lose no acknowledged transfer and leave none half done', async () => {
  const { url, all } = await databaseWith(`create table accounts (id integer primary key, amount integer);
    insert into accounts values (1, 0), (2, 0);
    create table transfers (id integer primary key)`);
  let acknowledged = 0;
  for (let round = 0; round < 15; round += 1) {
    const program: Program = start('transfers.mjs', [url]);
    acknowledged = Number(await program.line());
    // From here on the kill falls anywhere in the work.
    const more = Math.floor(Math.random() * 40);
    for (let i = 0; i < more; i += 1) acknowledged = Number(await program.line());
    await program.kill();
    const [present] = all('select count(*) from transfers');
    expect(Number(present)).toBeGreaterThanOrEqual(acknowledged);
    expect(all('select amount from accounts order by id')).toEqual([-Number(present), present]);
    expect(all('pragma integrity_check')).toEqual(['ok']);
    acknowledged = Number(present);
  }
});
