// Another process that writes: adds one to the version of rows with the stock client, and says each version whose COMMIT has
// returned. Arguments: URL, number of rows, longest pause in ms, busy timeout in ms, and after how many commits it ends; without
// that it writes until it is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@libsql/client';

const [url, rows, pauseMs, timeout, times = Number.POSITIVE_INFINITY] = process.argv.slice(2);
let commits = 0;
const client = createClient({ url, timeout: Number(timeout) });
process.stdout.write('ready\n');
for (let quiet = 0; commits < Number(times); quiet = Math.max(0, quiet - 1)) {
  const id = 1 + Math.floor(Math.random() * Number(rows));
  try {
    const [updated] = await client.batch(
      [{ sql: 'UPDATE versions SET version = version + 1 WHERE id = ? RETURNING version', args: [id] }],
      'write',
    );
    process.stdout.write(`${id} ${String(updated.rows[0].version)}\n`);
    commits += 1;
  } catch (error) {
    // Without patience it meets locks: what it has not committed it does not say.
    process.stdout.write(`failed ${error.code}\n`);
    if (error.code !== 'SQLITE_BUSY') throw error;
    // Else the connection goes on refusing: libsql-client-ts issue 352.
    client.reconnect();
  }
  // Storms and calms: in a calm the readers are served from the cache.
  if (Math.random() < 0.05) quiet = 20;
  await sleep(quiet > 0 ? Number(pauseMs) * Math.random() : 0);
}
