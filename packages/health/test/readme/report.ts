import { createHealthMonitor, formatHealthReport } from '@cc/health';
import { openTransactionManager } from '@cc/tx';

const transactions = await openTransactionManager({ url: ':memory:' });
const health = createHealthMonitor(transactions, { slowQueryMs: 50 });
await health.startMonitoring();

await transactions.db.run('create table models (id integer primary key, name text)');
await transactions.db.run("insert into models (name) values ('Gear')");

export const { result, durationMs, memoryDeltaBytes } = await health.measure('list the models', () =>
  transactions.db.all<{ name: string }>('select name from models'),
);
export const { status, reasons } = health.getCurrentHealthStatus(); // no I/O
export const [slowest] = health.getSlowQueries({ limit: 1, by: 'total' });
export const text = formatHealthReport(await health.generateHealthReport());

await health.stopMonitoring();
await transactions.close();
