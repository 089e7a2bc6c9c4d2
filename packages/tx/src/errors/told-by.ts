// Where a failure is told to come from. An error is made deep inside: the ten frames that Node keeps are all of this package
// then, and nobody learns which call of the program has failed.
import { isDatabaseError } from '../errors.js';

const told = new WeakSet<object>();

/**
 * Gives `error` the stack of the public call that fails with it, while that is on the stack or awaited. Of the calls that hand
 * it on, the first: others are further away from what went wrong. What the engine said, in its `cause`, keeps the stack inside.
 */
export function toldBy(error: unknown): void {
  if (!isDatabaseError(error) || told.has(error)) return;
  told.add(error);
  Error.captureStackTrace(error, toldBy);
}
