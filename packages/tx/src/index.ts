// The public names of @cc/tx. Error details are in @cc/tx/errors, which loads no native driver.

export type { DatabaseErrorType } from './errors.js';
export { DatabaseError, isDatabaseError } from './errors.js';
export type { PoolEvent, TransactionEvent, TransactionEvents } from './events.js';
export { openTransactionManager } from './open.js';
export type { TransactionManagerOptions } from './options.js';
export { transactionManagerDefaults } from './options.js';
export type { DatabaseErrorHandler, ErrorHandlerOptions } from './recovery/recovery.js';
export { createErrorHandler } from './recovery/recovery.js';
export type {
  BackupInfo,
  Capabilities,
  ConnectionLease,
  ConnectionOptions,
  Database,
  DatabaseChanges,
  OffloadOptions,
  PoolStats,
  Propagation,
  RetryOptions,
  Schema,
  Transaction,
  TransactionManager,
  TransactionOptions,
} from './types.js';
