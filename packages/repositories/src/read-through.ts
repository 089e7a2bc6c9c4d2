// Between a repository call and its query: answers from the cache where that is right, and drops what a commit replaced.
// Inside a transaction nothing is read from or put into the cache: its rows are not committed, or its snapshot is older.

import type { Schema, TransactionManager } from '@cc/tx';
import type { CachePort, CacheRegion } from './contract/cache-port.js';

/** What tells whether a call is inside a transaction, and hears of its end. */
type Transactions = Pick<TransactionManager<Schema>, 'current'>;

/** One cached kind of value. */
export interface ReadThrough<V extends object> {
  /** Returns the value from the cache, or from `load`, which fills the cache outside a transaction. */
  load(key: string, load: () => Promise<V | null>): Promise<V | null>;
  /** Drops the keys when the current transaction has committed, or may have; a rollback drops nothing. */
  written(keys: readonly string[]): void;
}

/** Cached results of queries over many rows: any write makes all of them old. */
export interface ReadThroughAll<V extends object> {
  /** `key` is asked only where there is a cache. */
  load(key: () => string, load: () => Promise<V>): Promise<V>;
  written(): void;
}

/** Returns the read-through of `namespace`, or one that always asks the database when there is no cache. */
export function createReadThrough<V extends object>(
  transactions: Transactions,
  cache: CachePort | undefined,
  namespace: string,
): ReadThrough<V> {
  const region = cache?.region<V>(namespace);
  if (region === undefined) return { load: (_key, load) => load(), written: () => {} };
  return {
    load: (key, load) => (transactions.current() === undefined ? region.getOrLoad(key, load) : load()),
    written(keys) {
      afterCommit(transactions, () => {
        for (const key of keys) region.invalidate(key);
      });
    },
  };
}

/** Returns the read-through of query results in `namespace`. */
export function createReadThroughAll<V extends object>(
  transactions: Transactions,
  cache: CachePort | undefined,
  namespace: string,
): ReadThroughAll<V> {
  const region: CacheRegion<V> | undefined = cache?.region<V>(namespace);
  if (region === undefined) return { load: (_key, load) => load(), written: () => {} };
  // Part of every key: a load that began before a commit fills a key that nobody asks for any more.
  let generation = 0;
  return {
    async load(key, load) {
      if (transactions.current() !== undefined) return load();
      return (await region.getOrLoad(`${generation}:${key()}`, load)) ?? load();
    },
    written() {
      afterCommit(transactions, () => {
        generation += 1;
        region.clear();
      });
    },
  };
}

function afterCommit(transactions: Transactions, hook: () => void): void {
  const transaction = transactions.current();
  if (transaction === undefined) {
    hook();
    return;
  }
  transaction.afterCommit(hook);
  // The rows may be there, so what is cached may be old.
  transaction.afterUnknown(hook);
}
