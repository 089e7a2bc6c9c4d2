// The public names of @cc/tx. Error details are in @cc/tx/errors, which loads no native driver.
export type { BackupInfo } from './backup/backup.js';
export type { DatabaseErrorType } from './errors.js';
export { DatabaseError, isDatabaseError } from './errors.js';
export type { PoolEvent, TransactionEvent, TransactionEvents } from './events.js';
export type { OffloadOptions } from './offload.js';
export { openTransactionManager } from './open.js';
export type { TransactionManagerOptions } from './options.js';
export { transactionManagerDefaults } from './options.js';
export type { DatabaseErrorHandler, ErrorHandlerOptions } from './recovery/recovery.js';
export { createErrorHandler } from './recovery/recovery.js';
export type {
  Capabilities,
  ConnectionLease,
  ConnectionOptions,
  Database,
  PoolStats,
  Propagation,
  RetryOptions,
  Schema,
  Transaction,
  TransactionManager,
  TransactionOptions,
} from './types.js';
