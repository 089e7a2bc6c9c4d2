// What may be there at once.

/** A value, or a promise of it: local connections answer at once, so that nothing comes between COMMIT and its hooks. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Returns a promise of what `work` returns, which may be no promise at all. drizzle's builders are lazy and start where they
 * are awaited, so their await happens in the context of this call.
 */
export function promised<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    const result: unknown = work();
    const isPromise =
      typeof result === 'object' && result !== null && Object.getPrototypeOf(result) === Promise.prototype;
    return isPromise ? (result as Promise<T>) : awaited(result as PromiseLike<T>);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function awaited<T>(result: PromiseLike<T>): Promise<T> {
  return await result;
}

/** What async functions return, also where something has put a `Promise` of its own into its place (zone.js, bluebird). */
const NativePromise = (async () => undefined)().constructor as PromiseConstructor;

/** Whether `value` has to be awaited. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return value instanceof NativePromise || value instanceof Promise;
}
