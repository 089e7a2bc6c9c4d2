// Models that are in the library already: the policies of a call, and what the errors are called.
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { DuplicatePolicy } from '../contract/models.js';

/** By what a new model equals one that is there. */
export type Conflict = 'id' | 'filePath' | 'fileHash';

/** The option names of a policy. */
export const policyKeys: readonly string[] = ['onDuplicateHash', 'onDuplicatePath'];

/** Checks the values of a policy. @throws TypeError */
export function checkDuplicatePolicy({ onDuplicateHash, onDuplicatePath }: DuplicatePolicy): void {
  oneOf('onDuplicateHash', onDuplicateHash, ['reject', 'skip', 'allow']);
  oneOf('onDuplicatePath', onDuplicatePath, ['reject', 'skip']);
}

/** Checks that an option is absent or one of `values`. @throws TypeError */
export function oneOf(name: string, value: unknown, values: readonly string[]): void {
  if (value === undefined || values.some((known) => known === value)) return;
  throw new TypeError(`${name} must be ${values.map((known) => `'${known}'`).join(' or ')}`);
}

const conflicts: Readonly<Record<Conflict, { readonly code: string; readonly reason: string; readonly hint: string }>> =
  {
    id: {
      code: 'DUPLICATE_ID',
      reason: 'A model with this id exists already',
      hint: 'Leave the id out to get a new one',
    },
    filePath: {
      code: 'DUPLICATE_FILE_PATH',
      reason: 'A model with this file path exists already',
      hint: `Pass onDuplicatePath: 'skip' to leave it as it is, or use upsertByPath`,
    },
    fileHash: {
      code: 'DUPLICATE_FILE_HASH',
      reason: 'A model with the same file content exists already',
      hint: `Pass onDuplicateHash: 'allow' to keep both, or 'skip' to leave this one out`,
    },
  };

/** The policies are for models to add: of two that are there only the caller knows which one stays. */
const hintOfUpdate = 'Give it another path, or delete or move the model of this path first (readByPath has it)';

/** The error of a model that is in the library already. `which` says in a sentence which one, before the hint. */
export function duplicateModel(
  conflict: Conflict,
  operation: string,
  which = '',
  cause?: DatabaseError,
): DatabaseError {
  const { code, reason } = conflicts[conflict];
  const hint = operation === 'models.update' ? hintOfUpdate : conflicts[conflict].hint;
  const constraint = cause?.constraint;
  return new DatabaseError(reason, {
    type: 'constraint',
    code,
    operation,
    hint: `${which}${hint}`,
    ...(constraint && { constraint }),
    cause,
  });
}

/** Returns the error of a broken unique index on models by its own name; any other error as it is. */
export function namedConflict(error: unknown, operation: string): unknown {
  if (!isDatabaseError(error) || error.constraint?.kind !== 'unique') return error;
  const [column] = error.constraint.columns;
  if (column === 'id') return duplicateModel('id', operation, '', error);
  if (column === 'file_path') return duplicateModel('filePath', operation, '', error);
  return error;
}
