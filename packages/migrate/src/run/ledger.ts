// What the database knows of its migrations: drizzle's table, shared with drizzle's own migrator, and our log beside it.
// Read by standing.ts; the statements that write it are in transition.ts.
import type { ConnectionLease } from '@cc/tx';
import type { MigrationDirection } from '../types.js';

/** A held connection. */
export type Connection = ConnectionLease['client'];

/** A row of drizzle's table: a migration that is applied. */
export interface AppliedRow {
  readonly createdAt: number;
  readonly hash: string;
}

/** A row of our log: one run of one migration. */
export interface LogEntry extends AppliedRow {
  readonly version: string;
  readonly direction: MigrationDirection;
  /** The down text at the time of an up; null when there was none. */
  readonly downSql: string | null;
  readonly at: Date;
  readonly durationMs: number;
  /** Who ran it, as `user@host`; null when it was not kept. */
  readonly by: string | null;
  /** Mark of the attempt (transition.ts). */
  readonly attempt: string | null;
}

/** Both tables at one moment. */
export interface Ledger {
  /** Ordered by `createdAt`. */
  readonly rows: readonly AppliedRow[];
  /** Oldest first. */
  readonly log: readonly LogEntry[];
  /** Changes with every change of `rows`. Compared inside the transaction of a migration. */
  readonly head: string;
  /** Columns of our log, as an earlier version of this package may have made it; empty without one. */
  readonly columns: readonly string[];
}

/** The newest up run of the migration in `row`, unless drizzle's own migrator applied it. */
export function upRunOf(log: readonly LogEntry[], row: AppliedRow): LogEntry | null {
  const last = log.findLast((entry) => entry.createdAt === row.createdAt);
  return last?.direction === 'up' && last.hash === row.hash ? last : null;
}

/** One line per applied migration, as SQL: its result is `Ledger.head`. Servers parse no ORDER BY inside group_concat. */
export const headSql = `(SELECT coalesce(group_concat(line, char(10)), '') FROM (
  SELECT created_at || ' ' || hash AS line FROM __drizzle_migrations ORDER BY created_at, rowid))`;

/** Columns that came later. */
const laterColumns: Readonly<Record<string, string>> = {
  run_by: 'run_by TEXT',
  attempt: 'attempt TEXT',
  left_over: 'left_over INTEGER NOT NULL DEFAULT 0 CONSTRAINT cc_left_over CHECK (left_over = 0)',
};

/** Statements that bring both tables into their present form. The first is drizzle's own text. */
export function ledgerTables({ columns }: Ledger): readonly string[] {
  const missing = Object.entries(laterColumns).filter(([name]) => columns.length > 0 && !columns.includes(name));
  return [
    'CREATE TABLE IF NOT EXISTS __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
    `CREATE TABLE IF NOT EXISTS __cc_migrations (
	run INTEGER PRIMARY KEY AUTOINCREMENT,
	created_at INTEGER NOT NULL,
	version TEXT NOT NULL,
	direction TEXT NOT NULL,
	hash TEXT NOT NULL,
	down_sql TEXT,
	started_at INTEGER NOT NULL,
	duration_ms INTEGER NOT NULL DEFAULT 0,
	head_matches INTEGER NOT NULL CONSTRAINT cc_lock_lost CHECK (head_matches),
	losses INTEGER NOT NULL DEFAULT 0 CONSTRAINT cc_data_loss CHECK (losses = 0),
	violations_before INTEGER NOT NULL,
	violations_after INTEGER CONSTRAINT cc_foreign_key CHECK (violations_after <= violations_before),
	${Object.values(laterColumns).join(',\n\t')}
)`,
    ...missing.map(([, column]) => `ALTER TABLE __cc_migrations ADD COLUMN ${column}`),
  ];
}

/** Reads both tables without writing; absent ones count as empty. */
export async function readLedger(connection: Connection): Promise<Ledger> {
  const { rows: found } = await connection.execute(`SELECT s.name AS "table", c.name AS "column"
FROM sqlite_schema s JOIN pragma_table_info(s.name) c
WHERE s.type = 'table' AND s.name IN ('__drizzle_migrations', '__cc_migrations')`);
  const columnsOf = (name: string): readonly string[] =>
    found.filter(({ table }) => table === name).map(({ column }) => String(column));
  const columns = columnsOf('__cc_migrations');
  const log = columns.length > 0 ? await readLog(connection, columns) : [];
  if (columnsOf('__drizzle_migrations').length === 0) return { rows: [], log, head: '', columns };
  const { rows } = await connection.execute(
    `SELECT created_at, hash, ${headSql} AS head FROM __drizzle_migrations ORDER BY created_at, rowid`,
  );
  return {
    rows: rows.map((row) => ({ createdAt: Number(row['created_at']), hash: String(row['hash']) })),
    log,
    head: String(rows[0]?.['head'] ?? ''),
    columns,
  };
}

async function readLog(connection: Connection, columns: readonly string[]): Promise<readonly LogEntry[]> {
  const later = ['run_by', 'attempt'].map((name) => (columns.includes(name) ? name : `NULL AS ${name}`));
  const { rows } = await connection.execute(
    `SELECT created_at, version, direction, hash, down_sql, started_at, duration_ms, ${later.join(', ')}
FROM __cc_migrations ORDER BY run`,
  );
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return rows.map((row) => ({
    createdAt: Number(row['created_at']),
    version: String(row['version']),
    direction: row['direction'] === 'down' ? 'down' : 'up',
    hash: String(row['hash']),
    downSql: text(row['down_sql']),
    at: new Date(Number(row['started_at'])),
    durationMs: Number(row['duration_ms']),
    by: text(row['run_by']),
    attempt: text(row['attempt']),
  }));
}
