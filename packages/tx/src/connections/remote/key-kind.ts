// Which key a second equal value broke. Servers send SQLite's words without its extended code, and the words are the same
// for a unique column and a primary key: the schema tells them apart.
import type { InStatement, ResultSet } from '@libsql/client';
import { DatabaseError, isDatabaseError } from '../../errors.js';

/**
 * Returns `error`, told as one of the primary key when that is what it is. `ask` runs a read on the same server; when that
 * fails the error stays one of a unique column.
 */
export async function withKeyKind(
  error: unknown,
  ask: (statement: InStatement) => Promise<ResultSet>,
): Promise<unknown> {
  if (!isDatabaseError(error) || error.code !== 'SQLITE_CONSTRAINT_UNIQUE') return error;
  const { table, columns = [], name = null } = error.constraint ?? {};
  if (!table || columns.length === 0) return error;
  try {
    const { rows } = await ask({ sql: primaryKey, args: [table] });
    if (rows.length !== columns.length || !rows.every((row, i) => row[0] === columns[i])) return error;
  } catch {
    return error;
  }
  const { type, operation, statementIndex, outcome, hint, cause } = error;
  return new DatabaseError(`UNIQUE constraint failed: ${columns.map((column) => `${table}.${column}`).join(', ')}`, {
    ...{ type, operation, statementIndex, outcome, hint, cause },
    code: 'SQLITE_CONSTRAINT_PRIMARYKEY',
    constraint: { kind: 'primary_key', table, columns, name },
  });
}

const primaryKey = 'SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk';
