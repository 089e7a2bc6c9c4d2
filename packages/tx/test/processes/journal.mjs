// Reads and writes a file with a rollback journal as long as it is told, beside other processes that do the same: transfers
// between two rows, whose sum must never change. Tells how many transfers it made and what it was refused.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, times, journalMode] = process.argv.slice(2);
const manager = await openTransactionManager({
  url,
  pragmas: { journal_mode: journalMode },
  acquireTimeoutMs: 120_000,
  retry: false,
});
const turn = () => new Promise((resolve) => setImmediate(resolve));
const total = sql`select sum(amount) as total from accounts`;
const sums = new Set();
const failures = [];
const transfer = () =>
  manager.transaction(async ({ db }) => {
    await db.run(sql`update accounts set amount = amount - 1 where id = 1`);
    await turn();
    await db.run(sql`update accounts set amount = amount + 1 where id = 2`);
  });
const look = () =>
  manager.read(async ({ db }) => {
    const { total: before } = await db.get(total);
    await turn();
    const { total: after } = await db.get(total);
    sums.add(before).add(after);
  });
const glance = async () => void sums.add((await manager.db.get(total)).total);
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
let made = 0;
for (let i = 0; i < Number(times); i += 1) {
  const done = await Promise.allSettled([transfer(), look(), glance()]);
  if (done[0].status === 'fulfilled') made += 1;
  for (const { reason } of done) if (reason) failures.push(String(reason));
}
process.stdin.pause();
process.stdout.write(`${JSON.stringify({ made, sums: [...sums], failures: failures.slice(0, 3) })}\n`);
await manager.close();
