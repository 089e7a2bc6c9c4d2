// The same code on a libSQL server, by its URL; a keyed transaction takes effect once, however often it is asked for.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const url = process.env['LIBSQL_URL'];
if (!url) throw new Error('Set LIBSQL_URL, for example to http://127.0.0.1:8080 (and LIBSQL_AUTH_TOKEN)');
const authToken = process.env['LIBSQL_AUTH_TOKEN'];

const payments = sqliteTable('payments', { id: text('id').primaryKey(), cents: integer('cents').notNull() });

await using transactions = await openTransactionManager({ url, ...(authToken && { authToken }), schema: { payments } });
const { db, capabilities } = transactions;
console.log(`on a ${capabilities.target} database`);
await db.run(sql`create table if not exists payments (id text primary key, cents integer not null)`);

const pay = (id: string, cents: number) =>
  transactions.transaction(
    async () => {
      await db.insert(payments).values({ id, cents });
      return { paid: cents };
    },
    // Also when the answer to COMMIT is lost on the way, and also in another process.
    { idempotencyKey: `payment ${id}` },
  );

console.log(await pay('order-1', 250));
console.log(await pay('order-1', 250));
console.log(await db.$count(payments));
