// The public names of @cc/tx.
export type { ConstraintDetails, DatabaseErrorFields, DatabaseErrorType } from './errors.js';
export { DatabaseError, isDatabaseError, toDatabaseError } from './errors.js';
export type {
  HookErrorEvent,
  PoolEvent,
  QueryEvent,
  RetryEvent,
  TransactionEvent,
  TransactionEvents,
} from './events.js';
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
