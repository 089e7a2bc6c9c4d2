// The program that fetches for a replica (follower.ts), in a process of its own: a call to a server that does not
// answer cannot be ended in any other way than with its process. It runs from its text: no imports.
// Messages in: where the replica is. Messages out: { error: string | null } for each.
// @ts-check
const { existsSync, readFileSync, rmSync } = process.getBuiltinModule('node:fs');
const { createRequire } = process.getBuiltinModule('node:module');

const driver = process.argv.at(-1) ?? '';
// The driver reads this when it is loaded; otherwise it logs each failed call.
process.env.RUST_LOG ??= 'off';
let Database;
/** @typedef {{ sync(): unknown; close(): unknown }} Replica */
/** @type {Replica | undefined} */
let replica;
/** Whoever waits ends this process when it takes too long. */
const longestMs = 2 ** 31 - 1;

/**
 * The lock under which one process at a time fetches into the file: it ends with its process, whatever ends that.
 * @type {{ exec(sql: string): unknown } | undefined}
 */
let lock;
/**
 * How far the file was after the last fetch.
 * @type {string | undefined}
 */
let reached;

process.on('message', (message) => {
  const { path, ...options } = /** @type {import('./follower.js').ReplicaPlace} */ (message);
  try {
    Database ??= createRequire(driver)(driver);
    lock ??= new Database(`${path}-fetching`, { timeout: longestMs });
    lock.exec('BEGIN EXCLUSIVE');
    try {
      // The driver goes on from where it was itself. What others have fetched meanwhile it would fetch again, and put
      // older pages over newer ones.
      if (replica && reached !== indexOf(path)) {
        replica.close();
        replica = undefined;
      }
      if (!replica) forgetHalf(path);
      replica ??= /** @type {Replica} */ (new Database(path, options));
      replica.sync();
    } finally {
      reached = indexOf(path);
      lock.exec('COMMIT');
    }
    process.send?.({ error: null });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  }
});

/**
 * Removes what a process left that was ended early in its first fetch: a file without its note the driver takes for one of
 * somebody else. Only here nobody else is at it.
 * @param {string} path
 */
function forgetHalf(path) {
  if (indexOf(path) !== undefined || !existsSync(`${path}-incomplete`)) return;
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

/** What the driver notes of how far it is. @param {string} path */
function indexOf(path) {
  try {
    return readFileSync(`${path}-client_wal_index`, 'hex');
  } catch {
    // None was made yet.
    return undefined;
  }
}
