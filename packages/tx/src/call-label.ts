// What the call of an async context is for, for the events of what runs in it.
import { context } from './context.js';
import { promised } from './waiting/awaitable.js';

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
  if (!isTold || currentLabel() !== undefined) return promised(work);
  return context.run({ kind: 'label', owner: undefined, label, outer: context.getStore() }, promised<T>, work);
}
