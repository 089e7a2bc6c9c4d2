// How transactions of a local file begin, read and end when other connections hold locks: patiently, and by `exec`, whose BUSY
// leaves a connection sound where that of a prepared statement does not. pool.ts and local-client.ts run through here.

import { isDatabaseError } from '../../errors.js';
import type { Awaitable } from '../../waiting/awaitable.js';
import { type Patience, patiently } from '../../waiting/patience.js';
import type { Connection } from './connection.js';

/** Begins a transaction with the write lock of the file, which it waits for. */
export function beginImmediate(connection: Connection, wait: Patience): Awaitable<void> {
  return patiently(() => connection.beginImmediate(), wait);
}

/** Begins a transaction on the snapshot of this moment: a deferred BEGIN would take that of its first read. */
export function beginSnapshot(connection: Connection, wait: Patience): Awaitable<void> {
  return patiently(() => takeSnapshot(connection), wait);
}

/**
 * Commits. With a write-ahead log this has happened when the call returns. A rollback journal needs the file to itself: while
 * somebody reads, the transaction stays open behind a lock that lets no new reader in, and is committed when the last one is
 * done.
 */
export function commit(connection: Connection, wait: Patience): Awaitable<void> {
  try {
    connection.exec('COMMIT');
    return undefined;
  } catch (error) {
    if (!isLock(error) || !connection.inTransaction) throw error;
    return patiently(() => connection.exec('COMMIT'), wait);
  }
}

/**
 * Reads in a transaction of its own. Its beginning meets the lock of others and sees whether the schema has changed, which a
 * statement that is prepared under a lock cannot: it would report tables as missing.
 */
export function readInside<T>(connection: Connection, read: (connection: Connection) => T): T {
  takeSnapshot(connection);
  try {
    return read(connection);
  } finally {
    connection.rollbackIfOpen();
  }
}

/**
 * Runs a statement that takes its locks by itself, again until those of others let it. Where readers wait for writers its
 * locks are looked at before it is prepared: under a lock a schema cannot be read.
 */
export async function asSoonAsFree<T>(
  connection: Connection,
  run: (connection: Connection) => T,
  { log, patience }: { readonly log: boolean; readonly patience: Patience },
): Promise<T> {
  const outcome = await patiently<{ readonly result: T } | { readonly error: unknown }>(() => {
    try {
      if (!log && !connection.inTransaction) readInside(connection, () => undefined);
      return { result: run(connection) };
    } catch (error) {
      connection.mend();
      if (isPassing(error)) throw error;
      return { error };
    }
  }, patience);
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}

/** Whether others will let go of the lock. Not a snapshot that is too old to write, nor what this connection holds itself. */
function isPassing(error: unknown): boolean {
  return isDatabaseError(error) && /^SQLITE_(?:BUSY(?!_SNAPSHOT)|PROTOCOL)/.test(error.code);
}

/** Whether what is written goes to a log, so that readers and writers do not wait for each other. */
export function usesLog(connection: Connection): boolean {
  return connection.run('PRAGMA journal_mode', []).rows[0]?.[0] === 'wal';
}

/** Whether `error` is the lock of another connection. */
export function isLock(error: unknown): boolean {
  return isDatabaseError(error) && error.type === 'lock';
}

function takeSnapshot(connection: Connection): void {
  try {
    connection.exec('BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1');
  } catch (error) {
    connection.rollbackIfOpen();
    throw error;
  }
}
