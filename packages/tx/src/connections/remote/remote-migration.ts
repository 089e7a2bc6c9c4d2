// client.migrate() on a server: statements in one transaction with foreign keys off, through an interactive transaction.
// The migrate() of @libsql/client sends one batch and never awaits the promises behind the statement that fails: when the
// server ends the transaction they reject unheard, and Node ends the process. remote.ts calls this instead.
import { performance } from 'node:perf_hooks';
import type { InStatement, ResultSet, Transaction } from '@libsql/client';
import { type BatchStatement, type OnStatement, type StatementResult, tell } from '../../connection-source.js';
import { batchStatement } from '../../drizzle/client.js';
import { toResultSets } from '../../drizzle/result-rows.js';
import { doubtOf } from '../../errors/doubt.js';
import { bounded } from '../../waiting/bounded.js';
import { RemoteConnection } from './remote-connection.js';
import { asDatabaseError } from './remote-result.js';
import type { ServerClient } from './watched-client.js';

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
  client: Pick<ServerClient, 'transaction'>,
  statements: readonly InStatement[],
  { timeoutMs, onStatement }: RemoteMigrationOptions,
): Promise<ResultSet[]> {
  const list = statements.map((statement) => batchStatement(statement));
  const open = () => asDatabaseError('BEGIN', () => client.transaction('deferred'));
  const transaction = await open();
  const connection = new RemoteConnection(transaction, open);
  const stop = new AbortController();
  try {
    const results = await asDatabaseError('migrate', () =>
      bounded(timeoutMs, undefined, async () => {
        await asDatabaseError('BEGIN', () => transaction.executeMultiple(begin));
        return runAll(connection, list, onStatement, stop.signal);
      }),
    );
    await commit(transaction, timeoutMs);
    return await toResultSets(results);
  } finally {
    stop.abort();
    await connection.rollbackIfOpen();
  }
}

/** The client has begun a transaction by itself, and inside one the pragma would do nothing. */
const begin = 'ROLLBACK; PRAGMA foreign_keys = off; BEGIN IMMEDIATE';

async function runAll(
  connection: RemoteConnection,
  statements: readonly BatchStatement[],
  onStatement: OnStatement | undefined,
  stop: AbortSignal,
): Promise<StatementResult[]> {
  const results: StatementResult[] = [];
  let size = onStatement ? firstGroup : statements.length;
  while (results.length < statements.length && !stop.aborted) {
    const started = performance.now();
    results.push(...(await connection.runAll(statements.slice(results.length, results.length + size))));
    tell(onStatement, results.length);
    if (performance.now() - started < quickMs) size *= 2;
    else size = 1;
  }
  return results;
}

/**
 * Without a listener everything goes as fast as it can. With one the statements go in groups, which grow while they are
 * quick: a server takes the lock away after 5 s, so the time between statements counts.
 */
const firstGroup = 4;
const quickMs = 250;

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
