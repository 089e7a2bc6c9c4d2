// Whose failure it is. Work of one manager may call another, or fail with what another has thrown: that is no reason to run
// the work again, which would do twice what it has done elsewhere, and none to mend a database that is well.
import { isDatabaseError } from '../errors.js';

/** Managers by what each has met, as what tells them apart: their `Events`. */
const owners = new WeakMap<object, object>();

/** Notes that `error` was met by the manager of `owner`, unless another has met it before. Returns it. */
export function metBy(owner: object, error: unknown): unknown {
  if (isDatabaseError(error) && !owners.has(error)) owners.set(error, owner);
  return error;
}

/** Whether `error` is known to be of another manager than that of `owner`. What the application throws itself is not. */
export function isOfAnother(owner: object, error: unknown): boolean {
  if (!isDatabaseError(error)) return false;
  const met = owners.get(error);
  return met !== undefined && met !== owner;
}
