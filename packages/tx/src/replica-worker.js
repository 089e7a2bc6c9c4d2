// Runs the replication of an embedded replica in a thread of its own, where a server that does not answer blocks nobody.
// Messages in: 'sync'. Messages out: { error: string | null } for each. It runs from its text: no imports.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');
const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');

/** @type {{ driver: string, path: string, syncUrl: string, authToken?: string, encryptionKey?: string }} */
const { driver, path, ...options } = workerData;
// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
const Database = createRequire(driver)(driver);
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
