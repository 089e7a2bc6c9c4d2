// One transaction, for a look at what NODE_DEBUG=cc:tx says.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const manager = await openTransactionManager({ url: ':memory:' });
await manager.transaction(() => manager.db.run(sql`select ${'a secret value'}`));
// What cannot be told as JSON.
const thrown = Object.assign(new Error('of the hook'), { big: 1n });
await manager.transaction(async (tx) =>
  tx.afterCommit(() => {
    throw thrown;
  }),
);
await manager.close();
