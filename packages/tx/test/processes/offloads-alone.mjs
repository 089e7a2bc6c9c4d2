// Offloads a read as often as it is told to, one after the other, and prints how each ends.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url = '', times = '1'] = process.argv.slice(2);
const manager = await openTransactionManager({ url });
for (let i = 0; i < Number(times); i += 1) {
  const offloaded = manager.offload(() => manager.db.values(sql`select a from t`), { timeoutMs: 10_000 });
  const end = await offloaded.then(
    () => 'read',
    (error) => error.code ?? error.cause.code,
  );
  process.stdout.write(`${end}\n`);
}
await manager.close();
