// The async contexts whose writes are told to caches by whoever writes. One slot per process, shared by every copy of this
// package, as the ambient transaction has.
import { AsyncLocalStorage } from 'node:async_hooks';

interface Scope {
  readonly owner: object;
  /** Who tells. */
  readonly by: object;
  /** What goes on after its block has ended is told by nobody. */
  ended: boolean;
  readonly outer: Scope | undefined;
}

const slot = Symbol.for('@cc/tx/declared/1');
const shared = globalThis as typeof globalThis & { [slot]?: AsyncLocalStorage<Scope | undefined> };
shared[slot] ??= new AsyncLocalStorage();
const storage = shared[slot];

/** Who tells caches of what the calling context writes on the connections of `owner`, each once. */
export function tellers(owner: object): readonly object[] {
  let scope = storage.getStore();
  if (scope === undefined) return none;
  const found = new Set<object>();
  for (; scope !== undefined; scope = scope.outer) {
    if (scope.owner === owner && !scope.ended) found.add(scope.by);
  }
  return [...found];
}

const none: readonly never[] = Object.freeze([]);

/** Runs `work`, whose writes on the connections of `owner` are told to the caches of `by`. */
export function runDeclared<T>(owner: object, by: object, work: () => Promise<T>): Promise<T> {
  const scope: Scope = { owner, by, ended: false, outer: storage.getStore() };
  return storage.run(scope, async () => {
    try {
      // drizzle's builders are lazy and start where they are awaited.
      return await work();
    } finally {
      scope.ended = true;
    }
  });
}

/** Runs `work` outside every such block. */
export function runUndeclared<T>(work: () => T): T {
  return storage.getStore() === undefined ? work() : storage.run(undefined, work);
}
