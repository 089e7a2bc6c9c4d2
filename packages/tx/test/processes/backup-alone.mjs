// Makes a backup and says where it is, in a process that has nothing else to wait for.
import { openTransactionManager } from '@cc/tx';

const [url, destination] = process.argv.slice(2);
const manager = await openTransactionManager({ url });
const { path } = await manager.backup(destination);
process.stdout.write(`${path}\n`);
await manager.close();
