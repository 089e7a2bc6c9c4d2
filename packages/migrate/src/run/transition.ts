// One migration as one batch: compare-and-swap, its statements, drizzle's row, and the checks before COMMIT.
// Built from what plan.ts found, sent by run-steps.ts through client.migrate(), which gives one transaction with foreign
// keys off. slices.ts opens and closes its transactions with the same statements.
import type { ConnectionLease } from '@cc/tx';
import { isDatabaseError } from '@cc/tx/errors';
import type { MigrationDirection } from '../contract/migration.js';
import type { Agreement } from '../loss/agreement.js';
import type { Probe } from '../loss/look.js';
import { lossesSql, type Measurement, nothingToMeasure } from '../loss/measure.js';
import type { Around } from '../loss/watch.js';
import { checkableTables, checkableTablesNow } from '../schema/key-mismatches.js';
import type { Trial } from '../schema/trials.js';
import type { Statement } from '../sql/statements.js';
import { removalOf, temporaryIn } from '../sql/temporary.js';
import { quoteName, quoteText } from '../sql/words.js';
import { behindAltered } from './altered-columns.js';
import { type AppliedRow, begunDown, headSql, type Ledger, ledgerTables } from './ledger.js';
import type { SlicedStatement } from './slice-key.js';

/** SQL with bound values. */
export type BoundStatement = Parameters<ConnectionLease['client']['migrate']>[0][number];

/** One migration, ready to run. */
export interface Transition extends AppliedRow {
  readonly version: string;
  readonly direction: MigrationDirection;
  readonly statements: readonly Statement[];
  /** In place of `statements`, for a migration that runs in slices; null for one transaction. */
  readonly slices: readonly SlicedStatement[] | null;
  readonly downSql: string | null;
  /** Its changes could leave a foreign key pointing nowhere. */
  readonly touchesForeignKeys: boolean;
  /** Measures, inside the transaction, what must not be lost. */
  readonly measurement: Measurement;
  /** What may be lost. */
  readonly agreement: Agreement;
  /** A collation may change with a column that it alters. */
  readonly collates: boolean;
  /** Compile the views and triggers that it leaves behind. */
  readonly trials: readonly Trial[];
}

/** What a transaction leaves in the log. */
export interface Entry extends AppliedRow {
  readonly version: string;
  readonly direction: MigrationDirection;
  readonly downSql: string | null;
  /** What was read before: the transaction takes no step when the applied migrations changed since. */
  readonly ledger: Ledger;
  /** Who runs it. */
  readonly by: string;
  /** Marks this attempt, so that it is known again when the answer to its COMMIT was lost. */
  readonly attempt: string;
  /** Tables whose foreign keys could not be checked before it, and are not checked behind it: what was there does not block. */
  readonly unchecked: readonly string[];
  /** Tables that it gives other names, and those names, in lower case: rows that refer to nothing go along. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** A transaction, and where the statements of the migration stand in it. */
export interface Batch {
  readonly statements: BoundStatement[];
  readonly own: readonly number[];
}

/** `cc_…` constraints of our log, by which the checks inside the transaction fail. */
export const checks = {
  lockLost: 'cc_lock_lost',
  dataLoss: 'cc_data_loss',
  leftOver: 'cc_left_over',
  foreignKey: 'cc_foreign_key',
} as const;

/** Whether `error` is the failure of one of `checks`. */
export function isCheck(error: unknown, check: (typeof checks)[keyof typeof checks]): boolean {
  return isDatabaseError(error) && error.constraint?.name === check;
}

/** The database's clock; 'now' is taken anew for each statement. */
export const nowMs = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;

/** Each table and how many of its rows have a foreign key that points nowhere, as SQL. */
const orphansNow = ({ unchecked, direction }: Pick<Entry, 'unchecked' | 'direction'>): string => {
  // A way back may lead to a key that cannot be checked, when the way up has mended it.
  const tables = direction === 'down' ? checkableTablesNow : checkableTables(unchecked);
  return `SELECT t.name AS name, (SELECT count(*) FROM pragma_foreign_key_check(t.name)) AS n FROM ${tables} t`;
};

/** What a migration repairs in one table is no excuse for another: only what is gone may stand elsewhere, under another name. */
const countAfter = (
  entry: Entry,
): string => `WITH after AS MATERIALIZED (SELECT lower(name) AS name, n FROM (${orphansNow(entry)})),
before AS MATERIALIZED (SELECT coalesce(r.value, lower(o.key)) AS name, sum(o.value) AS n
FROM json_each((SELECT orphans FROM __cc_migrations ${thisEntry})) o
LEFT JOIN json_each(${quoteText(JSON.stringify(Object.fromEntries(entry.renamed)))}) r ON r.key = lower(o.key) GROUP BY 1),
grown AS (SELECT coalesce(sum(max(0, a.n - coalesce(b.n, 0))), 0) AS n FROM after a LEFT JOIN before b ON b.name = a.name),
gone AS (SELECT coalesce(sum(n), 0) AS n FROM before WHERE name NOT IN (SELECT name FROM after))
UPDATE __cc_migrations SET orphans = NULL,
violations_after = violations_before + max(0, (SELECT n FROM grown) - (SELECT n FROM gone)) ${thisEntry}`;

/** Selects the row of the log that `enter` has written in this transaction. */
export const thisEntry = 'WHERE run = (SELECT max(run) FROM __cc_migrations)';

/**
 * What a transaction begins with: a second runner fails here, before it changed anything. It also takes the write lock.
 *
 * @param sinceMs How long ago the migration began
 */
export function enter(entry: Entry, countsViolations: boolean, sinceMs = 0): BoundStatement[] {
  const { createdAt, version, direction, hash, downSql, ledger, by, attempt } = entry;
  return [
    ...ledgerTables(ledger),
    {
      sql: `WITH o AS MATERIALIZED (${
        countsViolations
          ? `SELECT json_group_object(name, n) AS found, coalesce(sum(n), 0) AS n FROM (${orphansNow(entry)})`
          : 'SELECT NULL AS found, 0 AS n'
      })
INSERT INTO __cc_migrations
(created_at, version, direction, hash, down_sql, run_by, attempt, started_at, head_matches, violations_before, orphans)
SELECT ?, ?, ?, ?, ?, ?, ?, ${nowMs} - ?, ${headSql(ledger)} = ?, o.n, o.found FROM o`,
      args: [createdAt, version, direction, hash, downSql, by, attempt, sinceMs, ledger.head],
    },
  ];
}

/**
 * What a transaction ends with that is only a part of its migration: it leaves no row in the log, but for a mark where the
 * migration, which counts as applied, is not whole any more.
 */
export function leave(entry: Entry, countsViolations: boolean): BoundStatement[] {
  return [
    ...(countsViolations ? [countAfter(entry)] : []),
    ...(entry.direction === 'up'
      ? [`DELETE FROM __cc_migrations ${thisEntry}`]
      : [withoutMark(entry), `UPDATE __cc_migrations SET direction = '${begunDown}' ${thisEntry}`]),
  ];
}

function withoutMark({ createdAt }: Pick<Entry, 'createdAt'>): BoundStatement {
  return { sql: `DELETE FROM __cc_migrations WHERE direction = '${begunDown}' AND created_at = ?`, args: [createdAt] };
}

/**
 * Returns what runs in one transaction, if the applied migrations still are those of the entry's ledger.
 *
 * @param rest.leftOver An SQL expression that must be false at the end
 * @param rest.sinceMs How long ago the migration began
 */
export function batchOf(
  { direction, createdAt, hash, statements, slices, measurement, touchesForeignKeys, trials, collates }: Transition,
  entry: Entry,
  rest: { readonly leftOver: string | null; readonly sinceMs: number },
): Batch {
  const { certain, copies, around, early, compared, removal } = slices ? nothingToMeasure : measurement;
  const table = quoteName(entry.ledger.table);
  const opening = [...enter(entry, touchesForeignKeys, rest.sinceMs), ...measure(certain), ...copies];
  const middle = (slices ? [] : statements).flatMap((statement, at) => {
    const probes = early.flatMap((each) => (each.at === at ? [each.probe] : []));
    return [...measure(probes), ...within(around, at, statement.sql), ...behindAltered(statement, collates)];
  });
  const isOwn = new Set(statements.map(({ sql }) => sql));
  return {
    own: middle.flatMap((sql, index) => (isOwn.has(sql) ? [opening.length + index] : [])),
    statements: [
      ...opening,
      ...middle,
      // The next migration, and what is written here, would meet them on this connection.
      ...removalOf(temporaryIn(statements)),
      // A key that points nowhere says more than rows that are gone: it is told first.
      ...(touchesForeignKeys ? [countAfter(entry)] : []),
      ...measure(compared),
      ...removal,
      ...new Set(trials.map(({ sql }) => sql)),
      ...(rest.leftOver === null ? [] : [`UPDATE __cc_migrations SET left_over = ${rest.leftOver} ${thisEntry}`]),
      direction === 'up'
        ? { sql: `INSERT INTO ${table} (hash, created_at) VALUES (?, ?)`, args: [hash, createdAt] }
        : { sql: `DELETE FROM ${table} WHERE created_at = ? AND hash = ?`, args: [createdAt, hash] },
      `UPDATE __cc_migrations SET violations_after = coalesce(violations_after, violations_before), duration_ms = ${nowMs} - started_at ${thisEntry}`,
      ...(direction === 'down' && (slices || entry.ledger.begun.includes(createdAt)) ? [withoutMark(entry)] : []),
    ],
  };
}

/** A statement of the migration, and what stands around it. */
function within<T>(around: readonly Around[], at: number, statement: T): readonly (T | string)[] {
  const mine = around.filter((each) => each.at === at);
  return [...mine.flatMap(({ before }) => before), statement, ...mine.flatMap(({ after }) => after)];
}

/** Ends the transaction when any of `probes` finds a loss. */
export function measure(probes: readonly Probe[]): readonly string[] {
  return probes.length === 0 ? [] : [`UPDATE __cc_migrations SET losses = ${lossesSql(probes)} ${thisEntry}`];
}

/** A transaction that tells what a migration loses, and leaves nothing. The answers stand at `places` of its results. */
export interface Telling {
  readonly statements: BoundStatement[];
  readonly places: readonly { readonly probe: Probe; readonly at: number }[];
}

/** Returns the transaction that runs `statements` once more only to tell what rows they lose. */
export function tellingOf(
  {
    certain,
    copies,
    around,
    early,
    compared,
  }: Omit<Measurement, 'copies' | 'removal'> & { readonly copies: readonly BoundStatement[] },
  own: readonly BoundStatement[],
): Telling {
  const places: { probe: Probe; at: number }[] = [];
  // A COMMIT would keep what ran: going back to the savepoint leaves it nothing.
  const statements: BoundStatement[] = ['SAVEPOINT cc_telling'];
  const ask = (probe: Probe): void => {
    places.push({ probe, at: statements.length });
    statements.push(probe.details);
  };
  certain.forEach(ask);
  statements.push(...copies);
  for (const [index, statement] of own.entries()) {
    for (const { at, probe } of early) if (at === index) ask(probe);
    statements.push(...within(around, index, statement));
  }
  compared.forEach(ask);
  statements.push('ROLLBACK TO cc_telling', 'RELEASE cc_telling');
  return { statements, places };
}
