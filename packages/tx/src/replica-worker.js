// The program that fetches for a replica (replica-follower.ts), in a process of its own: a call to a server that does not
// answer cannot be ended in any other way than with its process. It runs from its text: no imports.
// Messages in: where the replica is. Messages out: { error: string | null } for each.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');

const driver = process.argv[3] ?? '';
// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
/** @type {{ sync(): unknown } | undefined} */
let replica;

process.on('message', (message) => {
  try {
    replica ??= open(/** @type {import('./replica-follower.js').ReplicaPlace} */ (message));
    replica.sync();
    process.send?.({ error: null });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});

/**
 * @param {import('./replica-follower.js').ReplicaPlace} place
 * @returns {{ sync(): unknown }}
 */
function open({ path, ...options }) {
  const Database = createRequire(driver)(driver);
  return new Database(path, options);
}
