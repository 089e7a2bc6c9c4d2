// Rows that the database takes and does not write: a trigger of somebody's may ignore them (RAISE(IGNORE)), without an error.
import { DatabaseError } from '@cc/tx/errors';

/** The error of a write to `tables` that would be told as done. */
export function ignoredRows(operation: string, tables = 'models or model_metadata'): DatabaseError {
  return new DatabaseError('The database has taken rows and not written all of them', {
    type: 'constraint',
    code: 'ROWS_IGNORED',
    operation,
    hint: `Look for a trigger on ${tables} that ignores rows (RAISE(IGNORE)); nothing of the call was kept`,
  });
}
