// @ts-check
// Runs the replication of an embedded replica in a thread of its own, where a server that does not answer blocks nobody.
// Messages in: 'sync'. Messages out: { error: string | null } for each.
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'libsql';

/** @type {{ path: string, syncUrl: string, authToken?: string, encryptionKey?: string }} */
const { path, ...options } = workerData;
/** @type {Database.Database | undefined} */
let replica;

parentPort?.on('message', () => {
  try {
    replica ??= new Database(path, options);
    // The driver's declarations do not know this method.
    /** @type {{ sync(): unknown }} */ (/** @type {unknown} */ (replica)).sync();
    parentPort?.postMessage({ error: null });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) });
  }
});
