// One transaction, for a look at what NODE_DEBUG=cc:tx says.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const manager = await openTransactionManager({ url: ':memory:' });
await manager.transaction(() => manager.db.run(sql`select ${'a secret value'}`));
await manager.close();
