// Starts a monitor and does nothing more: it ends at once, because a monitor keeps no process alive.
import { createHealthMonitor } from '@cc/health';
import { openTransactionManager } from '@cc/tx';

const transactions = await openTransactionManager({ url: process.argv[2] });
const monitor = createHealthMonitor(transactions, { intervalMs: 1_000, webhook: { url: 'http://127.0.0.1:9/' } });
await monitor.startMonitoring();
process.stdout.write('watching\n');
