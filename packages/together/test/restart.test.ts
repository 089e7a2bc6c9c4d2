// What the disk tier may answer after a restart: only what the database still holds.
import { copyFileSync, renameSync, utimesSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { kept, open, teller, truth } from './disk-library.js';

test('a restart goes on with what is on disk', async () => {
  const path = await kept();
  await using opened = await open(path);
  expect(await opened.read()).toEqual({ value: { v: 1 }, from: 'tier' });
});

test('it goes on again after a process that has only read', async () => {
  const path = await kept();
  for (let i = 0; i < 3; i += 1) {
    await using opened = await open(path);
    expect(await opened.read()).toMatchObject({ value: { v: 1 }, from: 'tier' });
  }
});

test.each<[string, (path: string) => unknown]>([
  [
    'another connection has written',
    (path) => {
      const db = new Database(path);
      db.exec('update items set v = 2');
      db.close();
    },
  ],
  [
    'an older copy was put into its place, with its times',
    (path) => {
      copyFileSync(path, `${path}.old`);
      const db = new Database(path);
      db.exec('update items set v = 2');
      db.close();
      renameSync(path, `${path}.new`);
      renameSync(`${path}.old`, path);
      utimesSync(path, new Date(0), new Date(0));
    },
  ],
  [
    'this package has written without a cache',
    async (path) => {
      const transactions = await openTransactionManager({ url: pathToFileURL(path).href });
      await transactions.changes.declared(teller, () => transactions.db.run(sql`update items set v = 3`));
      await transactions.close();
    },
  ],
])('nothing on disk is answered when %s', async (_, change) => {
  const path = await kept();
  await change(path);
  await using opened = await open(path);
  expect(await opened.read()).toEqual({ value: { v: truth(path) }, from: 'load' });
});

test('a commit between the close of the cache and that of its manager proves nothing', async () => {
  const path = await kept();
  const opened = await open(path);
  await opened.read();
  await opened.cache.close();
  const { transactions } = opened;
  await transactions.changes.declared(teller, () => transactions.db.run(sql`update items set v = 2`));
  await transactions.close();
  await using again = await open(path);
  expect(await again.read()).toEqual({ value: { v: 2 }, from: 'load' });
});

test('a region that the last process has not opened was told of nothing', async () => {
  const path = await kept();
  {
    const transactions = await openTransactionManager({ url: pathToFileURL(path).href });
    const cache = await openCacheManager({ transactions, disk: true });
    cache.region('others', { toldBy: teller });
    await transactions.changes.declared(teller, () => transactions.db.run(sql`update items set v = 2`));
    await cache.close();
    await transactions.close();
  }
  await using opened = await open(path);
  expect(await opened.read()).toEqual({ value: { v: 2 }, from: 'load' });
});

test('what others commit in the last callback before the end is seen by it', async () => {
  const path = await kept();
  const opened = await open(path);
  expect(await opened.read()).toMatchObject({ value: { v: 1 } });
  const db = new Database(path);
  db.exec('update items set v = 2');
  db.close();
  await opened[Symbol.asyncDispose]();
  await using next = await open(path);
  expect(await next.read()).toMatchObject({ value: { v: 2 } });
});
