// What may be there at once.

/** A value, or a promise of it: local connections answer at once, so that nothing comes between COMMIT and its hooks. */
export type Awaitable<T> = T | Promise<T>;

/** Whether `value` has to be awaited. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof Promise;
}
