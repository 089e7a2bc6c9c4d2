// A process that reads through a cache with a disk tier until it is told to end or is killed. Arguments: URL, number of rows, and
// `gullible` for one that takes whatever is on its disk for proven. It says each version that it got and where from, and each
// version that it has committed itself.
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, rows, how] = process.argv.slice(2);
const transactions = await openTransactionManager({ url });
const gullible = {
  url: transactions.url,
  current: () => transactions.current(),
  changes: new Proxy(transactions.changes, {
    get(changes, name) {
      if (name === 'proof') return () => 'as it was';
      const value = Reflect.get(changes, name, changes);
      return typeof value === 'function' ? value.bind(changes) : value;
    },
  }),
};
const cache = await openCacheManager({ transactions: how === 'gullible' ? gullible : transactions, disk: true });
const region = cache.region('versions', { toldBy: cache });
const { db } = transactions;
let isOver = false;
process.stdin.once('data', () => {
  isOver = true;
});
process.stdout.write('ready\n');
for (let i = 0; !isOver; i += 1) {
  const id = 1 + (i % Number(rows));
  const { value, from } = await region.fetch(String(id), async () => {
    const [row] = await db.all(sql`SELECT version FROM versions WHERE id = ${id}`);
    return { version: row.version };
  });
  process.stdout.write(`${id} ${value.version} ${from}\n`);
  // Memory forgets, so that the disk is asked; once in a while this process writes, and once in a while nobody does.
  if (i % 16 === 15) cache.shrink(0);
  if (i % 64 === 63 && Math.random() < 0.5) {
    await transactions.changes.declared(cache, async () => {
      const [row] = await db.all(sql`UPDATE versions SET version = version + 1 WHERE id = ${id} RETURNING version`);
      region.invalidate(String(id));
      process.stdout.write(`${id} ${row.version} write\n`);
    });
  }
  await new Promise((resolve) => setTimeout(resolve, i % 8 === 0 ? 1 : 0));
}
await cache.close();
await transactions.close();
process.stdout.write('closed\n');
process.stdin.destroy();
