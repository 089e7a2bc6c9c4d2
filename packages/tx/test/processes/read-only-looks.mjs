// Opens a database that may only be read, and tells whether a look is the one before each time it is asked.
import { createInterface } from 'node:readline';
import { openTransactionManager } from '@cc/tx';

const manager = await openTransactionManager({ url: process.argv[2] });
const { changes } = manager;
let before = changes.look();
process.stdout.write(`${typeof before}\n`);
for await (const _ of createInterface({ input: process.stdin })) {
  const now = changes.look();
  process.stdout.write(`${typeof now} ${now === before ? 'the same' : 'another'}\n`);
  before = now;
}
