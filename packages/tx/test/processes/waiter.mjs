// Writes once while another process holds the lock, and tells how often its event loop has turned meanwhile.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const manager = await openTransactionManager({ url: process.argv[2], acquireTimeoutMs: 60_000 });
let turns = 0;
const ticking = setInterval(() => {
  turns += 1;
  // A loop that stood still until the lock was free would never come here.
  if (turns === 100) process.stdout.write('turning\n');
}, 1);
await manager.db.run(sql`update counter set n = n + 1`);
process.stdout.write(`written after ${turns >= 100 ? 'at least 100' : turns} turns\n`);
clearInterval(ticking);
await manager.close();
