// What every repository is made of: the database, its transactions, the clock, the ids and what is kept of answers.
import type { Model } from '@cc/schema';
import type { Schema, TransactionManager } from '@cc/tx';
import { isDatabaseError } from '@cc/tx/errors';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type { CachePort } from './contract/cache-port.js';
import type { MetadataRecord } from './contract/metadata.js';
import type { Kept } from './read-through.js';
import type { StatementClient } from './statement.js';

/** The methods of drizzle that the repositories build their queries with, for a database of any schema. */
export type Database = Pick<
  LibSQLDatabase<Schema>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | 'with' | '$with'
>;

/** What the repositories use of a transaction manager. */
export type Transactions = Pick<
  TransactionManager,
  'transaction' | 'current' | 'labelled' | 'capabilities' | 'changes'
>;

/** Shared by the repositories of one `createRepositories` call. */
export interface Context {
  readonly db: Database;
  readonly client: StatementClient;
  readonly cache: CachePort | undefined;
  readonly transactions: Transactions;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly kept: Kept<Model, MetadataRecord>;
}

/**
 * Runs `work` in the transaction of the calling context, or in one of its own.
 * For work whose last statement is its only write: when it fails, an enclosing transaction can go on.
 */
export function write<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const { transactions } = context;
  return declared(context, () => (transactions.current() === undefined ? transactions.transaction(work) : work()));
}

/**
 * The same for work of one statement, which is a transaction by itself. On a local database what is cached changes in the turn
 * of its COMMIT; a server's COMMIT would be answered later all the same, and cost a round trip.
 */
export async function writeOnce<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const { cache, transactions } = context;
  if (cache === undefined) return work();
  const { target } = transactions.capabilities;
  if (target === 'local' || target === 'memory') return write(context, work);
  try {
    return await declared(context, work);
  } catch (error) {
    if (isDatabaseError(error) && error.outcome === 'unknown') context.kept.forget();
    throw error;
  }
}

/** Runs `work` in a transaction or, inside one, in a savepoint: for work of several writes that stand or fall together. */
export function writeTogether<T>(context: Context, work: () => Promise<T>): Promise<T> {
  return declared(context, () => context.transactions.transaction(work, { propagation: 'nested' }));
}

/** What is written here is told to the cache by `kept.written`: it need not drop all that it has. */
function declared<T>({ cache, transactions }: Context, work: () => Promise<T>): Promise<T> {
  return cache ? transactions.changes.declared(cache, work) : work();
}
