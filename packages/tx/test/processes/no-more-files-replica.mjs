// Opens files until there are no more descriptors, then a replica, whose process cannot start, and tells what the error says.
import { closeSync, openSync } from 'node:fs';
import { openTransactionManager } from '@cc/tx';

const [url, syncUrl] = process.argv.slice(2);
const failure = () => openTransactionManager({ url, syncUrl, acquireTimeoutMs: 60_000 }).catch((error) => error);
// What speaks with servers is loaded by then; nobody listens there.
await failure();
const opened = [];
try {
  for (;;) opened.push(openSync('/dev/null'));
} catch {
  // Now there are none.
}
const { type, code, hint, recoverable } = await failure();
for (const descriptor of opened) closeSync(descriptor);
process.stdout.write(`${JSON.stringify({ type, code, hint, recoverable })}\n`);
