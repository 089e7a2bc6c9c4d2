// What is compared as a cache: the few operations that all of them have, each set up as its documentation advises. What a hit
// may be is each one's own: the object itself, a frozen one, a clone, or parsed anew.
import { openCacheManager } from '@cc/cache';
import { schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { LRUCache } from 'lru-cache';
import type { Awaitable } from '../contenders/contender.js';

/** What is kept: plain data, or null for "absent". */
export type Kept = Readonly<Record<string, string | number | null>> | null;

/** A cache of rows by key. */
export interface ComparedCache {
  /** `get`, `set` and `invalidate` answer at once, without a promise. */
  readonly isSync: boolean;
  /** Undefined when it is not kept. */
  get(key: string): Awaitable<Kept | undefined>;
  set(key: string, value: Kept): unknown;
  invalidate(key: string): unknown;
  /** Returns what is kept, or loads and keeps it; one load for all who ask meanwhile, where the cache can. */
  getOrLoad(key: string, load: () => Promise<Kept>): Awaitable<Kept>;
  /** Lets memory forget everything, so that the next hit is one of the disk. Absent: it holds one entry at a time anyway. */
  forget?(): void;
  /** Waits until the disk has what it was given. */
  flush?(): Promise<void>;
  /** What it says of itself. */
  facts?(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Bound to the transactions of its database. */
export const oursBound = 'ours';
/** The same without a database. */
export const oursUnbound = 'ours, unbound';

/** Caches in memory; the first is what ratios refer to, the second its null control. */
export const memoryCaches = [
  'lru-cache',
  'lru-cache again',
  oursBound,
  oursUnbound,
  'cache-manager',
  'cacheable',
  'bentocache',
] as const;

/** Caches in memory and on disk. */
export const diskCaches = ['ours, memory and disk', 'bentocache, memory and files'] as const;

const maxBytes = 64 * 1024 * 1024;

/**
 * Opens a cache by its name. Ours is bound to `transactions`, by default a manager of its own on the database at `databasePath`;
 * the others, and ours unbound, know of no database. What is on disk lies beside it.
 *
 * @throws TypeError for an unknown name
 */
export async function openCache(
  name: string,
  databasePath: string,
  transactions?: TransactionManager,
): Promise<ComparedCache> {
  switch (name) {
    case 'lru-cache':
    case 'lru-cache again':
      return bareLru();
    case oursBound:
    case 'ours, memory and disk':
      return ours(
        transactions ?? (await openTransactionManager({ url: `file:${databasePath}`, schema })),
        name !== oursBound,
      );
    case oursUnbound:
      return ours(undefined, false);
    case 'cache-manager':
      return ofCacheManager();
    case 'cacheable':
      return ofCacheable();
    case 'bentocache':
    case 'bentocache, memory and files':
      return ofBentocache(name === 'bentocache' ? null : `${databasePath}-files`);
    default:
      throw new TypeError(`No cache '${name}'. There are ${[...memoryCaches, ...diskCaches].join(', ')}`);
  }
}

function bareLru(): ComparedCache {
  // It knows no null, and bounds by bytes only what it is told the size of.
  const absent: Kept = { absent: 1 };
  const cache = new LRUCache<string, NonNullable<Kept>>({ max: 100_000 });
  const get = (key: string): Kept | undefined => {
    const found = cache.get(key);
    return found === absent ? null : found;
  };
  const set = (key: string, value: Kept): unknown => cache.set(key, value ?? absent);
  return {
    isSync: true,
    get,
    set,
    invalidate: (key) => cache.delete(key),
    async getOrLoad(key, load) {
      const found = get(key);
      if (found !== undefined) return found;
      const value = await load();
      set(key, value);
      return value;
    },
    close: async () => cache.clear(),
  };
}

async function ours(transactions: TransactionManager | undefined, withDisk: boolean): Promise<ComparedCache> {
  const cache = await openCacheManager({ transactions, maxBytes, disk: withDisk });
  const region = cache.region<NonNullable<Kept>>('rows');
  return {
    isSync: true,
    get: (key) => region.get(key),
    set: (key, value) => region.set(key, value),
    invalidate: (key) => region.invalidate(key),
    getOrLoad: (key, load) => region.getOrLoad(key, load),
    forget: () => cache.shrink(0),
    flush: () => cache.flush(),
    facts() {
      const { coherence } = cache.getCacheStats();
      const { foreignFlushes, steppedAside } = coherence;
      return { 'everything dropped': foreignFlushes, 'stepped aside': steppedAside };
    },
    async close() {
      await transactions?.close();
      await cache.close();
    },
  };
}

async function ofCacheManager(): Promise<ComparedCache> {
  const { createCache } = await import('cache-manager');
  const cache = createCache();
  return {
    isSync: false,
    get: (key) => cache.get<Kept>(key),
    set: (key, value) => cache.set(key, value),
    invalidate: (key) => cache.del(key),
    getOrLoad: (key, load) => cache.wrap(key, load),
    close: () => cache.disconnect().then(() => undefined),
  };
}

async function ofCacheable(): Promise<ComparedCache> {
  const { Cacheable } = await import('cacheable');
  const cache = new Cacheable();
  return {
    isSync: false,
    get: (key) => cache.get<Kept>(key),
    set: (key, value) => cache.set(key, value),
    invalidate: (key) => cache.delete(key),
    getOrLoad: async (key, load) => (await cache.getOrSet(key, load)) ?? null,
    close: () => cache.disconnect(),
  };
}

async function ofBentocache(folder: string | null): Promise<ComparedCache> {
  const { BentoCache, bentostore } = await import('bentocache');
  const { memoryDriver } = await import('bentocache/drivers/memory');
  const { fileDriver } = await import('bentocache/drivers/file');
  const memory = bentostore().useL1Layer(
    memoryDriver(folder === null ? { maxSize: maxBytes, maxItems: 100_000 } : { maxItems: 1 }),
  );
  const rows = folder === null ? memory : memory.useL2Layer(fileDriver({ directory: folder, pruneInterval: false }));
  const cache = new BentoCache({ default: 'rows', stores: { rows }, ttl: '1h' });
  return {
    isSync: false,
    get: (key) => cache.get<Kept>({ key }),
    set: (key, value) => cache.set({ key, value }),
    invalidate: (key) => cache.delete({ key }),
    getOrLoad: (key, load) => cache.getOrSet<Kept>({ key, factory: load }),
    close: () => cache.disconnectAll(),
  };
}
