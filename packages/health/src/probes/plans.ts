// Looks at the plans of statements through a connection of its own: EXPLAIN on one of the application would leave a
// statement open there. Nothing is run, so no row of the application is read.
import { isDatabaseError } from '@cc/tx/errors';
import { type OwnConnection, openOwnConnection } from '@cc/tx/own-connection';
import { fullScansOf, type KnownNames } from '../advice/full-scans.js';
import { asBytes, decoded } from '../questions.js';
import type { HealthSource } from '../source.js';
import type { StatementPlan, UnplannedStatement } from '../statistics/query-statistics.js';

/**
 * Gives each statement its plan, or null where SQLite makes none: of a table that is gone, on a server, in memory. False when
 * the file cannot be opened now.
 */
export function readPlans(source: HealthSource, statements: readonly UnplannedStatement[]): boolean {
  let own: OwnConnection | null;
  try {
    own = openOwnConnection(source);
  } catch (error) {
    // A file that cannot be opened now may be later; what is no manager never has one.
    if (isDatabaseError(error)) return false;
    own = null;
  }
  try {
    const known = own && namesOf(own);
    for (const { sql, statement, planned } of statements) planned(own && known && planOf(own, sql, statement, known));
    return true;
  } finally {
    own?.close();
  }
}

function planOf(own: OwnConnection, sql: string, statement: string, known: KnownNames): StatementPlan | null {
  // Nothing else has a plan, and what opens transactions has no business here.
  if (!/^\s*(?:select|with|insert|update|delete|replace|values)\b/i.test(sql)) return null;
  const lines = explained(own, sql);
  if (lines === null) return null;
  const fullScans = fullScansOf(lines, sql, known);
  return { lines, fullScans, runnable: fullScans.length === 0 ? null : runnableOf(own, statement) };
}

/** The fingerprint as a statement that SQLite takes: lists are folded in it, and a long one is cut. Null when it takes none. */
function runnableOf(own: OwnConnection, statement: string): string | null {
  const text = statement.replaceAll('?, …', '?');
  return explained(own, text) && text;
}

function explained(own: OwnConnection, sql: string): readonly string[] | null {
  try {
    return own.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row['detail']));
  } catch (error) {
    // Or a text that the driver would cut off.
    if (isDatabaseError(error) || error instanceof TypeError) return null;
    throw error;
  }
}

function namesOf(own: OwnConnection): KnownNames {
  try {
    const rows = own.all(
      `SELECT type, ${asBytes('name')} AS name, ${asBytes('sql')} AS text FROM sqlite_schema WHERE type IN ('table', 'view')`,
    );
    return {
      tables: rows.filter(({ type }) => type === 'table').map(({ name }) => decoded(name)),
      views: rows.filter(({ type }) => type === 'view').map(({ text }) => decoded(text)),
    };
  } catch (error) {
    // Then nothing else can be read either.
    if (isDatabaseError(error)) return { tables: [], views: [] };
    throw error;
  }
}
