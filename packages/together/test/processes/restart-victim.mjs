// Reads through a cache with a disk tier and writes beside it, until it is killed. Prints a line once both have begun.
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';

const [url, rests] = process.argv.slice(2);
const transactions = await openTransactionManager({ url });
const cache = await openCacheManager({ transactions, disk: true });
const teller = {};
const region = cache.region('items', { toldBy: teller });
const load = async () => ({ v: (await transactions.db.get('select v from items')).v });

for (let i = 0; ; i += 1) {
  await region.getOrLoad('1', load);
  // Rows enough for flushes that take a while.
  for (let k = 0; k < 20; k += 1) await region.getOrLoad(`other ${k}`, async () => ({ v: k, text: 'x'.repeat(5_000) }));
  if (i === 0) process.stdout.write('begun\n');
  // At rest the last flush gets its proof.
  if (rests === 'rests' && i === 3) await new Promise((resolve) => setTimeout(resolve, 600_000));
  await transactions.changes.declared(teller, () =>
    transactions.transaction(async () => {
      await transactions.db.run('update items set v = v + 1');
      region.clear();
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
}
