// What the broken rules of collections are called.
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import { maxLevels } from './levels.js';

/** Returns the error of a broken rule of collections by its own name; any other error as it is. */
export function conflictOf(error: unknown, operation: string): unknown {
  if (!isDatabaseError(error)) return error;
  if (error.constraint?.kind === 'foreign_key') return collectionNotFound(operation);
  if (error.constraint?.kind !== 'unique') return error;
  return new DatabaseError('A collection with this name is there already', {
    type: 'constraint',
    code: 'DUPLICATE_COLLECTION',
    operation,
    hint: 'Names are unique within their collection, and at the top',
    constraint: error.constraint,
    cause: error,
  });
}

/** The error of a write to a collection that does not exist. */
export function collectionNotFound(operation: string): DatabaseError {
  return new DatabaseError('The collection does not exist', {
    type: 'constraint',
    code: 'COLLECTION_NOT_FOUND',
    operation,
    hint: 'Create it first; it may have been deleted meanwhile',
  });
}

/** The error of a collection that would lie inside itself. */
export function collectionCycle(): DatabaseError {
  return new DatabaseError('A collection cannot lie inside itself', {
    type: 'constraint',
    code: 'COLLECTION_CYCLE',
    operation: 'collections.update',
    hint: 'Choose a place that is not inside the collection',
  });
}

/** The error of a collection that would lie deeper than collections may. */
export function collectionTooDeep(operation: string): DatabaseError {
  return new DatabaseError(`Collections lie in one another at most ${maxLevels} levels deep`, {
    type: 'constraint',
    code: 'COLLECTION_TOO_DEEP',
    operation,
    hint: 'Choose a place further up: what lies inside the collection counts as well',
  });
}
