// Ends in order when it is told to: waits for a long read and a backup beside the event loop, then says what they gave.
import { EventEmitter, once } from 'node:events';
import { openTransactionManager } from '@cc/tx';

const [url, copy] = process.argv.slice(2);
const manager = await openTransactionManager({ url });
const told = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
});
// The process that runs it stays for the next one.
await manager.offload(() => manager.db.values('select 1'), { timeoutMs: 300_000 });
const long = manager.offload(
  () =>
    manager.db.values(
      'with recursive c(n) as (select 1 union all select n + 1 from c where n < 4000000) select max(n) from c',
    ),
  { timeoutMs: 300_000 },
);
const starts = new EventEmitter();
const begun = once(starts, 'backup');
const backup = manager.backup(copy, { onProgress: () => starts.emit('backup') });
await begun;
process.stdout.write('ready\n');
const signal = await told;
const [[most]] = await long;
const { verified } = await backup;
await manager.close();
process.stdout.write(`${JSON.stringify([signal, most, verified])}\n`);
