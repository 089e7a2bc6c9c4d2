// A block inside a transaction joins it; a savepoint is undone alone; hooks wait for the outermost COMMIT.
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const orders = sqliteTable('orders', { id: integer('id').primaryKey(), item: text('item').notNull() });
const log = sqliteTable('log', { line: text('line').notNull() });

await using transactions = await openTransactionManager({ url: ':memory:', schema: { orders, log } });
const { db } = transactions;
await db.run(sql`create table orders (id integer primary key, item text not null unique)`);
await db.run(sql`create table log (line text not null)`);

// Knows nothing of transactions around it: on its own it is one, inside another it joins.
const order = (item: string): Promise<void> =>
  transactions.transaction(async (tx) => {
    await db.insert(orders).values({ item });
    await db.insert(log).values({ line: `ordered ${item}` });
    tx.afterCommit(() => console.log(`mail: ${item}`));
  });

await transactions.transaction(async (tx) => {
  await order('gear');
  // An item that exists already is not worth losing the gear for.
  await tx.savepoint(() => order('gear')).catch((error: unknown) => console.log(`skipped: ${codeOf(error)}`));
  await Promise.all([tx.savepoint(() => order('nut')), tx.savepoint(() => order('bolt'))]);
});

const swallowed = transactions.transaction(async () => {
  await order('washer');
  await order('gear').catch(() => console.log('swallowed'));
});
await swallowed.catch((error: unknown) => console.log(`rolled back: ${codeOf(error)}`));

console.log(await db.select().from(orders));

function codeOf(error: unknown): string {
  return isDatabaseError(error) ? error.code : String(error);
}
