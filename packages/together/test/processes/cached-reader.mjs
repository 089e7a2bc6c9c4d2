// A process that reads through a cache with a disk tier until it is killed. Arguments: URL, number of rows. It says each version
// that it got, and where from.
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, rows] = process.argv.slice(2);
const transactions = await openTransactionManager({ url });
const cache = await openCacheManager({ transactions, disk: true });
const region = cache.region('versions');
process.stdin.on('data', async () => {
  await transactions.close();
  await cache.close();
  process.exit();
});
for (let i = 0; ; i += 1) {
  const id = 1 + (i % Number(rows));
  const { value, from } = await region.fetch(String(id), async () => {
    const [row] = await transactions.db.all(sql`SELECT version FROM versions WHERE id = ${id}`);
    return { version: row.version };
  });
  process.stdout.write(`${id} ${value.version} ${from}\n`);
  // Memory forgets, so that the disk is asked; once in a while this process writes itself.
  if (i % 16 === 0) cache.shrink(0);
  if (i % 64 === 63)
    await transactions.changes.declared(async () => {
      const [row] = await transactions.db.all(
        sql`UPDATE versions SET version = version + 1 WHERE id = ${id} RETURNING version`,
      );
      region.invalidate(String(id));
      process.stdout.write(`${id} ${row.version} write\n`);
    });
  await new Promise((resolve) => setImmediate(resolve));
}
