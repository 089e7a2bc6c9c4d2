// Which load a call is made in, whatever cache of this process has begun it: loads of bound caches are known to the contexts of
// their transaction managers, those of unbound ones to one of ours. Shared by every copy of this package.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BoundChanges } from '../contract/bound.js';

/** Something that is loaded, and that others may wait for. */
export interface Waiting {
  /** Those that its load waits for; made with the first of them, as most wait for none. */
  waitsFor: Set<Waiting> | undefined;
}

/** Knows the load of the calling context. */
type Context = Pick<BoundChanges, 'loadAround'>;

/** A context, and how many open caches know it. */
interface Known {
  readonly reference: WeakRef<Context>;
  caches: number;
}

interface Shared {
  /** Those of open caches: each load asks all of them. */
  readonly contexts: Set<WeakRef<Context>>;
  readonly known: WeakMap<Context, Known>;
  /** Made with the first load of an unbound cache: each that there is costs every promise something. */
  unbound: AsyncLocalStorage<object> | undefined;
}

const slot = Symbol.for('@cc/cache/around/1');
const slots = globalThis as typeof globalThis & { [slot]?: Shared };
slots[slot] ??= { contexts: new Set(), known: new WeakMap(), unbound: undefined };
const shared = slots[slot];

const brand = Symbol.for('@cc/cache/loading/1');

/** A load under way, as its async context knows it. */
export class Loading {
  readonly [brand] = true;
  /** What it loads. */
  readonly flights: readonly Waiting[];
  /** The load that it was begun in. */
  #outer = loadAround();

  constructor(flights: readonly Waiting[]) {
    this.flights = flights;
  }

  get outer(): Loading | undefined {
    return this.#outer;
  }

  /** What still runs in its context is waited for by nobody, and must not keep those around it in memory. */
  end(): void {
    this.#outer = undefined;
  }
}

/** The innermost load that the calling context is in. */
export function loadAround(): Loading | undefined {
  const found = new Set<Loading>();
  const own = shared.unbound?.getStore();
  if (isLoading(own)) found.add(own);
  for (const reference of shared.contexts) {
    const about = reference.deref()?.loadAround();
    if (isLoading(about)) found.add(about);
  }
  if (found.size > 1)
    for (const each of [...found])
      for (let outer = each.outer; outer !== undefined; outer = outer.outer) found.delete(outer);
  const [innermost] = found;
  return innermost;
}

/** Has `context` asked for the loads that it knows, until what it returns is called: a cache that nobody closes is forgotten with it. */
export function addContext(context: Context): () => void {
  for (const reference of shared.contexts) if (reference.deref() === undefined) shared.contexts.delete(reference);
  const known = shared.known.get(context) ?? { reference: new WeakRef(context), caches: 0 };
  known.caches += 1;
  shared.known.set(context, known);
  shared.contexts.add(known.reference);
  return () => {
    known.caches -= 1;
    if (known.caches === 0) shared.contexts.delete(known.reference);
  };
}

/** Runs a load of an unbound cache. */
export function runUnbound<T>(about: object, load: () => Promise<T>): Promise<T> {
  shared.unbound ??= new AsyncLocalStorage();
  return shared.unbound.run(about, load);
}

function isLoading(about: unknown): about is Loading {
  return typeof about === 'object' && about !== null && brand in about;
}
