// Real databases in folders of their own, closed and removed after the test.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { onTestFinished } from 'vitest';

export const items = sqliteTable('items', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
});

/**
 * For monitors with a clock of the test: readings come when the test asks for them, however long it takes, and how busy or full
 * the machine is makes nothing sick.
 */
export const onlyWhenAsked = Object.freeze({
  intervalMs: 2 ** 31 - 1,
  limits: { eventLoopDelayMs: false, memoryRatio: false, diskFreeBytes: false },
} as const);

export interface TestDatabase {
  readonly file: string;
  readonly manager: TransactionManager;
}

/** A new file with one table `items`. */
export async function openDatabase(options: { readonly readers?: number } = {}): Promise<TestDatabase> {
  const file = join(await temporaryFolder(), 'test.db');
  const manager = await openManager(pathToFileURL(file).href, options);
  await manager.db.run('create table items (id integer primary key, name text not null unique)');
  return { file, manager };
}

export async function openManager(
  url: string,
  options: { readonly readers?: number } = {},
): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}
