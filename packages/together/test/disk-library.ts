// A database with one row, and a cache with a disk tier that keeps it; and the row itself, read by a connection that knows nothing
// of the cache.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BoundCacheManager, type CacheAnswer, openCacheManager } from '@cc/cache';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import Database from 'libsql';
import { expect } from 'vitest';

/** An opened library. */
export interface Opened extends AsyncDisposable {
  readonly transactions: TransactionManager;
  readonly cache: BoundCacheManager;
  read(): Promise<CacheAnswer<{ readonly v: number }>>;
}

/** Who tells the region `items`. */
export const teller = {};

/** Opens the library at `path`. */
export async function open(path: string): Promise<Opened> {
  const transactions = await openTransactionManager({ url: pathToFileURL(path).href });
  const cache = await openCacheManager({ transactions, disk: true });
  const region = cache.region<{ readonly v: number }>('items', { toldBy: teller });
  const read = (): Promise<CacheAnswer<{ readonly v: number }>> =>
    region.fetch('1', async () => (await transactions.db.get<{ v: number }>(sql`select v from items`)) ?? null);
  const close = async (): Promise<void> => {
    await cache.close();
    await transactions.close();
  };
  return { transactions, cache, read, [Symbol.asyncDispose]: close };
}

/** A library whose one row is kept on disk, closed. */
export async function kept(): Promise<string> {
  const path = join(await temporaryFolder(), 'app.db');
  await using opened = await open(path);
  await opened.transactions.db.run(sql`create table items (v integer not null)`);
  await opened.transactions.db.run(sql`insert into items values (1)`);
  expect(await opened.read()).toEqual({ value: { v: 1 }, from: 'load' });
  return path;
}

/** What the row is. */
export const truth = (path: string): number => {
  const db = new Database(path);
  try {
    return (db.prepare('select v from items').raw(true).get([]) as unknown as [number])[0];
  } finally {
    db.close();
  }
};
