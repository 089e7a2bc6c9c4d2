// An option that is undefined is one that is absent, in every call: its default holds. The types list the options, so that
// a new one has to be added here.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import {
  type BackupOptions,
  type ConnectionOptions,
  createErrorHandler,
  DatabaseError,
  type ErrorHandlerOptions,
  openTransactionManager,
  type RetryOptions,
  type TransactionManagerOptions,
  type TransactionOptions,
} from '../src/index.js';
import { type RestoreFileOptions, restoreFile } from '../src/restore.js';
import { openTarget, temporaryFolder } from './target.js';

type Undefined<T, Needed extends keyof T = never> = { readonly [K in keyof Omit<T, Needed>]-?: undefined };

const opening: Undefined<TransactionManagerOptions, 'url'> = {
  schema: undefined,
  casing: undefined,
  logger: undefined,
  authToken: undefined,
  syncUrl: undefined,
  syncIntervalMs: undefined,
  onSyncProgress: undefined,
  encryptionKey: undefined,
  readOnly: undefined,
  readers: undefined,
  pragmas: undefined,
  statementCacheSize: undefined,
  acquireTimeoutMs: undefined,
  transactionTimeoutMs: undefined,
  maxOpenTransactions: undefined,
  outcomeTtlMs: undefined,
  retry: undefined,
};
const bounds: Undefined<RetryOptions> = { maxAttempts: undefined, baseDelayMs: undefined, maxDelayMs: undefined };
const transaction: Undefined<TransactionOptions> = {
  mode: undefined,
  propagation: undefined,
  retry: undefined,
  timeoutMs: undefined,
  signal: undefined,
  idempotencyKey: undefined,
  label: undefined,
};
const connection: Undefined<ConnectionOptions> = { mode: undefined, timeoutMs: undefined, signal: undefined };
const backup: Undefined<BackupOptions> = { checksum: undefined, onProgress: undefined, signal: undefined };
const handler: Undefined<ErrorHandlerOptions> = {
  backupFolder: undefined,
  restore: undefined,
  timeoutMs: undefined,
  now: undefined,
  onRecovery: undefined,
};
const restore: Undefined<RestoreFileOptions, 'database' | 'backup'> = {
  encryptionKey: undefined,
  inspect: undefined,
  now: undefined,
};

it('opens, leases, copies, restores, recovers and closes with every option undefined', async () => {
  const folder = await temporaryFolder();
  const database = join(folder, 'a.db');
  const manager = await openTransactionManager({ url: pathToFileURL(database).href, ...opening });
  await manager.db.run('create table t (x)');
  const lease = await manager.getConnection(connection);
  lease.release();
  expect(await manager.backup(join(folder, 'copy.db'), backup)).not.toHaveProperty('sha256');
  expect(await createErrorHandler(manager, handler).run(async () => 1)).toBe(1);
  await manager.close({ drainMs: undefined });
  const copy = { database: join(folder, 'b.db'), backup: join(folder, 'copy.db') };
  expect(await restoreFile({ ...copy, ...restore })).toMatchObject({ database: copy.database, kept: null });
});

it.each([
  ['the retries of a transaction', {}, { retry: bounds }],
  ['the retries of a manager', { retry: bounds }, {}],
  ['everything of a transaction', {}, transaction],
])('leaves the defaults for %s', async (_, options, call) => {
  const manager = await openTarget(':memory:', options);
  const attempts: number[] = [];
  manager.subscribe((event) => event.type === 'retry' && attempts.push(event.attempt));
  const busy = new DatabaseError('busy', { type: 'lock', code: 'BUSY', operation: 'a test', recoverable: true });
  await expect(manager.transaction(() => Promise.reject(busy), call)).rejects.toBe(busy);
  expect(attempts).toEqual([1, 2, 3, 4]);
});
