// Writes what baseline and repair have found into both tables, in one transaction that runs no migration: a compare-and-swap
// like that of run/transition.ts, which here also covers the schema that was compared.
import { toDatabaseError } from '@cc/tx/errors';
import { schemaTextSql } from '../check/picture.js';
import type { Connection } from '../contract/connection.js';
import { migrationError } from '../errors.js';
import { type AppliedRow, headOf, headSql, type Ledger, ledgerTables, readLedger } from '../run/ledger.js';
import { type BoundStatement, checks, isCheck, nowMs, thisEntry } from '../run/transition.js';
import { quoteName } from '../sql/words.js';

/** One line for the log. */
export interface LogLine extends AppliedRow {
  readonly version: string;
  /** `baseline`, or `repair` and what it mends. */
  readonly direction: string;
  readonly downSql: string | null;
}

/** What to write. */
export interface Recording {
  /** At least one. */
  readonly lines: readonly LogLine[];
  /** Changes to drizzle's table. */
  readonly changes: readonly RowChange[];
  /** Its rows afterwards, by `createdAt`. */
  readonly rows: readonly AppliedRow[];
}

/** What the database must still be like, and who writes. */
export interface Unchanged {
  readonly ledger: Ledger;
  readonly schemaText: string;
  readonly by: string;
}

/** The statement that makes a change, for the quoted name of the table. */
export type RowChange = (table: string) => BoundStatement;

/** Statements that change one row of drizzle's table. Rows can be equal, so each touches the last one that fits. */
export const rowChanges = {
  insert:
    ({ createdAt, hash }: AppliedRow): RowChange =>
    (table) => ({ sql: `INSERT INTO ${table} (hash, created_at) VALUES (?, ?)`, args: [hash, createdAt] }),
  remove:
    ({ createdAt, hash }: AppliedRow): RowChange =>
    (table) => ({ sql: `DELETE FROM ${table} WHERE rowid = ${lastRow(table)}`, args: [createdAt, hash] }),
  replace:
    (from: AppliedRow, to: AppliedRow): RowChange =>
    (table) => ({
      sql: `UPDATE ${table} SET hash = ?, created_at = ? WHERE rowid = ${lastRow(table)}`,
      args: [to.hash, to.createdAt, from.createdAt, from.hash],
    }),
} as const;

const lastRow = (table: string): string => `(SELECT max(rowid) FROM ${table} WHERE created_at = ? AND hash = ?)`;

/**
 * Writes `recording` unless the database has changed since it was looked at; returns whether it did.
 *
 * @throws DatabaseError of the database, with nothing written
 */
export async function record(connection: Connection, recording: Recording, since: Unchanged): Promise<boolean> {
  try {
    await connection.migrate(batchOf(recording, since));
    return true;
  } catch (error) {
    const failure = toDatabaseError(error, 'record migrations');
    if (failure.outcome === 'unknown')
      return (await readLedger(connection, since.ledger.table)).head === headOf(recording.rows);
    if (isCheck(failure, checks.lockLost) || failure.type === 'lock') return false;
    throw failure;
  }
}

/** The error of a call that lost to other runners `attempts` times. */
export function outrun(operation: string, attempts: number): Error {
  return migrationError('lock_lost', `Other runners or a lock got in the way ${attempts} times`, {
    operation,
    hint: 'Nothing was recorded. Run again when nobody else migrates this database: cc-migrate history says who does',
  });
}

function batchOf({ lines, changes, rows }: Recording, { ledger, schemaText, by }: Unchanged): BoundStatement[] {
  return [
    ...ledgerTables(ledger),
    ...lines.map(({ createdAt, version, direction, hash, downSql }, index) => ({
      // The first one also takes the write lock.
      sql: `INSERT INTO __cc_migrations (created_at, version, direction, hash, down_sql, run_by, started_at, head_matches, violations_before)
VALUES (?, ?, ?, ?, ?, ?, ${nowMs}, ${index === 0 ? `${headSql(ledger)} = ? AND ${schemaTextSql} = ?` : '1'}, 0)`,
      args: [createdAt, version, direction, hash, downSql, by, ...(index === 0 ? [ledger.head, schemaText] : [])],
    })),
    ...changes.map((change) => change(quoteName(ledger.table))),
    // What was compared is what is recorded, or nothing is.
    { sql: `UPDATE __cc_migrations SET head_matches = ${headSql(ledger)} = ? ${thisEntry}`, args: [headOf(rows)] },
  ];
}
