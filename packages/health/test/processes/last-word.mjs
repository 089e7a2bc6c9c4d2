// Stops a monitor whose listener never answers, in a process that has nothing else to do.
import { createHealthMonitor } from '@cc/health';
import { openTransactionManager } from '@cc/tx';

const transactions = await openTransactionManager({ url: process.argv[2] });
const rules = [{ id: 'always', check: () => ({ severity: 'WARNING', reason: 'for the test' }) }];
const monitor = createHealthMonitor(transactions, { rules });
monitor.onAlert(() => new Promise(() => undefined));
await monitor.startMonitoring();
await monitor.stopMonitoring();
process.stdout.write('stopped\n');
await transactions.close();
