// Adds one to a counter as often as it is told, reading and writing in one transaction, and tells its longest stall.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, times] = process.argv.slice(2);
const manager = await openTransactionManager({ url, acquireTimeoutMs: 60_000 });
let last = performance.now();
let gap = 0;
const ticking = setInterval(() => {
  gap = Math.max(gap, performance.now() - last);
  last = performance.now();
}, 1);
for (let i = 0; i < Number(times); i += 1) {
  await manager.transaction(async () => {
    const { n } = await manager.db.get(sql`select n from counter`);
    await new Promise((resolve) => setImmediate(resolve));
    await manager.db.run(sql`update counter set n = ${n + 1}`);
  });
}
clearInterval(ticking);
await manager.close();
process.stdout.write(`${gap}\n`);
