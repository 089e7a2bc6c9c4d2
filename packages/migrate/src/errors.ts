// The errors of this package: one table from what is wrong to code and type, used by every file that refuses.
import { DatabaseError, type DatabaseErrorType, isError } from '@cc/tx/errors';
import type { MigrationProblem } from './contract/migration.js';

/** What can be wrong, beyond what the database itself answers. */
export type MigrationFault =
  | MigrationProblem['kind']
  | 'folder'
  | 'lock_lost'
  | 'timeout'
  | 'failed'
  | 'foreign_key'
  | 'broken_object'
  | 'confirm'
  | 'drift'
  | 'applied'
  | 'replay'
  | 'restore'
  | 'schema_code'
  | 'config'
  | 'read_only'
  | 'question'
  | 'unproven';

const types: Readonly<Record<MigrationFault, DatabaseErrorType>> = {
  folder: 'integrity',
  journal_order: 'integrity',
  edited: 'integrity',
  missing: 'integrity',
  renumbered: 'integrity',
  other_table: 'integrity',
  other_server: 'integrity',
  duplicate: 'integrity',
  out_of_order: 'integrity',
  no_down: 'aborted',
  draft_down: 'aborted',
  stale_down: 'integrity',
  half_back: 'aborted',
  data_loss: 'aborted',
  statement: 'aborted',
  confirm: 'aborted',
  schema_code: 'syntax',
  config: 'syntax',
  read_only: 'readonly',
  question: 'aborted',
  unproven: 'aborted',
  foreign_key: 'constraint',
  broken_object: 'syntax',
  lock_lost: 'lock',
  timeout: 'timeout',
  failed: 'syntax',
  drift: 'integrity',
  applied: 'aborted',
  replay: 'integrity',
  restore: 'aborted',
};

/** Returns the error for `fault`, with code `MIGRATION_` and the fault's name. */
export function migrationError(
  fault: MigrationFault,
  reason: string,
  rest: { readonly operation: string; readonly hint: string; readonly cause?: unknown },
): DatabaseError {
  return new DatabaseError(reason, {
    type: types[fault],
    code: codeOf(fault),
    recoverable: fault === 'lock_lost' || fault === 'timeout',
    ...rest,
  });
}

/** The `code` of the error for `fault`: `MIGRATION_EDITED` and so on. */
export function codeOf(fault: string): string {
  return `MIGRATION_${fault.toUpperCase()}`;
}

/** Passes when there are no problems. @throws DatabaseError for the first of `problems`, naming how many more there are */
export function refuse(problems: readonly MigrationProblem[], operation: string): void {
  const [first, ...more] = problems;
  if (!first) return;
  const rest = more.length === 0 ? '' : ` (and ${more.length} more, which cc-migrate status names)`;
  throw migrationError(first.kind, `${first.message}${rest}`, { operation, hint: first.hint });
}

/** The driver's own words, without what DatabaseError adds. */
export function saidBy(failure: DatabaseError): string {
  let current: unknown = failure;
  while (isError(current) && isError(current.cause)) current = current.cause;
  return isError(current) ? current.message : String(current);
}

/** A name or path as one word of a shell, for hints that are copied into one. */
export function typed(text: string): string {
  return /^[\p{L}\p{N}_./:,@%+=-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
