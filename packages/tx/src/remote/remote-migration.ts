// client.migrate() on a server: statements in one transaction with foreign keys off, through an interactive transaction.
// The migrate() of @libsql/client sends one batch and never awaits the promises behind the statement that fails: when the
// server ends the transaction they reject unheard, and Node ends the process. remote.ts calls this instead.
import type { Client, InStatement, ResultSet, Transaction } from '@libsql/client';
import { bounded } from '../bounded.js';
import { type OnStatement, tell } from '../connection-source.js';
import { toDatabaseError } from '../errors.js';
import { doubtOf } from '../outcome.js';
import { asDatabaseError, RemoteConnection } from './remote-connection.js';

/** How long it may take, and who hears how far it is. */
export interface RemoteMigrationOptions {
  /** Before COMMIT, and once more for COMMIT. Infinity = no limit. */
  readonly timeoutMs: number;
  readonly onStatement?: OnStatement | undefined;
}

/**
 * Runs `statements` in one transaction with foreign keys off, all or none. COMMIT is a call of its own, so a failure
 * before it is known to leave nothing behind.
 *
 * @throws DatabaseError naming the failing statement; `outcome: 'unknown'` only when COMMIT was sent and not answered
 */
export async function migrateOnServer(
  client: Client,
  statements: readonly InStatement[],
  { timeoutMs, onStatement }: RemoteMigrationOptions,
): Promise<ResultSet[]> {
  const transaction = await asDatabaseError('BEGIN', () => client.transaction('deferred'));
  const stop = new AbortController();
  try {
    const results = await asDatabaseError('migrate', () =>
      bounded(timeoutMs, undefined, () => runAll(transaction, statements, onStatement, stop.signal)),
    );
    await commit(transaction, timeoutMs);
    return results;
  } finally {
    stop.abort();
    await new RemoteConnection(transaction).rollbackIfOpen();
  }
}

/** The client has begun a transaction by itself, and inside one the pragma would do nothing. */
const begin = 'ROLLBACK; PRAGMA foreign_keys = off; BEGIN IMMEDIATE';

async function runAll(
  transaction: Transaction,
  statements: readonly InStatement[],
  onStatement: OnStatement | undefined,
  stop: AbortSignal,
): Promise<ResultSet[]> {
  await asDatabaseError('BEGIN', () => transaction.executeMultiple(begin));
  const results: ResultSet[] = [];
  let size = onStatement ? firstGroup : statements.length;
  while (results.length < statements.length && !stop.aborted) {
    const started = performance.now();
    results.push(...(await runGroup(transaction, statements.slice(results.length, results.length + size))));
    tell(onStatement, results.length);
    if (performance.now() - started < quickMs) size *= 2;
    else size = 1;
  }
  return results;
}

/**
 * Without a listener everything is one round trip. With one the statements go in groups, which grow while they are quick:
 * a server takes the lock away after 5 s, so the time between statements counts.
 */
const firstGroup = 4;
const quickMs = 250;

async function runGroup(transaction: Transaction, group: readonly InStatement[]): Promise<ResultSet[]> {
  try {
    return await transaction.batch([...group]);
  } catch (error) {
    const index = indexOf(error) ?? (group.length === 1 ? 0 : null);
    const failed = index === null ? 'migrate' : (group[index] ?? 'migrate');
    const failure = toDatabaseError(error, typeof failed === 'string' ? failed : failed.sql);
    // A server that cannot parse one statement runs none of its group and does not say which it is.
    if (index === null && failure.type === 'syntax') return runEach(transaction, group);
    throw failure;
  }
}

/** Which statement of a group failed, when the server has told. */
function indexOf(error: unknown): number | null {
  return error instanceof Error && 'statementIndex' in error ? Number(error.statementIndex) : null;
}

async function runEach(transaction: Transaction, group: readonly InStatement[]): Promise<ResultSet[]> {
  const results: ResultSet[] = [];
  for (const statement of group) results.push(...(await runGroup(transaction, [statement])));
  return results;
}

async function commit(transaction: Transaction, timeoutMs: number): Promise<void> {
  try {
    await asDatabaseError(
      'COMMIT',
      () => bounded(timeoutMs, undefined, () => transaction.executeMultiple('COMMIT')),
      'unknown',
    );
  } catch (error) {
    throw doubtOf(error) ?? error;
  }
}
