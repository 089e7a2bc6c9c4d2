// The public names of @cc/tx.
export type { BackupInfo, BackupOptions, BackupProgress } from './backup.js';
export type { ConstraintDetails, DatabaseErrorFields, DatabaseErrorType } from './errors.js';
export { DatabaseError, isDatabaseError, toDatabaseError } from './errors.js';
export type {
  HookErrorEvent,
  PoolEvent,
  QueryEvent,
  RetryEvent,
  SyncEvent,
  TransactionEvent,
  TransactionEvents,
} from './events.js';
export type { OffloadOptions } from './offload.js';
export { openTransactionManager } from './open.js';
export type { TransactionManagerOptions } from './options.js';
export { transactionManagerDefaults } from './options.js';
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
