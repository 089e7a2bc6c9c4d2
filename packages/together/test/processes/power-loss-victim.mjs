// Keeps what it has read on disk, with a proof, then commits once more when it is told to, and waits to be killed.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCacheManager } from '@cc/cache';
import { openTransactionManager } from '@cc/tx';

const transactions = await openTransactionManager({ url: process.argv[2], pragmas: { synchronous: 'FULL' } });
const cache = await openCacheManager({ transactions, disk: true });
const region = cache.region('items', { toldBy: {} });
const set = (v) => transactions.db.run(`update items set v = ${v}`);

// The log has grown and begins anew: what follows changes it in place.
for (let v = -50; v < 0; v += 1) await set(v);
await transactions.db.get('PRAGMA wal_checkpoint(RESTART)');
await set(1);
await region.getOrLoad('1', async () => ({ v: (await transactions.db.get('select v from items')).v }));
while (transactions.changes.proof() === undefined) await sleep(10);
await cache.flush();
process.stdout.write('proven\n');
await once(process.stdin, 'data');
await set(2);
process.stdout.write('committed\n');
await sleep(600_000);
