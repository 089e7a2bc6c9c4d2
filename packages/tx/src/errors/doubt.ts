// What a COMMIT that was not answered leaves open.
import { DatabaseError, isDatabaseError } from '../errors.js';

/** The failure of a COMMIT that leaves open whether it took effect; undefined when the database has refused it. */
export function doubtOf(error: unknown): DatabaseError | undefined {
  if (!isDatabaseError(error)) return undefined;
  if (error.outcome === 'unknown') return error;
  if (error.type !== 'timeout') return undefined;
  const { type, code, operation } = error;
  return new DatabaseError(operation === 'transaction' ? 'COMMIT was not answered in time' : error.reason, {
    type,
    code,
    operation,
    outcome: 'unknown',
    hint: 'It may or may not be in the database: read back before trying again, or use an idempotencyKey',
    cause: error,
  });
}
