// The repairs that leave the database's file in place. Each returns true only when a query or a write has proved it;
// what goes wrong in one is thrown to recovery.ts, which chooses among them.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../connections/local/connection.js';
import { isDatabaseError } from '../errors.js';
import type { ManagerInternals } from '../internals.js';
import { startSideProcess } from '../side-process/side-process.js';
import type { Schema, TransactionManager } from '../types.js';
import { bounded } from '../waiting/bounded.js';
import { retryDelayMs } from '../waiting/retry.js';

/** What a repair works on. */
export interface RepairContext<S extends Schema = Schema> {
  readonly transactions: TransactionManager<S>;
  readonly inside: ManagerInternals;
  /** Longest wait for others; the repair itself takes as long as it takes. */
  readonly timeoutMs: number;
}

/** Waits until the write lock can be had. */
export async function waitForLock<S extends Schema>({ transactions, timeoutMs }: RepairContext<S>): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  using lease = await transactions.getConnection({ timeoutMs });
  // Awaited here, or the lease would be given back first.
  return await until(deadline, { baseDelayMs: 5, maxDelayMs: 100 }, async () => {
    try {
      await lease.client.executeMultiple('BEGIN IMMEDIATE; ROLLBACK');
      return true;
    } catch (error) {
      if (isDatabaseError(error) && error.type === 'lock') return false;
      throw error;
    }
  });
}

/** Closes every connection of a local file and opens them anew. */
export async function reopen<S extends Schema>({
  inside,
  timeoutMs,
  transactions,
}: RepairContext<S>): Promise<boolean> {
  await inside.exclusively(async () => undefined, { closed: true, timeoutMs });
  return answers(transactions);
}

/** Waits until the server answers. */
export function waitForServer<S extends Schema>({
  inside,
  timeoutMs,
  transactions,
}: RepairContext<S>): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  return until(deadline, { baseDelayMs: 50, maxDelayMs: 1_000 }, async () => {
    try {
      // A replica answers reads from its file.
      const ask = (): Promise<unknown> =>
        inside.target.kind === 'replica' ? transactions.sync() : answers(transactions);
      await bounded(Math.max(1, deadline - performance.now()), undefined, ask);
      return true;
    } catch (error) {
      if (isDatabaseError(error) && waitable.has(error.type)) return false;
      throw error;
    }
  });
}

const waitable = new Set(['connection', 'timeout', 'aborted', 'overload']);

/** Checks every FTS5 index against its content and rebuilds those that do not match. */
export async function rebuildSearchIndexes<S extends Schema>(context: RepairContext<S>): Promise<boolean> {
  const local = context.inside.target.kind === 'local' || context.inside.target.kind === 'memory';
  // Servers do not tell the extended code.
  const mismatch = new Set(['SQLITE_CORRUPT_VTAB', ...(local ? [] : ['SQLITE_CORRUPT'])]);
  return withStatements(context, async (run) => {
    // Not the tables of fts5vocab, which only show the words of an index.
    const found = await run(`SELECT name FROM sqlite_schema WHERE type = 'table'
      AND sql LIKE 'create virtual table%using%fts5%' AND sql NOT LIKE '%using%fts5vocab%'`);
    let sound = true;
    for (const [name] of found) {
      const index = `"${String(name).replaceAll('"', '""')}"`;
      if (await matches(run, index, mismatch)) continue;
      await run(`INSERT INTO ${index} (${index}) VALUES ('rebuild')`);
      sound = (await matches(run, index, mismatch)) && sound;
    }
    return sound && found.length > 0;
  });
}

/** Gives unused space back to the file system and proves that a write fits. */
export function makeRoom<S extends Schema>({ inside, timeoutMs }: RepairContext<S>): Promise<boolean> {
  return inside.exclusively(
    async (connection) => {
      if (!connection) return false;
      // The file is shorter only after the checkpoint that comes behind.
      const checkpoint = 'PRAGMA wal_checkpoint(TRUNCATE)';
      for (const sql of [checkpoint, 'PRAGMA incremental_vacuum', checkpoint, 'PRAGMA shrink_memory']) {
        unlessFull(() => connection.run(sql, []));
      }
      return unlessFull(() => probe(connection));
    },
    { closed: false, timeoutMs },
  );
}

/** Proves that the database answers. */
export async function answers<S extends Schema>(transactions: TransactionManager<S>): Promise<boolean> {
  await transactions.db.$client.execute('SELECT count(*) FROM sqlite_schema');
  return true;
}

/**
 * Takes a page inside the file, which is undone, and writes one to the disk, which changes nothing: a write that is
 * rolled back never gets as far as the disk.
 */
function probe(connection: Connection): void {
  const [[version] = []] = connection.run('PRAGMA user_version', []).rows;
  try {
    connection.exec('BEGIN IMMEDIATE');
    connection.exec('SAVEPOINT probe; CREATE TABLE __cc_probe (a); ROLLBACK TO probe; RELEASE probe');
    connection.exec(`PRAGMA user_version = ${Number(version)}`);
    connection.exec('COMMIT');
  } finally {
    connection.rollbackIfOpen();
  }
}

function unlessFull(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    // A full disk has no room for a checkpoint either.
    if (isDatabaseError(error) && error.type === 'full') return false;
    throw error;
  }
}

type Run = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** Compares the index with its content, also an external one: https://sqlite.org/fts5.html#the_integrity_check_command */
async function matches(run: Run, index: string, mismatch: ReadonlySet<string>): Promise<boolean> {
  try {
    await run(`INSERT INTO ${index} (${index}, rank) VALUES ('integrity-check', 1)`);
    return true;
  } catch (error) {
    if (isDatabaseError(error) && mismatch.has(error.code)) return false;
    throw error;
  }
}

/** Long statements on a file run beside the event loop, while the writer stands still. */
async function withStatements<S extends Schema, T>(
  context: RepairContext<S>,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  const { inside, timeoutMs, transactions } = context;
  const { target } = inside;
  const encryptionKey = inside.encryptionKey();
  if (target.kind !== 'local') {
    const { $client } = transactions.db;
    return work(async (sql) => {
      const { columns, rows } = await $client.execute(sql);
      return rows.map((row) => columns.map((_, index) => row[index]));
    });
  }
  const side = startSideProcess();
  try {
    const settings = { path: target.path, encryptionKey, pragmas: {}, readOnly: false };
    const beside = (): Promise<T> => work(async (sql) => (await side.run({ settings, sql, args: [] })).rows);
    return await inside.exclusively(beside, { closed: false, timeoutMs });
  } finally {
    await side.kill();
  }
}

/** Tries until it is done or the time is up; at least once. */
async function until(
  deadline: number,
  pauses: Parameters<typeof retryDelayMs>[1],
  attempt: () => Promise<boolean>,
): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    if (await attempt()) return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    await sleep(Math.min(left, retryDelayMs(tries, pauses)));
  }
}
