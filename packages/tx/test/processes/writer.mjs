// Writes rows through @cc/tx and says so: first one that meets another process's lock, then as many as it is told.
import { once } from 'node:events';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, rows] = process.argv.slice(2);
const manager = await openTransactionManager({ url, acquireTimeoutMs: 200, retry: false });
const blocked = await manager.db.run(sql`insert into acknowledged values (-1)`).then(
  () => 'not blocked',
  (error) => error.code,
);
process.stdout.write(`${blocked}\n`);
await once(process.stdin, 'data');
for (let i = 0; i < Number(rows); i += 1) {
  const { rowsAffected } = await manager.db.run(sql`insert into acknowledged values (${i})`);
  process.stdout.write(`${i} ${rowsAffected}\n`);
}
process.stdout.write('done\n');
setInterval(() => undefined, 1_000);
