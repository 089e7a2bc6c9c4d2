// What the database knows of its migrations: drizzle's table, shared with drizzle's own migrator, and our log beside it.
// Read by standing.ts; the statements that write it are in transition.ts.
import type { ConnectionLease } from '@cc/tx';
import type { MigrationRepairKind } from '../care/answers.js';
import type { MigrationDirection } from '../types.js';

/** A held connection. */
export type Connection = ConnectionLease['client'];

/** A row of drizzle's table: a migration that is applied. */
export interface AppliedRow {
  readonly createdAt: number;
  readonly hash: string;
}

/** A row of our log: one run of one migration, or one mark that baseline or repair made. */
export interface LogEntry extends AppliedRow {
  readonly version: string;
  /** Whether the migration counted as applied afterwards. */
  readonly direction: MigrationDirection;
  /** `run`: its statements ran. Else it was only recorded. */
  readonly kind: 'run' | 'baseline' | 'repair';
  /** What a repair mended; null for the other kinds. */
  readonly repaired: MigrationRepairKind | null;
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

/** The run behind `entry`: itself, or for a repair the newest run up of that migration; null when there was none of ours. */
export function lastRunOf(log: readonly LogEntry[], entry: LogEntry): LogEntry | null {
  if (entry.kind !== 'repair') return entry.kind === 'run' ? entry : null;
  return (
    log.findLast(({ version, kind, direction }) => version === entry.version && kind === 'run' && direction === 'up') ??
    null
  );
}

/** `Ledger.head` of `rows`. */
export function headOf(rows: readonly AppliedRow[]): string {
  return rows.map(({ createdAt, hash }) => `${createdAt} ${hash}`).join('\n');
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
    ...parseDirection(String(row['direction'])),
    hash: String(row['hash']),
    downSql: row['down_sql'] === null ? null : String(row['down_sql']),
    at: new Date(Number(row['started_at'])),
    durationMs: Number(row['duration_ms']),
  }));
}

const repairKinds = [
  'duplicate',
  'renumbered',
  'edited',
  'missing',
  'unrecorded',
] as const satisfies readonly MigrationRepairKind[];

/** The column holds `up`, `down`, `baseline`, or `repair` and what was mended. A `missing` one counts as taken back. */
function parseDirection(text: string): Pick<LogEntry, 'direction' | 'kind' | 'repaired'> {
  const repaired = repairKinds.find((kind) => text === `repair ${kind}`) ?? null;
  if (repaired) return { direction: repaired === 'missing' ? 'down' : 'up', kind: 'repair', repaired };
  return { direction: text === 'down' ? 'down' : 'up', kind: text === 'baseline' ? 'baseline' : 'run', repaired };
}
