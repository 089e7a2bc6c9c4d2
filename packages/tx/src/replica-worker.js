// The program that fetches for a replica (replica-follower.ts), in a process of its own: a call to a server that does not
// answer cannot be ended in any other way than with its process. It runs from its text: no imports.
// Messages in: where the replica is. Messages out: { error: string | null } for each.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');
const { Worker } = process.getBuiltinModule('node:worker_threads');

const [parentId, driver = ''] = process.argv.slice(2);
// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
/** @type {{ sync(): unknown } | undefined} */
let replica;

process.on('disconnect', () => process.exit());
// During a call nothing is heard of here, also not that the other side has ended: a second thread watches it.
const watch = `
  const parent = process.getBuiltinModule('node:worker_threads').workerData;
  setInterval(() => {
    try {
      if (process.ppid === parent && process.kill(parent, 0)) return;
    } catch {}
    process.kill(process.pid, 'SIGKILL');
  }, 500);`;
new Worker(watch, { eval: true, execArgv: [], workerData: Number(parentId) }).unref();

process.on('message', (message) => {
  const { path, ...options } = /** @type {import('./replica-follower.js').ReplicaPlace} */ (message);
  try {
    const Database = createRequire(driver)(driver);
    replica ??= /** @type {{ sync(): unknown }} */ (new Database(path, options));
    replica.sync();
    process.send?.({ error: null });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});
