// Reads without end on a server, for as long as it may, and says what came of it. Then it has nothing to wait for.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url] = process.argv.slice(2);
const manager = await openTransactionManager({ url });
const endless = sql`with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n`;
const error = await manager.offload(() => manager.db.all(endless), { timeoutMs: 300 }).catch((caught) => caught);
await manager.close();
process.stdout.write(`${error.type} ${error.code}\n`);
