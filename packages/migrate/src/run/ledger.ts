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
}

/** Both tables at one moment. */
export interface Ledger {
  /** Ordered by `createdAt`. */
  readonly rows: readonly AppliedRow[];
  /** Oldest first. */
  readonly log: readonly LogEntry[];
  /** Changes with every change of `rows`. Compared inside the transaction of a migration. */
  readonly head: string;
}

/** The newest up run of the migration in `row`, unless drizzle's own migrator applied it. */
export function upRunOf(log: readonly LogEntry[], row: AppliedRow): LogEntry | null {
  const last = log.findLast((entry) => entry.createdAt === row.createdAt);
  return last?.direction === 'up' && last.hash === row.hash ? last : null;
}

/** One line per applied migration, as SQL: its result is `Ledger.head`. Servers parse no ORDER BY inside group_concat. */
export const headSql = `(SELECT coalesce(group_concat(line, char(10)), '') FROM (
  SELECT created_at || ' ' || hash AS line FROM __drizzle_migrations ORDER BY created_at, rowid))`;

/** Creates both tables where they are absent; the first is drizzle's own text. */
export const createTables = [
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
	violations_after INTEGER CONSTRAINT cc_foreign_key CHECK (violations_after <= violations_before)
)`,
] as const;

/** Reads both tables without writing; absent ones count as empty. */
export async function readLedger(connection: Connection): Promise<Ledger> {
  const { rows: tables } = await connection.execute(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('__drizzle_migrations', '__cc_migrations')`,
  );
  const exists = (table: string): boolean => tables.some(({ name }) => name === table);
  const log = exists('__cc_migrations') ? await readLog(connection) : [];
  if (!exists('__drizzle_migrations')) return { rows: [], log, head: '' };
  const { rows } = await connection.execute(
    `SELECT created_at, hash, ${headSql} AS head FROM __drizzle_migrations ORDER BY created_at, rowid`,
  );
  return {
    rows: rows.map((row) => ({ createdAt: Number(row['created_at']), hash: String(row['hash']) })),
    log,
    head: String(rows[0]?.['head'] ?? ''),
  };
}

async function readLog(connection: Connection): Promise<readonly LogEntry[]> {
  const { rows } = await connection.execute(
    'SELECT created_at, version, direction, hash, down_sql, started_at, duration_ms FROM __cc_migrations ORDER BY run',
  );
  return rows.map((row) => ({
    createdAt: Number(row['created_at']),
    version: String(row['version']),
    direction: row['direction'] === 'down' ? 'down' : 'up',
    hash: String(row['hash']),
    downSql: row['down_sql'] === null ? null : String(row['down_sql']),
    at: new Date(Number(row['started_at'])),
    durationMs: Number(row['duration_ms']),
  }));
}
