import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name').notNull() });
await using transactions = await openTransactionManager({ url: ':memory:', schema: { parts } });
await using cache = await openCacheManager({ transactions });
const { db } = transactions;
await db.run(sql`create table parts (id integer primary key, name text not null)`);

const byId = cache.region<typeof parts.$inferSelect>('parts');
const readPart = byId.wrap((id: number) => db.query.parts.findFirst({ where: eq(parts.id, id) }));

await db.insert(parts).values({ id: 7, name: 'gear' });
export const first = await readPart(7); // asks the database
export const again = await readPart(7); // does not
await transactions.transaction(async () => {
  await db.update(parts).set({ name: 'wheel' });
  await readPart(7); // the row of this transaction, which nobody else gets
});
export const after = await readPart(7); // 'wheel': nothing had to be invalidated
