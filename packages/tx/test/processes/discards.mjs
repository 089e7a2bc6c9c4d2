// Meets the lock of another process with prepared statements again and again, so that every time a connection must be
// replaced or, where it is held, mended. Tells how many were, whether their pragmas hold, and how the memory grew.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, times] = process.argv.slice(2);
// Only with a rollback journal a reader can meet another process's lock whenever it likes. Reads wait for it in a transaction,
// which leaves their connection sound; PRAGMA runs as a prepared statement outside of one.
const pragmas = { journal_mode: 'DELETE', cache_size: -1234 };
const manager = await openTransactionManager({ url, pragmas, acquireTimeoutMs: 0, retry: false });
const { db } = manager;
const holder = fork(fileURLToPath(new URL('exclusive-lock.mjs', import.meta.url)), [fileURLToPath(url)]);
await once(holder, 'message');
const order = async (what) => {
  holder.send(what);
  await once(holder, 'message');
};
const codeOf = (call) =>
  call.then(
    () => 'none',
    (error) => error.code,
  );

const onReader = async (text) => {
  const lease = await manager.getConnection({ mode: 'read' });
  try {
    return await lease.client.execute(text);
  } finally {
    lease.release();
  }
};
const read = () => onReader('pragma user_version');
const write = () => db.run(sql`pragma user_version = 7`);
const held = sql`select (select foreign_keys from pragma_foreign_keys) as keys, (select cache_size from pragma_cache_size) as cache,
  (select query_only from pragma_query_only) as readonly`;

// Only Linux tells.
const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : null);

// There must be one that can be replaced.
await read();
const codes = {};
const odd = [];
const memory = [];
for (let i = 0; i < Number(times); i += 1) {
  await order('lock');
  for (const call of [read, write]) {
    const code = await codeOf(call());
    codes[code] = (codes[code] ?? 0) + 1;
  }
  await order('free');
  // The writer is replaced here, before anything else runs on it.
  const [reader] = (await onReader(held.queryChunks[0].value[0])).rows;
  const lease = await manager.getConnection();
  const [writer] = (await lease.client.execute(held.queryChunks[0].value[0])).rows;
  lease.release();
  const shown = JSON.stringify([reader, writer]);
  if (shown !== '[{"keys":1,"cache":-1234,"readonly":1},{"keys":1,"cache":-1234,"readonly":0}]') odd.push(shown);
  await db.all(sql`select a, b from t where a > 0`);
  // No forced collection: this is what a program that runs for long sees.
  if (i % 100 === 99) memory.push({ rssBytes: process.memoryUsage.rss(), openFiles: openFiles() });
}
const { connectionsReplaced } = manager.stats();
process.stdout.write(`${JSON.stringify({ codes, odd: odd.slice(0, 3), connectionsReplaced, memory })}\n`);
holder.disconnect();
await manager.close();
