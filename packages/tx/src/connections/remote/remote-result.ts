// What @libsql/client takes and gives, in the form of this package and back; and its failures as ours.
import { types } from 'node:util';
import type { InArgs, ResultSet, Transaction } from '@libsql/client';
import type { StatementResult } from '../../connection-source.js';
import { doubtOf } from '../../errors/doubt.js';
import { chainOf } from '../../errors/driver-error.js';
import { isError } from '../../errors/is-error.js';
import { inPart } from '../../errors/restated.js';
import { DatabaseError, isDatabaseError, toDatabaseError } from '../../errors.js';
import type { BoundArgs } from '../../statements/binding.js';
import { numbersFromIntegers } from '../../statements/integers.js';
import { keepsRows, mayBeInPart } from '../../statements/script.js';

/** Runs `work`; whatever it throws becomes a `DatabaseError`, of unknown outcome when it may have been committed. */
export async function asDatabaseError<T>(
  operation: string,
  work: () => Promise<T>,
  outcome: 'none' | 'unknown' = 'none',
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error, operation, { outcome });
  }
}

/**
 * Runs a statement on its own, outside a transaction. What fails when it may have taken effect says so, also when the
 * server has answered and the answer could not be read.
 */
export async function alone(sql: string, reads: boolean, send: () => Promise<ResultSet>): Promise<StatementResult> {
  try {
    const result = await asDatabaseError(sql, send, reads ? 'none' : 'unknown');
    return resultOf(result, sql);
  } catch (error) {
    if (reads || !isDatabaseError(error)) throw error;
    if (answerIsLost.has(error.code)) throw tookEffect(error);
    throw doubtOf(error) ?? (error.type === 'constraint' && keepsRows.test(sql) ? inPart(error) : error);
  }
}

/** By then the statement has run to its end. */
const answerIsLost: ReadonlySet<string> = new Set(['INTEGER_OUT_OF_RANGE', 'RESPONSE_TOO_LARGE']);

function tookEffect({ type, code, operation, cause }: DatabaseError): DatabaseError {
  return new DatabaseError('The statement took effect, but its answer cannot be read', {
    type,
    code,
    operation,
    outcome: 'unknown',
    hint: 'Do not run it again. Ask for less with returning, or write in a transaction, which is rolled back then',
    cause,
  });
}

/** Runs a script whose statements commit one by one: when a later one fails, those before it stay. */
export async function script(sql: string, send: () => Promise<void>, inTransaction = false): Promise<void> {
  // Before it is sent: what cannot be read would not be sent whole.
  const mayStay = mayBeInPart(sql, inTransaction);
  try {
    await asDatabaseError(sql, send, !inTransaction || mayStay ? 'unknown' : 'none');
  } catch (error) {
    const doubt = !inTransaction || mayStay ? doubtOf(error) : undefined;
    throw doubt ?? (mayStay && hasRun(error) ? inPart(error) : error);
  }
}

/**
 * Runs a write, and calls `wrote` before it ends: also when it fails and may have left something there, unless the server is
 * gone, whose rows nobody can wait for.
 */
export async function heardOf<T>(wrote: () => Promise<void>, write: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await write();
  } catch (error) {
    if (isDatabaseError(error) && error.outcome !== 'none' && !gone.has(error.type)) await wrote();
    throw error;
  }
  await wrote();
  return result;
}

const gone: ReadonlySet<string> = new Set(['connection', 'timeout', 'aborted', 'overload', 'closed']);

/** A server reads a script before it runs any of it; what was not sent, or not let in, has not run either. */
function hasRun(error: unknown): boolean {
  return !codesOf(error).includes('SQL_PARSE_ERROR') && !(isDatabaseError(error) && neverRan.has(error.type));
}

const neverRan: ReadonlySet<string> = new Set(['connection', 'auth', 'overload', 'closed']);

function codesOf(error: unknown): readonly unknown[] {
  return chainOf(error).map((link) => (isError(link) && 'code' in link ? link.code : undefined));
}

/** Our bound values as the client's. */
export function argsOf(args: BoundArgs): InArgs {
  // Our bound values are among the client's; only its declaration of arrays is mutable.
  return args as InArgs;
}

/**
 * The client's result in the form of this package. The client is asked for integers as bigints: its own conversion fails
 * in the middle of its protocol, this one with the answer in hand.
 *
 * @throws DatabaseError `INTEGER_OUT_OF_RANGE`, as for a local file
 */
export function resultOf(result: ResultSet | undefined, sql: string, statementIndex?: number): StatementResult {
  if (!result) return { columns: [], rows: [], rowsAffected: 0, lastInsertRowid: null };
  const { columns, columnTypes, rowsAffected } = result;
  const rows = result.rows.map((row) => columns.map((_, index) => bytesOf(row[index])));
  try {
    for (const row of rows) numbersFromIntegers(row, sql);
  } catch (error) {
    // Made a moment ago, for nobody else.
    throw statementIndex === undefined ? error : Object.assign(error as Error, { statementIndex });
  }
  return { columns, columnTypes, rows, rowsAffected, lastInsertRowid: result.lastInsertRowid ?? null };
}

function bytesOf(value: unknown): unknown {
  return types.isArrayBuffer(value) ? Buffer.from(value) : value;
}

/**
 * Asks whether a failed statement has left its transaction open, or has ended it (INSERT OR ROLLBACK, a full disk): the next
 * one would commit by itself then. Only inside a transaction is BEGIN refused.
 */
export async function isStillOpen(transaction: Pick<Transaction, 'execute'>): Promise<boolean> {
  try {
    await transaction.execute('BEGIN');
  } catch (error) {
    return String(error).includes('within a transaction');
  }
  await transaction.execute('ROLLBACK');
  return false;
}
