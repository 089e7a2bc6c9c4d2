// The targets that the suites run against, each opened on data of its own.
import { patient, placeIn, type TargetName } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { onTestFinished } from 'vitest';
import {
  isDatabaseError,
  openTransactionManager,
  type TransactionManager,
  type TransactionManagerOptions,
} from '../src/index.js';

export { patient, type TargetName, targets } from '@cc/testkit/targets';
export { temporaryFolder } from '@cc/testkit/temporary-folder';

export const items = sqliteTable('items', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  amount: integer('amount').notNull().default(0),
});

export const schema = { items };
export type TestManager = TransactionManager<typeof schema>;

const ddl = 'create table items (id integer primary key, name text not null unique, amount integer not null default 0)';

/** Opens a database with one table `items`, closed after the test. */
export async function openTarget(
  name: TargetName,
  options: Omit<TransactionManagerOptions<typeof schema>, 'url' | 'schema'> = {},
): Promise<TestManager> {
  const manager = await openTransactionManager({
    ...(await placeIn(await temporaryFolder(), name)),
    schema,
    ...patient,
    ...options,
  });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run(ddl);
  return manager;
}

/** The names in `items`, by id. */
export async function names(manager: TestManager): Promise<string[]> {
  return (await manager.db.select({ name: items.name }).from(items).orderBy(items.id)).map((row) => row.name);
}

/** The first of as many calls as it takes that a short limit does not end: on a busy machine any may be late. */
export async function inTime<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isDatabaseError(error) || error.type !== 'timeout') throw error;
    }
  }
}

/** A promise and what settles it. */
export function deferred<T = void>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
