// What belongs to an async context: the transactions around it (transaction/ambient.ts), the blocks whose writes somebody tells
// caches of (changes/declared.ts), the loads of caches (changes/loads.ts), and what a call is for (call-label.ts). One slot per
// process, shared by every copy of this package; one for all, because each that there is costs every promise something.
import { AsyncLocalStorage } from 'node:async_hooks';

/** A manager that has a transaction in this context, or has set one aside. */
export interface FrameScope {
  readonly kind: 'frame';
  readonly owner: object;
  /** undefined: the owner's transaction is set aside (`not_supported`). */
  readonly frame: unknown;
  /** Of the keyed block that runs here, if it is one. */
  readonly key: string | undefined;
  readonly outer: Scope | undefined;
}

/** A block whose writes are told. */
export interface DeclaredScope {
  readonly kind: 'declared';
  readonly owner: object;
  /** Who tells. */
  readonly by: object;
  /** Hears in the turn of its COMMIT of each statement that is a transaction by itself. */
  readonly committed: ((rowsAffected: number) => void) | undefined;
  /** What goes on after its block has ended is told by nobody. */
  ended: boolean;
  readonly outer: Scope | undefined;
}

/** A load under way. */
export interface LoadScope {
  readonly kind: 'load';
  readonly owner: undefined;
  /** Of the cache that loads. */
  readonly database: unknown;
  /** What the cache calls it. */
  readonly about: unknown;
  /** Why what it has read is not for others. */
  doubt: string | undefined;
  readonly outer: Scope | undefined;
}

/** What a load waits for, and no part of what it reads: the hooks of its transactions. */
export interface WaitedScope {
  readonly kind: 'waited';
  readonly owner: undefined;
  /** What the cache calls the load. */
  readonly about: unknown;
  readonly outer: undefined;
}

/** A call that somebody has named. */
export interface LabelScope {
  readonly kind: 'label';
  readonly owner: undefined;
  readonly label: string;
  readonly outer: Scope | undefined;
}

/** One entry for each block around the calling context, the innermost first. */
export type Scope = FrameScope | DeclaredScope | LoadScope | WaitedScope | LabelScope;

const slot = Symbol.for('@cc/tx/context/1');
const shared = globalThis as typeof globalThis & { [slot]?: AsyncLocalStorage<Scope | undefined> };
shared[slot] ??= new AsyncLocalStorage();

/** Holds the scopes of the calling context. */
export const context = shared[slot];

/** Runs `work` outside every transaction, block and load. `about` is what a cache calls the load that waits for it, if one does. */
export function runOutside<T>(about: unknown, work: () => T): T {
  if (context.getStore() === undefined) return work();
  return context.run(
    about === undefined ? undefined : { kind: 'waited', owner: undefined, about, outer: undefined },
    work,
  );
}
