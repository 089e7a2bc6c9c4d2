// The public names of @cc/tx. Error details are in @cc/tx/errors, which loads no native driver.

// What `db` and `$client` take and answer. The declarations of a program name these types, and @libsql/client is no dependency
// of the program, in which pnpm would find it.
export type {
  Client,
  InArgs,
  InStatement,
  InValue,
  Replicated,
  ResultSet,
  Row,
  Transaction as ClientTransaction,
  TransactionMode,
  Value,
} from '@libsql/client';
export type { DatabaseErrorType } from './errors.js';
export { DatabaseError, isDatabaseError } from './errors.js';
export type {
  HookErrorEvent,
  ManagerEvent,
  PoolEvent,
  QueryEvent,
  RetryEvent,
  StorageEvent,
  SyncEvent,
  SyncProgressEvent,
  TransactionEvent,
} from './events.js';
export { openTransactionManager } from './open.js';
export type { TransactionManagerOptions } from './options.js';
export { transactionManagerDefaults } from './options.js';
export type { Pragmas } from './pragma-values.js';
export type {
  DatabaseErrorHandler,
  ErrorCounts,
  ErrorHandlerOptions,
  RecoveryAttempt,
  RepairName,
} from './recovery/recovery.js';
export { createErrorHandler } from './recovery/recovery.js';
export type {
  BackupInfo,
  BackupOptions,
  BackupProgress,
  Capabilities,
  ConnectionLease,
  ConnectionOptions,
  Database,
  DatabaseChanges,
  LeasedClient,
  OffloadOptions,
  PoolStats,
  Propagation,
  RetryOptions,
  Schema,
  Transaction,
  TransactionManager,
  TransactionOptions,
  Witnessed,
} from './types.js';
