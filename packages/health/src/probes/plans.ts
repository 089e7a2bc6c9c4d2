// Looks at the plans of statements through a connection of its own: EXPLAIN on one of the application would leave a
// statement open there. Nothing is run, so no row of the application is read.
import { isDatabaseError } from '@cc/tx/errors';
import { type OwnConnection, openOwnConnection } from '@cc/tx/own-connection';
import type { StatementPlan } from '../query-statistics.js';
import type { HealthSource } from '../source.js';

/** Gives each statement its plan, or null where SQLite makes none: of a table that is gone, on a server, in memory. */
export function readPlans(
  source: HealthSource,
  statements: readonly { readonly sql: string; readonly planned: (plan: StatementPlan | null) => void }[],
): void {
  if (statements.length === 0) return;
  let own: OwnConnection | null;
  try {
    own = openOwnConnection(source);
  } catch (error) {
    // A file that cannot be opened now may be later; what is no manager never has one.
    if (isDatabaseError(error)) return;
    own = null;
  }
  try {
    for (const { sql, planned } of statements) planned(own && planOf(own, sql));
  } finally {
    own?.close();
  }
}

function planOf(own: OwnConnection, sql: string): StatementPlan | null {
  // Nothing else has a plan, and what opens transactions has no business here.
  if (!/^\s*(?:select|with|insert|update|delete|replace|values)\b/i.test(sql)) return null;
  try {
    const lines = own.all(`EXPLAIN QUERY PLAN ${sql}`).map((row) => String(row['detail']));
    const fullScans = lines.map((line) => scan.exec(line)?.[1]).filter((table) => table !== undefined);
    return { lines, fullScans: [...new Set(fullScans)] };
  } catch (error) {
    if (isDatabaseError(error)) return null;
    // A text that the driver would cut off.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** `SCAN t`, alone or in a covering index; not the scans of an index for its order, of constants and of subqueries. */
const scan = /^SCAN (?!CONSTANT|\()(\S+)(?: AS \S+)?(?: USING COVERING INDEX \S+)?$/;
