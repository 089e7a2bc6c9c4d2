// What every repository is made of: the database, its transactions, the clock, the ids and what is kept of answers.
import type { Model, ModelId } from '@cc/schema';
import type { Schema, TransactionManager, TransactionOptions } from '@cc/tx';
import { isDatabaseError } from '@cc/tx/errors';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type { CachePort } from './contract/cache-port.js';
import type { MetadataRecord } from './contract/metadata.js';
import type { Kept, Written } from './read-through.js';
import { endedBySilence } from './silence.js';
import {
  asManyAsFit,
  type BoundResult,
  type BoundStatement,
  type Cells,
  isTooLarge,
  type StatementClient,
} from './statement.js';

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
  /** Ids of collections and saved searches are made alike. */
  readonly newId: () => ModelId;
  readonly kept: Kept<Model, MetadataRecord>;
  /** How many of the next calls of several reads begin with a snapshot, because somebody writes. */
  readonly moments: { snapshots: number };
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
 * The same for one statement, which is a transaction by itself. `work` answers `false` or 0 when it has changed nothing; otherwise
 * `written` is what it has changed. On a local database that is told in the turn of its COMMIT; a server's COMMIT is answered later
 * all the same.
 */
export async function writeOnce<T>(context: Context, written: Written, work: () => Promise<T>): Promise<T> {
  const { cache, transactions, kept } = context;
  if (cache === undefined) return work();
  let isTold = false;
  const committed = (rowsAffected: number): void => {
    isTold = true;
    if (rowsAffected > 0) kept.written(written);
  };
  try {
    const result = await transactions.changes.declared(cache, work, committed);
    // In a transaction, or on a server.
    if (!isTold && result !== false && result !== 0) kept.written(written);
    return result;
  } catch (error) {
    if (isDatabaseError(error) && error.outcome === 'unknown') kept.forget();
    throw error;
  }
}

/** Runs `work` in a transaction or, inside one, in a savepoint: for work of several writes that stand or fall together. */
export function writeTogether<T>(context: Context, work: () => Promise<T>): Promise<T> {
  return declared(context, () => context.transactions.transaction(work, { propagation: 'nested' }));
}

/**
 * The same for work that takes as long as the library is large: `transactionTimeoutMs` does not end it, or it would never be done.
 * `work` calls `stepped` with each step that it has taken, so that on a server only one that stays silent ends it.
 */
export function writeTogetherForLong<T>(context: Context, work: (stepped: () => void) => Promise<T>): Promise<T> {
  const { transactions } = context;
  return withoutLimit(transactions, work, (watched, limits) =>
    declared(context, () => transactions.transaction(watched, { propagation: 'nested', ...limits })),
  );
}

/** Whether each answer of the database takes a round trip over a network, writes of a replica among them. */
export function isOnServer({ transactions }: Context): boolean {
  const { target } = transactions.capabilities;
  return target === 'remote' || target === 'replica';
}

/**
 * Runs statements in their order in the transaction of the calling context, in one round trip where there are any. Elsewhere one by
 * one: the savepoint of a batch would keep a copy of every page that each of its statements touches.
 */
export async function runInOrder(
  context: Context,
  statements: readonly BoundStatement[],
): Promise<readonly BoundResult[]> {
  if (isOnServer(context)) return context.client.batch([...statements], 'write');
  const results: BoundResult[] = [];
  for (const statement of statements) results.push(await context.client.execute(statement));
  return results;
}

/** While others write, so many calls read in a snapshot at once before one tries again without. */
const snapshotsBesideWriters = 15;

/**
 * Runs reads of which one goes by what the other has found: all see the database of one moment, that of the calling transaction if
 * there is one. On files and in memory they are read as they are, and again in a snapshot if something was committed meanwhile,
 * which happens seldom and costs half a short search; over a network in a snapshot at once.
 */
export async function atOneMoment<T>(context: Context, reads: () => Promise<T>): Promise<T> {
  const { transactions, moments } = context;
  const { changes, capabilities } = transactions;
  const isLocal = capabilities.target === 'local' || capabilities.target === 'memory';
  if (!isLocal || transactions.current() !== undefined) return inSnapshot(context, reads);
  if (moments.snapshots > 0) {
    moments.snapshots -= 1;
    return inSnapshot(context, reads);
  }
  const before = changes.look();
  if (before === undefined) return inSnapshot(context, reads);
  const answer = await reads();
  if (changes.look() === before) return answer;
  moments.snapshots = snapshotsBesideWriters;
  return inSnapshot(context, reads);
}

/**
 * Reads up to `wanted` rows of an order by `read`, which answers so many behind `last` (null: the first ones): at once, or where they
 * are larger than the server sends in parts, of one moment all the same.
 */
export async function readInOrder(
  context: Context,
  wanted: number,
  read: (limit: number, last: Cells | null) => Promise<readonly Cells[]>,
): Promise<readonly Cells[]> {
  try {
    return await read(wanted, null);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
  }
  return inSnapshot(context, async (stepped) => {
    const rows: Cells[] = [];
    for (let size = wanted; ; ) {
      const last = rows.at(-1) ?? null;
      const { answer, asked } = await asManyAsFit(Math.min(size, wanted - rows.length), (limit) => read(limit, last));
      stepped();
      rows.push(...answer);
      if (answer.length < asked || rows.length === wanted) return rows;
      size = asked;
    }
  });
}

/** Runs reads that take long in one snapshot, ended as little. On files, in memory and on replicas nobody waits for it. */
export function inSnapshot<T>({ transactions }: Context, reads: (stepped: () => void) => Promise<T>): Promise<T> {
  if (transactions.current() !== undefined) return reads(() => undefined);
  return withoutLimit(transactions, reads, (watched, limits) =>
    transactions.transaction(watched, { mode: 'read', ...limits }),
  );
}

/** A server that says nothing for so long is not waited for any more. */
const longestSilenceMs = 60_000;

/** Has `run` begin a transaction of `work` that takes as long as it needs: only the silence of a server ends it. */
function withoutLimit<T>(
  { capabilities }: Transactions,
  work: (stepped: () => void) => Promise<T>,
  run: (watched: () => Promise<T>, limits: Pick<TransactionOptions, 'timeoutMs' | 'signal'>) => Promise<T>,
): Promise<T> {
  const timeoutMs = Number.POSITIVE_INFINITY;
  if (capabilities.target !== 'remote') return run(() => work(() => undefined), { timeoutMs });
  return endedBySilence(longestSilenceMs, work, (watched, signal) => run(watched, { timeoutMs, signal }));
}

/** What is written here is told to the cache by `kept.written`: it need not drop all that it has. */
function declared<T>({ cache, transactions }: Context, work: () => Promise<T>): Promise<T> {
  return cache ? transactions.changes.declared(cache, work) : work();
}
