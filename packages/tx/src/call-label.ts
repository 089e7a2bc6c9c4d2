// What the call of an async context is for, for the events of what runs in it.
import { context } from './context.js';

/** The label of the calling context, if it has one. */
export function currentLabel(): string | undefined {
  let scope = context.getStore();
  while (scope !== undefined && scope.kind !== 'label') scope = scope.outer;
  return scope?.label;
}

/**
 * Runs `work` under `label`, or under the one around it: whoever is further out knows what all of it is for. Where nobody is
 * told of it (`isTold`) it runs as it is.
 */
export function runLabelled<T>(label: string, work: () => PromiseLike<T>, isTold: boolean): Promise<T> {
  if (!isTold || currentLabel() !== undefined) return started(work);
  return context.run({ kind: 'label', owner: undefined, label, outer: context.getStore() }, started<T>, work);
}

function started<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    const result = work();
    // drizzle's builders are lazy and start where they are awaited, so their await has to happen inside.
    return Object.getPrototypeOf(result) === Promise.prototype ? (result as Promise<T>) : awaited(result);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function awaited<T>(result: PromiseLike<T>): Promise<T> {
  return await result;
}
