// Databases to break and the errors that come of it, for the tests of recovery.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished } from 'vitest';
import { DatabaseError, openTransactionManager, type TransactionManager } from '../src/index.js';
import type { TransactionManagerOptions } from '../src/options.js';
import { patient, temporaryFolder } from './target.js';

export type Options = Omit<TransactionManagerOptions, 'url'>;

export async function openAt(url: string, options: Options = {}): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url, ...patient, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

/** A manager of a file with a table `t` of one row. */
export async function openFile(
  options: Options = {},
): Promise<{ manager: TransactionManager; folder: string; path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, 'library.db');
  const manager = await openAt(pathToFileURL(path).href, options);
  await manager.db.run(sql`create table t (id integer primary key, data blob)`);
  await manager.db.run(sql`insert into t (data) values (1)`);
  return { manager, folder, path };
}

export async function failureOf(work: () => PromiseLike<unknown>): Promise<DatabaseError> {
  const error: unknown = await Promise.resolve(work()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DatabaseError);
  return error as DatabaseError;
}

export function failure(type: DatabaseError['type'], code: string): DatabaseError {
  return new DatabaseError('made for the test', { type, code, operation: 'test' });
}

export async function count(manager: TransactionManager): Promise<unknown> {
  return (await manager.db.values(sql`select count(*) from t`))[0]?.[0];
}
