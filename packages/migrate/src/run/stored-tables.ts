// The tables of a database that hold data, by name and columns, for plan.ts and estimate.ts.
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { quoteText } from '../sql/words.js';

/** A table of the database that holds data of its own. */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * Returns the tables of the database that hold data: no views, no shadow tables, and no full-text tables whose text lives
 * in another table, because a rebuild brings those back.
 */
export async function readTables(connection: Connection): Promise<readonly StoredTable[]> {
  const { rows } = await connection.execute(`SELECT t.name AS name, c.name AS "column"
FROM pragma_table_list t JOIN sqlite_schema s ON s.type = 'table' AND s.name = t.name
LEFT JOIN pragma_table_xinfo(CASE t.type WHEN 'table' THEN t.name END) c ON c.hidden = 0
WHERE t.schema = 'main' AND t.type IN ('table', 'virtual')
AND NOT (t.type = 'virtual' AND (s.sql LIKE '%content=%' OR s.sql LIKE '%content =%' OR s.sql LIKE '%fts5vocab%'))
ORDER BY t.name, c.cid`);
  const tables = new Map<string, { name: string; columns: string[] }>();
  for (const row of rows) {
    const name = String(row['name']);
    const table = tables.get(name) ?? { name, columns: [] };
    tables.set(name, table);
    if (row['column'] !== null) table.columns.push(String(row['column']));
    else table.columns.push(...(await columnsOfVirtual(connection, name)));
  }
  return [...tables.values()];
}

/** The columns of a virtual table; none where its module is not loaded, so that nothing can be said of it. */
async function columnsOfVirtual(connection: Connection, name: string): Promise<readonly string[]> {
  try {
    const { rows } = await connection.execute(
      `SELECT name FROM pragma_table_xinfo(${quoteText(name)}) WHERE hidden = 0`,
    );
    return rows.map((row) => String(row['name']));
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'syntax') return [];
    throw error;
  }
}
