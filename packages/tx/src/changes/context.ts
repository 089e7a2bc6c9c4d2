// The async contexts that writes and reads are judged by: blocks whose writes somebody tells caches of (declared.ts), and loads of
// caches (loads.ts). One slot per process, shared by every copy of this package, as the ambient transaction has.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A block whose writes are told. */
export interface DeclaredScope {
  readonly kind: 'declared';
  readonly owner: object;
  /** Who tells. */
  readonly by: object;
  /** What goes on after its block has ended is told by nobody. */
  ended: boolean;
  readonly outer: Scope | undefined;
}

/** A load under way. */
export interface LoadScope {
  readonly kind: 'load';
  /** Of the cache that loads. */
  readonly database: unknown;
  /** Why what it has read is not for others. */
  doubt: string | undefined;
  readonly outer: Scope | undefined;
}

/** One entry for each block around the calling context, the innermost first. */
export type Scope = DeclaredScope | LoadScope;

const slot = Symbol.for('@cc/tx/changes/1');
const shared = globalThis as typeof globalThis & { [slot]?: AsyncLocalStorage<Scope | undefined> };
shared[slot] ??= new AsyncLocalStorage();

/** Holds the scopes of the calling context. */
export const context = shared[slot];
