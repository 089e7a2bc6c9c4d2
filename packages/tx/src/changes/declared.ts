// The async contexts whose writes are told to caches by whoever writes.
import { context, type DeclaredScope } from './context.js';

/** Who tells caches of what the calling context writes on the connections of `owner`, each once. */
export function tellers(owner: object): readonly object[] {
  let scope = context.getStore();
  if (scope === undefined) return none;
  const found = new Set<object>();
  for (; scope !== undefined; scope = scope.outer) {
    if (scope.kind === 'declared' && scope.owner === owner && !scope.ended) found.add(scope.by);
  }
  return [...found];
}

const none: readonly never[] = Object.freeze([]);

/** Runs `work`, whose writes on the connections of `owner` are told to the caches of `by`. */
export function runDeclared<T>(owner: object, by: object, work: () => Promise<T>): Promise<T> {
  const scope: DeclaredScope = { kind: 'declared', owner, by, ended: false, outer: context.getStore() };
  return context.run(scope, async () => {
    try {
      // drizzle's builders are lazy and start where they are awaited.
      return await work();
    } finally {
      scope.ended = true;
    }
  });
}

/** Runs `work` outside every such block, and outside every load. */
export function runUndeclared<T>(work: () => T): T {
  return context.getStore() === undefined ? work() : context.run(undefined, work);
}
