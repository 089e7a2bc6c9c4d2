import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const parts = sqliteTable('parts', { id: integer('id').primaryKey(), name: text('name').notNull() });
await using transactions = await openTransactionManager({ url: ':memory:', schema: { parts } });
await using cache = await openCacheManager({ transactions });
const { changes, db } = transactions;
await db.run(sql`create table parts (id integer primary key, name text not null)`);

const teller = {}; // whoever writes parts through this service
const byId = cache.region<typeof parts.$inferSelect>('parts', { toldBy: teller });
const readPart = (id: number) =>
  byId.getOrLoad(String(id), () => db.query.parts.findFirst({ where: eq(parts.id, id) }));
const rename = (id: number, name: string) =>
  changes.declared(teller, () =>
    transactions.transaction(async () => {
      await db.update(parts).set({ name }).where(eq(parts.id, id));
      byId.invalidate(String(id)); // at COMMIT; not at all after a rollback
    }),
  );

await db.insert(parts).values([
  { id: 1, name: 'gear' },
  { id: 2, name: 'nut' },
]);
await Promise.all([readPart(1), readPart(2)]);
await rename(1, 'wheel');
export const names = [(await readPart(1))?.name, (await readPart(2))?.name];
export const { hits } = cache.getCacheStats(); // part 2 was still there
