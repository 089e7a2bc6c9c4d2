// Writes rows and is watched with a history, until it is killed or told to end; prints how far it is.
// Arguments: the URL of the database, the path of the history.
import { createHealthMonitor } from '@cc/health';
import { openTransactionManager } from '@cc/tx';

const [url, path] = process.argv.slice(2);
const transactions = await openTransactionManager({ url });
await transactions.db.run('create table if not exists t (id integer primary key, a text)');
const monitor = createHealthMonitor(transactions, { intervalMs: 1, history: { path } });
await monitor.startMonitoring();
for (let i = 1; i <= 200; i += 1) {
  await transactions.db.run(`insert into t (a) values ('${'x'.repeat(100)}')`);
  await new Promise((resolve) => setTimeout(resolve, 1));
  const [count] = await transactions.db.all('select count(*) as n from t');
  process.stdout.write(`${JSON.stringify({ written: i, rows: count.n, ...monitor.getCurrentHealthStatus() })}\n`);
}
await monitor.stopMonitoring();
await transactions.close();
