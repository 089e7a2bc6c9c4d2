// Rows that the database takes and does not write: a trigger of somebody's may ignore them (RAISE(IGNORE)), without an error.
import { DatabaseError } from '@cc/tx/errors';

/** The error of a write that would be told as done. */
export function ignoredRows(operation: string): DatabaseError {
  return new DatabaseError('The database has taken rows and not written all of them', {
    type: 'constraint',
    code: 'ROWS_IGNORED',
    operation,
    hint: 'Look for a trigger on models or model_metadata that ignores rows (RAISE(IGNORE)); nothing of the call was kept',
  });
}
