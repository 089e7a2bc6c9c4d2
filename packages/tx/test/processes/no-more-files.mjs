// Opens files until there are no more descriptors, then a database, and tells what the error says.
import { closeSync, openSync } from 'node:fs';
import { openTransactionManager } from '@cc/tx';

const [url] = process.argv.slice(2);
// The driver itself has started.
await (await openTransactionManager({ url: ':memory:' })).close();
const opened = [];
try {
  for (;;) opened.push(openSync('/dev/null'));
} catch {
  // Now there are none.
}
// One is not enough: the file opens, its log does not.
closeSync(opened.pop());
const { type, code, hint, recoverable } = await openTransactionManager({ url }).catch((error) => error);
for (const descriptor of opened) closeSync(descriptor);
process.stdout.write(`${JSON.stringify({ type, code, hint, recoverable })}\n`);
