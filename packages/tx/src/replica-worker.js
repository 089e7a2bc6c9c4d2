// @ts-check
// The program that fetches for a replica (replica-follower.ts), in a process of its own: a call to a server that does not
// answer cannot be ended in any other way than with its process.
// Messages in: where the replica is. Messages out: { error: string | null } for each.

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
const Database = createRequire(import.meta.url)('libsql');

process.on('disconnect', () => process.exit());
// During a call nothing is heard of here, also not that the other side has ended: a second thread watches it.
const watch = `
  const parent = require('node:worker_threads').workerData;
  setInterval(() => {
    try {
      if (process.ppid === parent && process.kill(parent, 0)) return;
    } catch {}
    process.kill(process.pid, 'SIGKILL');
  }, 500);`;
new Worker(watch, { eval: true, workerData: Number(process.argv[2]) }).unref();

/** @type {{ sync(): unknown } | undefined} */
let replica;

process.on('message', (message) => {
  const { path, ...options } = /** @type {import('./replica-follower.js').ReplicaPlace} */ (message);
  try {
    replica ??= /** @type {{ sync(): unknown }} */ (new Database(path, options));
    replica.sync();
    process.send?.({ error: null });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
