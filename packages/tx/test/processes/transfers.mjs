// Moves amounts between two accounts for ever, saying which transfer is committed: to be killed at any moment.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const manager = await openTransactionManager({ url: process.argv[2], acquireTimeoutMs: 60_000 });
const { next } = await manager.db.get(sql`select coalesce(max(id), 0) + 1 as next from transfers`);
for (let id = next; ; id += 1) {
  await manager.transaction(async (tx) => {
    await manager.db.run(sql`update accounts set amount = amount - 1 where id = 1`);
    await tx.savepoint(async () => {
      await manager.db.run(sql`update accounts set amount = amount + 1 where id = 2`);
    });
    await manager.db.run(sql`insert into transfers values (${id})`);
  });
  process.stdout.write(`${id}\n`);
}
