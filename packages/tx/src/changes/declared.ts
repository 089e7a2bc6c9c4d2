// The async contexts whose writes are told to caches by whoever writes.
import { context, type DeclaredScope, type Scope } from '../context.js';

/** Who tells caches of what the calling context writes on the connections of `owner`, each once. */
export function tellers(owner: object): readonly object[] {
  let found: Set<object> | undefined;
  for (let scope: Scope | undefined = context.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner !== owner || scope.kind !== 'declared' || scope.ended) continue;
    found ??= new Set();
    found.add(scope.by);
  }
  return found === undefined ? none : [...found];
}

const none: readonly never[] = Object.freeze([]);

/** Runs `work`, whose writes on the connections of `owner` are told to the caches of `by`. */
export function runDeclared<T>(
  owner: object,
  by: object,
  work: () => Promise<T>,
  committed?: DeclaredScope['committed'],
): Promise<T> {
  const scope: DeclaredScope = { kind: 'declared', owner, by, committed, ended: false, outer: context.getStore() };
  return context.run(scope, async () => {
    try {
      // drizzle's builders are lazy and start where they are awaited.
      return await work();
    } finally {
      scope.ended = true;
    }
  });
}

/** Tells of a statement of the calling context that was a transaction by itself. Returns what the listeners have thrown. */
export function tellCommitted(owner: object, rowsAffected: number): readonly unknown[] {
  let thrown: unknown[] | undefined;
  for (let scope: Scope | undefined = context.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner !== owner || scope.kind !== 'declared' || scope.ended) continue;
    try {
      scope.committed?.(rowsAffected);
    } catch (error) {
      thrown ??= [];
      thrown.push(error);
    }
  }
  return thrown ?? none;
}
