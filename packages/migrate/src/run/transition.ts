// One migration as one batch: compare-and-swap, its statements, drizzle's row, and the checks before COMMIT.
// Built by plan.ts, sent by run.ts through client.migrate(), which gives one transaction with foreign keys off.
import type { ConnectionLease } from '@cc/tx';
import type { Statement } from '../sql/statements.js';
import type { MigrationDirection } from '../types.js';
import type { DataLossGuard } from './data-loss.js';
import { type AppliedRow, createTables, headSql } from './ledger.js';

/** SQL with bound values. */
export type BoundStatement = Parameters<ConnectionLease['client']['migrate']>[0][number];

/** One migration, ready to run. */
export interface Transition extends AppliedRow {
  readonly version: string;
  readonly direction: MigrationDirection;
  readonly statements: readonly Statement[];
  readonly downSql: string | null;
  /** Counts, inside the transaction, what must not be there to lose. Null = losing is allowed. */
  readonly guard: DataLossGuard | null;
}

/** `cc_…` constraints of our log, by which the checks inside the transaction fail. */
export const checks = { lockLost: 'cc_lock_lost', dataLoss: 'cc_data_loss', foreignKey: 'cc_foreign_key' } as const;

/** The database's clock; 'now' is taken anew for each statement. */
export const nowMs = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
const violations = '(SELECT count(*) FROM pragma_foreign_key_check)';

/** Returns what runs in one transaction, if the applied migrations still are those of `head`. */
export function batchOf(transition: Transition, head: string): BoundStatement[] {
  const { version, direction, createdAt, hash, statements, downSql, guard } = transition;
  const thisRun = 'WHERE run = (SELECT max(run) FROM __cc_migrations)';
  return [
    ...createTables,
    {
      // First of all, so that a second runner fails here, before it changed anything. It also takes the write lock.
      sql: `INSERT INTO __cc_migrations (created_at, version, direction, hash, down_sql, started_at, head_matches, violations_before)
VALUES (?, ?, ?, ?, ?, ${nowMs}, ${headSql} = ?, ${violations})`,
      args: [createdAt, version, direction, hash, downSql, head],
    },
    ...(guard ? [`UPDATE __cc_migrations SET losses = ${guard.sql} ${thisRun}`] : []),
    ...statements.map(({ sql }) => sql),
    direction === 'up'
      ? { sql: 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', args: [hash, createdAt] }
      : { sql: 'DELETE FROM __drizzle_migrations WHERE created_at = ? AND hash = ?', args: [createdAt, hash] },
    `UPDATE __cc_migrations SET violations_after = ${violations}, duration_ms = ${nowMs} - started_at ${thisRun}`,
  ];
}
