// What the database knows of its migrations: drizzle's table, shared with drizzle's own migrator, and our log beside it.
// Read by standing.ts; the statements that write it are in transition.ts.

import type { Readable } from '../contract/connection.js';
import type { MigrationDirection, MigrationRepairKind } from '../contract/migration.js';
import { migrationError } from '../errors.js';
import { drizzleTable, isLedger } from '../sql/bookkeeping.js';
import { foldName, quoteName, quoteText } from '../sql/words.js';

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
  /** Who ran it, as `user@host`; null when it was not kept. */
  readonly who: string | null;
  /** Mark of the attempt (transition.ts). */
  readonly attempt: string | null;
}

/** Both tables at one moment. */
export interface Ledger {
  /** Name of drizzle's table. */
  readonly table: string;
  /** Tables like it under other names, read where it holds nothing itself. */
  readonly others: readonly { readonly table: string; readonly hashes: readonly string[] }[];
  /** Ordered by `createdAt`. */
  readonly rows: readonly AppliedRow[];
  /** Oldest first. */
  readonly log: readonly LogEntry[];
  /** `createdAt` of those that are being taken back in slices, or were when that ended in the middle. */
  readonly begun: readonly number[];
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
export function headSql({ table }: Pick<Ledger, 'table'>): string {
  return `(SELECT coalesce(group_concat(line, char(10)), '') FROM (
  SELECT created_at || ' ' || hash AS line FROM ${quoteName(table)} ORDER BY created_at, rowid))`;
}

/** Columns that came later. */
const laterColumns: Readonly<Record<string, string>> = {
  run_by: 'run_by TEXT',
  attempt: 'attempt TEXT',
  orphans: 'orphans TEXT',
  left_over: 'left_over INTEGER NOT NULL DEFAULT 0 CONSTRAINT cc_left_over CHECK (left_over = 0)',
};

/** drizzle's own text. */
const createDrizzles = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quoteName(table)} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`;
const createLog = `CREATE TABLE IF NOT EXISTS __cc_migrations (
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
)`;

/** Creates what `ledger` lacks: both tables, or the columns of a log of an earlier version. */
export function ledgerTables({ table, rows, columns }: Pick<Ledger, 'table' | 'rows' | 'columns'>): readonly string[] {
  const missing = Object.entries(laterColumns).filter(([name]) => !columns.includes(name));
  return [
    ...(rows.length > 0 ? [] : [createDrizzles(table)]),
    ...(columns.length === 0
      ? [createLog]
      : missing.map(([, column]) => `ALTER TABLE __cc_migrations ADD COLUMN ${column}`)),
  ];
}

/** `ledger` as it is behind `entry`, unless somebody else changes it: the next transaction compares its head. */
export function ledgerBehind(ledger: Ledger, entry: Omit<LogEntry, 'kind' | 'repaired' | 'at' | 'durationMs'>): Ledger {
  const { createdAt, hash, direction } = entry;
  const before = ledger.rows.map((row, index) => ({ row, line: ledger.head.split('\n')[index] ?? '' }));
  const added = { row: { createdAt, hash }, line: headOf([{ createdAt, hash }]) };
  const after =
    direction === 'up'
      ? [...before, added].toSorted((a, b) => a.row.createdAt - b.row.createdAt)
      : before.filter(({ row }) => row.createdAt !== createdAt || row.hash !== hash);
  return {
    ...ledger,
    others: [],
    rows: after.map(({ row }) => row),
    head: after.map(({ line }) => line).join('\n'),
    log: [...ledger.log, { ...entry, kind: 'run', repaired: null, at: new Date(0), durationMs: 0 }],
    columns: [...new Set(['run', ...ledger.columns, ...Object.keys(laterColumns)])],
  };
}

/**
 * Reads both tables without writing; absent ones count as empty.
 *
 * @throws DatabaseError `MIGRATION_CONFIG` when the table of that name is another one
 */
export async function readLedger(connection: Readable, table = drizzleTable): Promise<Ledger> {
  const { rows: found } = await connection.execute(`SELECT s.name AS "table", c.name AS "column"
FROM sqlite_schema s JOIN pragma_table_info(s.name) c
WHERE s.type = 'table' AND (lower(s.name) IN (lower(${quoteText(table)}), '__cc_migrations') OR ${isLedger('s.sql')})`);
  const isNamed = (row: Readonly<Record<string, unknown>>, name: string): boolean =>
    foldName(String(row['table'])) === foldName(name);
  const columnsOf = (name: string): readonly string[] =>
    found.filter((row) => isNamed(row, name)).map(({ column }) => String(column));
  const columns = columnsOf('__cc_migrations');
  const { rows, head, log, begun } = await readBoth(connection, { table, rows: columnsOf(table), log: columns });
  const names = found.filter((row) => !isNamed(row, table) && !isNamed(row, '__cc_migrations'));
  const others = rows.length > 0 ? [] : [...new Set(names.map((row) => String(row['table'])))];
  return { table, others: await readHashes(connection, others), rows, log, begun, head, columns };
}

/** The columns of both tables; empty without one. */
interface Columns {
  readonly table: string;
  readonly rows: readonly string[];
  readonly log: readonly string[];
}

/** Reads both tables by one statement: read one after the other, a run that ends meanwhile would stand in one of them. */
async function readBoth(
  connection: Readable,
  { table, rows: ofRows, log: ofLog }: Columns,
): Promise<Pick<Ledger, 'rows' | 'head' | 'log' | 'begun'>> {
  if (ofRows.length + ofLog.length === 0) return { rows: [], head: '', log: [], begun: [] };
  if (ofRows.length > 0 && !['hash', 'created_at'].every((name) => ofRows.includes(name))) throw foreign(table);
  const applied =
    ofRows.length === 0
      ? `SELECT '[]' AS applied, '' AS head`
      : `SELECT (SELECT json_group_array(json_array(created_at, hash)) FROM (
  SELECT created_at, CAST(hash AS TEXT) AS hash FROM ${quoteName(table)} ORDER BY created_at, rowid)) AS applied, ${headSql({ table })} AS head`;
  const later = ['run_by', 'attempt'].map((name) => (ofLog.includes(name) ? name : `NULL AS ${name}`));
  const log = `SELECT run, created_at, version, direction, hash, down_sql, started_at, duration_ms, ${later.join(', ')}
FROM __cc_migrations`;
  const { rows: found } = await connection.execute(
    ofLog.length === 0 ? applied : `SELECT * FROM (${applied}) LEFT JOIN (${log}) ON true ORDER BY run`,
  );
  // Written by json_group_array, from two columns.
  const rows = JSON.parse(String(found[0]?.['applied'] ?? '[]')) as readonly (readonly [unknown, unknown])[];
  const entries = ofLog.length === 0 ? [] : found.filter(({ version }) => version !== null);
  const isMark = (entry: Readonly<Record<string, unknown>>): boolean => entry['direction'] === begunDown;
  // What has run since has brought it to an end.
  const isOpen = (entry: Readonly<Record<string, unknown>>, index: number): boolean =>
    isMark(entry) && !entries.slice(index + 1).some((later) => later['created_at'] === entry['created_at']);
  return {
    rows: rows.map(([createdAt, hash]) => ({ createdAt: Number(createdAt), hash: String(hash) })),
    head: String(found[0]?.['head'] ?? ''),
    log: entries.filter((entry) => !isMark(entry)).map(logEntry),
    begun: entries.filter(isOpen).map((entry) => Number(entry['created_at'])),
  };
}

function foreign(table: string): Error {
  const reason = `The table ${table} of the database is not one of drizzle's migrator: it has no hash and created_at`;
  return migrationError('config', reason, {
    operation: 'read what is applied',
    hint: `Name the table that drizzle's migrator writes, or one that is not there yet: migrations: { table: '${drizzleTable}' } in drizzle.config.ts, --table, or migrationsTable in code; then: cc-migrate status`,
  });
}

async function readHashes(connection: Readable, tables: readonly string[]): Promise<Ledger['others']> {
  const others = [];
  for (const table of tables) {
    const { rows } = await connection.execute(`SELECT hash FROM ${quoteName(table)}`);
    others.push({ table, hashes: rows.map(({ hash }) => String(hash)) });
  }
  return others;
}

function logEntry(row: Readonly<Record<string, unknown>>): LogEntry {
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return {
    createdAt: Number(row['created_at']),
    version: String(row['version']),
    ...parseDirection(String(row['direction'])),
    hash: String(row['hash']),
    downSql: text(row['down_sql']),
    at: new Date(Number(row['started_at'])),
    durationMs: Number(row['duration_ms']),
    who: text(row['run_by']),
    attempt: text(row['attempt']),
  };
}

const repairKinds = [
  'duplicate',
  'renumbered',
  'edited',
  'missing',
  'unrecorded',
] as const satisfies readonly MigrationRepairKind[];

/** In the column, between the slices of a way back. It stands until the migration is taken back. */
export const begunDown = 'down begun';

/** The column holds `up`, `down`, `baseline`, or `repair` and what was mended. A `missing` one counts as taken back. */
function parseDirection(text: string): Pick<LogEntry, 'direction' | 'kind' | 'repaired'> {
  const repaired = repairKinds.find((kind) => text === `repair ${kind}`) ?? null;
  if (repaired) return { direction: repaired === 'missing' ? 'down' : 'up', kind: 'repair', repaired };
  return { direction: text === 'down' ? 'down' : 'up', kind: text === 'baseline' ? 'baseline' : 'run', repaired };
}
