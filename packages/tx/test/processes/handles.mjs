// Does one thing very often, in a process that may have few files open: `opens`, `aged`, `explains`, `replaced`, `offloads` or
// `backups`.
// Tells how many files and how much memory it had at most in the first part of it and in the last.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const [url, what, times] = process.argv.slice(2);
const count = Number(times);
// Only Linux tells.
const openFiles = () => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : null);

const parts = [0, 1].map(() => ({ openFiles: null, rssBytes: 0 }));
const look = (i) => {
  const part = i < count / 2 ? parts[0] : parts[1];
  const files = openFiles();
  if (files !== null) part.openFiles = Math.max(part.openFiles ?? 0, files);
  if (i % 50 === 49) part.rssBytes = Math.max(part.rssBytes, process.memoryUsage.rss());
};
const repeat = async (call) => {
  for (let i = 0; i < count; i += 1) {
    await call(i);
    look(i);
  }
};

await { opens, aged, explains, replaced, offloads, backups }[what]();
process.stdout.write(`${JSON.stringify(parts)}\n`);

async function use(manager, i) {
  await manager.db.run(sql`update t set n = ${i}`);
  await manager.transaction((tx) => tx.db.run(sql`update t set n = n + 1`));
  await manager.read((tx) => tx.db.all(sql`select n from t`));
  const { n } = await manager.db.get(sql`select n from t`);
  if (n !== i + 1) throw new Error(`${n} was read after ${i + 1}`);
}

async function opens() {
  // Another connection to the same file keeps the descriptors of the closed ones waiting.
  const stays = await openTransactionManager({ url });
  await repeat(async (i) => {
    const manager = await openTransactionManager({ url });
    await use(manager, i);
    await manager.close();
  });
  await stays.close();
}

/** Managers that are closed when their statements are garbage of long ago to the engine. */
async function aged() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  await repeat(async (i) => {
    const manager = await openTransactionManager({ url });
    await use(manager, i);
    for (let scavenge = 0; scavenge < 3; scavenge += 1) collect({ type: 'minor' });
    await manager.close();
    const held = heldFiles();
    if (held.length > 0) throw new Error(`${held.join(', ')} still open after close ${i}`);
  });
}

/** The files of the database that this process has open, where the system tells. */
function heldFiles() {
  if (process.platform !== 'linux') return [];
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith(fileURLToPath(url)));
}

async function explains() {
  const manager = await openTransactionManager({ url });
  await repeat(async (i) => {
    await manager.db.all(sql`explain query plan select n from t where n = ${i}`);
    await manager.transaction((tx) => tx.db.all(sql`explain select n from t where n = ${i}`));
  });
  await manager.close();
}

/** Statements that meet another process's lock outside a transaction. */
async function replaced() {
  const holder = fork(fileURLToPath(new URL('exclusive-lock.mjs', import.meta.url)), [fileURLToPath(url)]);
  await once(holder, 'message');
  const pragmas = { journal_mode: 'DELETE' };
  const manager = await openTransactionManager({ url, pragmas, acquireTimeoutMs: 0, retry: false });
  const order = async (what) => {
    holder.send(what);
    await once(holder, 'message');
  };
  await repeat(async () => {
    await order('lock');
    const code = await manager.db.run(sql`pragma user_version = 7`).then(
      () => 'none',
      (error) => error.code,
    );
    if (code !== 'SQLITE_BUSY') throw new Error(`the pragma ended with ${code}`);
    await order('free');
    (await manager.getConnection()).release();
  });
  if (manager.stats().connectionsReplaced < count) throw new Error('connections were not replaced');
  holder.disconnect();
  await manager.close();
}

async function offloads() {
  const manager = await openTransactionManager({ url });
  await repeat((i) => manager.offload(manager.db.all(sql`select n from t where n > ${i}`), { timeoutMs: 60_000 }));
  await manager.close();
}

async function backups() {
  const manager = await openTransactionManager({ url });
  const path = `${fileURLToPath(url)}.copy`;
  await repeat(async () => {
    await manager.backup(path);
    await rm(path);
  });
  await manager.close();
}
