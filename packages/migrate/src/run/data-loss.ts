// What a migration would take away, in rows: counted for the plan, and once more inside the transaction, so that a row
// written in between is not lost either. removals.ts says which tables and columns go.

import { defaultText } from '../sql/default-text.js';
import type { Statement } from '../sql/statements.js';
import { quoteName } from '../sql/words.js';
import type { DataLoss } from '../types.js';
import type { Connection } from './ledger.js';
import { type Removal, removals } from './removals.js';

/** An SQL expression: the number of tables and columns that hold data and would go. */
export interface DataLossGuard {
  readonly sql: string;
}

/** A table of the database that holds data of its own. */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Default by column, as SQL text; absent columns default to NULL. */
  readonly defaults: ReadonlyMap<string, string>;
}

/**
 * Returns the tables of the database that hold data: no views, no shadow tables, and no full-text tables whose text lives
 * in another table, because a rebuild brings those back.
 */
export async function readTables(connection: Connection): Promise<readonly StoredTable[]> {
  const { rows } = await connection.execute(`SELECT t.name AS name, c.name AS "column", c.dflt_value AS "default"
FROM pragma_table_list t JOIN sqlite_schema s ON s.type = 'table' AND s.name = t.name
JOIN pragma_table_xinfo(t.name) c
WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND c.hidden = 0
AND NOT (t.type = 'virtual' AND (s.sql LIKE '%content=%' OR s.sql LIKE '%content =%' OR s.sql LIKE '%fts5vocab%'))
ORDER BY t.name, c.cid`);
  const tables = new Map<string, { name: string; columns: string[]; defaults: Map<string, string> }>();
  for (const row of rows) {
    const name = String(row['name']);
    const table = tables.get(name) ?? { name, columns: [], defaults: new Map<string, string>() };
    tables.set(name, table);
    table.columns.push(String(row['column']));
    if (row['default'] !== null) table.defaults.set(String(row['column']), defaultText(String(row['default'])));
  }
  return [...tables.values()];
}

/** Counts what `statements` would take from `tables`, and returns the guard that checks it again. */
export async function predictLoss(
  connection: Connection,
  statements: readonly Statement[],
  tables: readonly StoredTable[],
): Promise<{ readonly losses: readonly DataLoss[]; readonly guard: DataLossGuard | null }> {
  const removed = removals(statements, tables);
  if (removed.length === 0) return { losses: [], guard: null };
  const selections = removed.map((removal) => rowsOf(removal, tables));
  const losses: DataLoss[] = [];
  for (const [index, { table, column }] of removed.entries()) {
    const { rows } = await connection.execute(`SELECT count(*) AS n FROM ${selections[index] ?? ''}`);
    const count = Number(rows[0]?.['n'] ?? 0);
    if (count > 0) losses.push({ table, column, rows: count });
  }
  const guard = { sql: selections.map((selection) => `EXISTS (SELECT 1 FROM ${selection})`).join(' + ') };
  return { losses, guard };
}

/** The FROM and WHERE that select the rows holding what `removal` removes. */
function rowsOf({ table, column }: Removal, tables: readonly StoredTable[]): string {
  if (column === null) return quoteName(table);
  const fallback = tables.find(({ name }) => name === table)?.defaults.get(column);
  const isDefault = fallback === undefined ? '' : ` AND ${quoteName(column)} IS NOT (${fallback})`;
  return `${quoteName(table)} WHERE ${quoteName(column)} IS NOT NULL${isDefault}`;
}
