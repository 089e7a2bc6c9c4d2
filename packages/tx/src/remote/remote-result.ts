// What @libsql/client takes and gives, in the form of this package and back; and its failures as ours.
import type { InArgs, ResultSet } from '@libsql/client';
import type { BoundArgs } from '../binding.js';
import type { StatementResult } from '../connection-source.js';
import { toDatabaseError } from '../errors.js';
import { numbersFromIntegers } from '../local/connection.js';

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
  const { columns, rowsAffected } = result;
  const rows = result.rows.map((row) => columns.map((_, index) => bytesOf(row[index])));
  try {
    for (const row of rows) numbersFromIntegers(row, sql);
  } catch (error) {
    // Made a moment ago, for nobody else.
    throw statementIndex === undefined ? error : Object.assign(error as Error, { statementIndex });
  }
  return { columns, rows, rowsAffected, lastInsertRowid: columns.length > 0 ? null : (result.lastInsertRowid ?? null) };
}

function bytesOf(value: unknown): unknown {
  return value instanceof ArrayBuffer ? Buffer.from(value) : value;
}
