// What the call of an async context is for, for the events of what runs in it. One slot per process, shared by every copy of
// this package, as the ambient transaction has.
import { AsyncLocalStorage } from 'node:async_hooks';

const slot = Symbol.for('@cc/tx/label/1');
const shared = globalThis as typeof globalThis & { [slot]?: AsyncLocalStorage<string> };
shared[slot] ??= new AsyncLocalStorage();
const storage = shared[slot];

/** The label of the calling context, if it has one. */
export function currentLabel(): string | undefined {
  return storage.getStore();
}

/**
 * Runs `work` under `label`, or under the one around it: whoever is further out knows what all of it is for. Where nobody is
 * told of it (`isTold`) it runs as it is.
 */
export function runLabelled<T>(label: string, work: () => PromiseLike<T>, isTold: boolean): Promise<T> {
  return isTold && storage.getStore() === undefined ? storage.run(label, started<T>, work) : started(work);
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
