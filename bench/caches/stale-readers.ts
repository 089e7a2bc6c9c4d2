// The ways to read a row through a cache that the stale reads are counted of: each keeps the whole row, drops its key after
// each COMMIT of its own, and drops it again when a message says that somebody else has committed.
import { setImmediate as turn } from 'node:timers/promises';
import { openTransactionManager, type Schema, type TransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { Cache, type MutationOption } from 'drizzle-orm/cache/core';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core';
import { type ComparedCache, diskCaches, memoryCaches, openCache } from './cache.js';

const drizzleCache = "drizzle's cache";

/** The names of the ways; the first is ours. */
export const staleReaders = [
  'ours',
  diskCaches[0],
  ...memoryCaches.filter((name) => !name.startsWith('lru-cache') && !name.startsWith('ours')),
  diskCaches[1],
  drizzleCache,
] as const;

/** Reads and writes versions of rows. */
export interface StaleReader {
  read(id: number): Promise<number>;
  /** Adds `by` in a transaction and drops the key after it; returns the new version, or null where it was rolled back. */
  write(id: number, by: number): Promise<number | null>;
  /** Somebody else has committed. */
  forget(id: number): Promise<void>;
  facts?(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

const versions = sqliteTable('versions', { id: integer().primaryKey(), version: integer().notNull() });

/** Opens one of them on a database that has the table. */
export async function openStaleReader(name: string, path: string): Promise<StaleReader> {
  if (name === drizzleCache) return overDrizzle(path);
  const transactions = await openTransactionManager({ url: `file:${path}`, schema: { versions } });
  return overCache(await openCache(name, path, transactions), transactions);
}

type Connection = Pick<LibSQLDatabase<Schema>, 'select' | 'update'>;

/** A row, and after a turn of the event loop something else, as a page has it that needs two queries. */
async function load(db: Connection, id: number): Promise<number> {
  const [row] = await db.select({ version: versions.version }).from(versions).where(eq(versions.id, id));
  await turn();
  await db.select({ id: versions.id }).from(versions).limit(1);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row.version;
}

/** Updates the row, lets others run, and commits unless `by` says that it is to be undone. */
async function add(db: Connection, id: number, by: number): Promise<number> {
  const version = sql`${versions.version} + ${by}`;
  const [row] = await db.update(versions).set({ version }).where(eq(versions.id, id)).returning();
  await turn();
  if (row === undefined || by > 1) throw new RolledBack();
  return row.version;
}

class RolledBack extends Error {}

async function orRolledBack(transaction: Promise<number>): Promise<number | null> {
  try {
    return await transaction;
  } catch (error) {
    if (error instanceof RolledBack) return null;
    throw error;
  }
}

function overCache(cache: ComparedCache, transactions: TransactionManager): StaleReader {
  const { db } = transactions;
  return {
    async read(id) {
      const row = await cache.getOrLoad(`row-${id}`, async () => ({ version: await load(db, id) }));
      return Number(row?.['version']);
    },
    async write(id, by) {
      const version = await orRolledBack(transactions.transaction(() => add(db, id, by)));
      if (version !== null) await cache.invalidate(`row-${id}`);
      return version;
    },
    async forget(id) {
      await cache.invalidate(`row-${id}`);
    },
    ...(cache.facts && { facts: () => cache.facts?.() ?? {} }),
    async close() {
      await transactions.close();
      await cache.close();
    },
  };
}

/** As its documentation has it: every query is kept, and dropped when a builder writes to a table that it reads. */
class MapCache extends Cache {
  readonly #kept = new Map<string, unknown[]>();
  readonly #keysOf = new Map<string, Set<string>>();

  override strategy(): 'all' {
    return 'all';
  }

  override async get(key: string): Promise<unknown[] | undefined> {
    return this.#kept.get(key);
  }

  override async put(key: string, response: unknown[], tables: string[]): Promise<void> {
    this.#kept.set(key, response);
    for (const table of tables) this.#keysOf.set(table, (this.#keysOf.get(table) ?? new Set()).add(key));
  }

  override async onMutate({ tables = [] }: MutationOption): Promise<void> {
    for (const table of [tables].flat()) this.drop(typeof table === 'string' ? table : 'versions');
  }

  drop(table: string): void {
    for (const key of this.#keysOf.get(table) ?? []) this.#kept.delete(key);
    this.#keysOf.delete(table);
  }
}

function overDrizzle(path: string): StaleReader {
  const client = createClient({ url: `file:${path}`, timeout: 5_000 });
  const cache = new MapCache();
  const db = drizzle(client, { cache, schema: { versions } });
  return {
    read: (id) => load(db, id),
    write: (id, by) => orRolledBack(db.transaction((tx) => add(tx, id, by))),
    async forget() {
      cache.drop('versions');
    },
    close: async () => client.close(),
  };
}
