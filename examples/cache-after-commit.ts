// A cache that is bound to the transactions: what a transaction replaces is seen by everybody in the turn of its COMMIT, and what
// is rolled back by nobody.
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';

const stock = sqliteTable('stock', { gears: integer('gears').notNull() });
await using transactions = await openTransactionManager({ url: ':memory:', schema: { stock } });
await using cache = await openCacheManager({ transactions });
const { db } = transactions;
await db.run(sql`create table stock (gears integer not null)`);
await db.insert(stock).values({ gears: 10 });

const region = cache.region<{ gears: number }>('stock');
const readStock = region.wrap(async () => (await db.select().from(stock))[0]);
const show = async (when: string): Promise<void> => console.log(`${when}: ${(await readStock())?.gears}`);

await show('at first');
await transactions.transaction(async () => {
  await db.update(stock).set({ gears: 9 });
  await show('inside the transaction');
});
await show('after COMMIT');

await transactions
  .transaction(async (tx) => {
    await db.update(stock).set({ gears: 0 });
    await show('inside a second one');
    tx.rollback();
  })
  .catch(() => undefined);
await show('after its rollback');
await show('once more');

const { hits, misses, bypassed } = cache.getCacheStats();
console.log({ hits, misses, bypassed });
