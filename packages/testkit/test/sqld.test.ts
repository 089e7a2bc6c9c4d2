// A server on a copy of a file, judged by the stock client on the file itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import { startSqld } from '../src/sqld.js';
import { describeWithSqld } from '../src/targets.js';
import { temporaryFolder } from '../src/temporary-folder.js';

describeWithSqld('a server on a copy of a database file', () => {
  it('serves what the file holds and gives it back with what was written', async () => {
    const file = await fileWith('before');
    await using server = await startSqld({ database: file });
    expect(await namesIn(server.url.http)).toEqual(['before']);
    await write(server.url.http, 'served');
    expect(await namesIn(pathToFileURL(file).href)).toEqual(['before']);
    await server.giveBack();
    expect(await namesIn(pathToFileURL(file).href)).toEqual(['before', 'served']);
    expect(existsSync(server.folder)).toBe(false);
  });

  it('leaves the file as it was when it is closed', async () => {
    const file = await fileWith('before');
    const server = await startSqld({ database: file });
    await write(server.url.http, 'served');
    await server.close();
    expect(await namesIn(pathToFileURL(file).href)).toEqual(['before']);
    expect(existsSync(server.folder)).toBe(false);
  });

  it('has nothing to give back without a file', async () => {
    await using server = await startSqld();
    await expect(server.giveBack()).rejects.toThrow('{ database }');
  });
});

describeWithSqld('a server', () => {
  it('is never another one that listens on its port', async () => {
    await using server = await startSqld();
    const port = Number(new URL(server.url.http).port);
    await expect(startSqld({ port })).rejects.toThrow('Address already in use');
    await server.restart();
    expect((await fetch(`${server.url.http}/health`)).ok).toBe(true);
  });

  it('listens on a port that no connection is given', async () => {
    await using server = await startSqld();
    expect(Number(new URL(server.url.http).port)).toBeLessThan(32_768);
  });
});

async function fileWith(name: string): Promise<string> {
  const file = join(await temporaryFolder(), 'app.db');
  const url = pathToFileURL(file).href;
  const client = createClient({ url });
  await client.execute('create table items (name text not null)');
  client.close();
  await write(url, name);
  return file;
}

async function write(url: string, name: string): Promise<void> {
  const client = createClient({ url });
  await client.execute({ sql: 'insert into items values (?)', args: [name] });
  client.close();
}

async function namesIn(url: string): Promise<unknown[]> {
  const client = createClient({ url });
  const { rows } = await client.execute('select name from items order by rowid');
  client.close();
  return rows.map((row) => row['name']);
}
