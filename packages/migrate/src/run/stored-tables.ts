// The tables of a database that hold data, by name and columns, for plan.ts and estimate.ts.
import type { Connection } from '../contract/connection.js';

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
JOIN pragma_table_xinfo(t.name) c
WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND c.hidden = 0
AND NOT (t.type = 'virtual' AND (s.sql LIKE '%content=%' OR s.sql LIKE '%content =%' OR s.sql LIKE '%fts5vocab%'))
ORDER BY t.name, c.cid`);
  const tables = new Map<string, { name: string; columns: string[] }>();
  for (const row of rows) {
    const name = String(row['name']);
    const table = tables.get(name) ?? { name, columns: [] };
    tables.set(name, table);
    table.columns.push(String(row['column']));
  }
  return [...tables.values()];
}
