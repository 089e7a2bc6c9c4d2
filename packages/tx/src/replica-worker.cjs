// Runs the replication of an embedded replica in a thread of its own, where a server that does not answer blocks nobody.
// replica.ts has it as text. Messages in: 'sync'. Messages out: { error: string | null } for each.
// @ts-check
'use strict';
const { parentPort, workerData } = require('node:worker_threads');

/** @type {{ driver: string, path: string, syncUrl: string, authToken?: string, encryptionKey?: string }} */
const { driver, path, ...options } = workerData;
// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
const Database = require(driver);
/** @type {{ sync(): unknown } | undefined} */
let replica;

parentPort?.on('message', () => {
  try {
    replica ??= new Database(path, options);
    replica?.sync();
    parentPort?.postMessage({ error: null });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
