// Acknowledged writes after one SQLITE_BUSY from another process and a SIGKILL. The programs run the built package.
import { startProgram } from '@cc/testkit/program';
import { describe, expect, it } from 'vitest';
import { databaseWith } from './database.js';

async function blockedOnce(writer: string): Promise<{ acknowledged: string[]; found: unknown[] }> {
  const { path, url, all } = await databaseWith('create table acknowledged (n integer)');
  const holder = startProgram(new URL('lock-holder.mjs', import.meta.url), [path]);
  expect(await holder.line()).toBe('held');
  const program = startProgram(new URL(writer, import.meta.url), [url, '50']);
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
