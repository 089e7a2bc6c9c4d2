// Reads snapshots for ever and says when one is torn; as `checkpointer` it folds the log into the file meanwhile.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, role] = process.argv.slice(2);
const manager = await openTransactionManager({ url, acquireTimeoutMs: 60_000 });
const { db } = manager;
process.stdout.write('ready\n');

async function checkOneSnapshot() {
  const torn = await manager.read(async () => {
    const { logged } = await db.get(sql`select count(*) as logged from log`);
    const { moved } = await db.get(sql`select count(*) as moved from log where how <> 'autocommit'`);
    await new Promise((resolve) => setImmediate(resolve));
    const { parts } = await db.get(sql`select count(*) as parts from parts`);
    const { given } = await db.get(sql`select amount as given from accounts where id = 2`);
    return parts === 5 * logged && given === moved ? null : { logged, moved, parts, given };
  });
  if (torn) process.stdout.write(`torn ${JSON.stringify(torn)}\n`);
}

const checkpoints = ['passive', 'full', 'restart', 'truncate'];
async function checkpoint(round) {
  // A database that is in use may refuse; only what it leaves behind matters.
  await db.run(`pragma wal_checkpoint(${checkpoints[round % checkpoints.length]})`).catch(() => undefined);
  if (round % 8 === 7) await db.run('vacuum').catch(() => undefined);
}

for (let round = 0; ; round += 1) {
  if (role === 'checkpointer') await checkpoint(round);
  else await checkOneSnapshot();
  await new Promise((resolve) => setTimeout(resolve, 2));
}
