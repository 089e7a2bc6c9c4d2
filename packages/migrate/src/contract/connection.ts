// As much of a database as this package works with.
import type { ConnectionLease, TransactionManager } from '@cc/tx';

/** A held connection. */
export type Connection = ConnectionLease['client'];

/** As much of a connection as reading needs. */
export interface Readable {
  execute(sql: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/** What migrations need of a transaction manager. */
export type MigrationDatabase = Pick<
  TransactionManager,
  'getConnection' | 'current' | 'capabilities' | 'sync' | 'backup' | 'url'
> &
  // Waits are told of where it is there.
  Partial<Pick<TransactionManager, 'subscribe'>>;
