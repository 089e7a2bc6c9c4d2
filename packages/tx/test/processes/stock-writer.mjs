// The same with drizzle over @libsql/client, as its documentation says.
import { once } from 'node:events';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';

const [url, rows] = process.argv.slice(2);
const db = drizzle(createClient({ url }));
const blocked = await db.run(sql`insert into acknowledged values (-1)`).then(
  () => 'not blocked',
  (error) => error.cause.code,
);
process.stdout.write(`${blocked}\n`);
await once(process.stdin, 'data');
for (let i = 0; i < Number(rows); i += 1) {
  const { rowsAffected } = await db.run(sql`insert into acknowledged values (${i})`);
  process.stdout.write(`${i} ${rowsAffected}\n`);
}
process.stdout.write('done\n');
setInterval(() => undefined, 1_000);
