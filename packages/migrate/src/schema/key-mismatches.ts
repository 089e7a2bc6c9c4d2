// Foreign keys that SQLite can neither check nor use: what they refer to is no key of the parent. `pragma foreign_key_check`
// fails as a whole where one is, so whoever checks foreign keys asks here first (https://sqlite.org/foreignkeys.html, 3).
import type { ConnectionLease } from '@cc/tx';
import { quoteText } from '../sql/words.js';

/** A foreign key to columns that are neither the primary key of its parent nor unique. */
export interface KeyMismatch {
  readonly child: string;
  readonly parent: string;
  /** As the key names them; empty when it names none, and the parent has no primary key of that many columns. */
  readonly parentColumns: readonly string[];
}

const columnsOf = '(SELECT count(*) FROM pragma_foreign_key_list(s.name) o WHERE o.id = k.id)';
const named = (from: string, where = '1'): string =>
  `(SELECT count(*) FROM ${from} c JOIN pragma_foreign_key_list(s.name) o ON o.id = k.id AND lower(o."to") = lower(c.name) WHERE ${where})`;

/** Whether `k`, a foreign key of the table `s.name`, fits no key of its parent. One whose parent is not there can be checked. */
const fitsNoKey = `(k.seq = 0 AND EXISTS (SELECT 1 FROM sqlite_schema p WHERE p.type = 'table' AND lower(p.name) = lower(k."table"))
AND NOT ((SELECT count(*) FROM pragma_table_info(k."table") c WHERE c.pk > 0) = ${columnsOf}
  AND (k."to" IS NULL OR ${named('pragma_table_info(k."table")', 'c.pk > 0')} = ${columnsOf}))
AND NOT (k."to" IS NOT NULL AND EXISTS (SELECT 1 FROM pragma_index_list(k."table") i WHERE i."unique" AND NOT i.partial
  AND (SELECT count(*) FROM pragma_index_info(i.name)) = ${columnsOf} AND ${named('pragma_index_info(i.name)')} = ${columnsOf})))`;

/** Returns the mismatches in the database behind `connection`. Reads no rows of its tables. */
export async function keyMismatches(
  connection: Pick<ConnectionLease['client'], 'execute'>,
): Promise<readonly KeyMismatch[]> {
  const { rows } = await connection.execute(
    `SELECT s.name AS child, k."table" AS parent, n."to" AS parent_column, k.id AS id FROM sqlite_schema s
JOIN pragma_foreign_key_list(s.name) k JOIN pragma_foreign_key_list(s.name) n ON n.id = k.id
WHERE s.type = 'table' AND ${fitsNoKey} ORDER BY s.name, k.id, n.seq`,
  );
  const found = new Map<string, { child: string; parent: string; parentColumns: string[] }>();
  for (const { child, parent, parent_column: column, id } of rows) {
    const key = `${String(id)} ${String(child)}`;
    const mismatch = found.get(key) ?? { child: String(child), parent: String(parent), parentColumns: [] };
    found.set(key, mismatch);
    if (column !== null) mismatch.parentColumns.push(String(column));
  }
  return [...found.values()];
}

/** The tables whose foreign keys can be checked when it is asked, as SQL. */
export const checkableTablesNow = `(SELECT s.name AS name FROM sqlite_schema s WHERE s.type = 'table'
AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(s.name) k WHERE ${fitsNoKey}))`;

/** The tables whose foreign keys can be checked, as SQL: all but `unchecked`. */
export function checkableTables(unchecked: readonly string[]): string {
  const rest = unchecked.length === 0 ? '' : ` AND name NOT IN (${unchecked.map(quoteText).join(', ')})`;
  return `(SELECT name FROM sqlite_schema WHERE type = 'table'${rest})`;
}

/** What is wrong, in a sentence without a full stop. */
export function describeMismatch({ child, parent, parentColumns }: KeyMismatch): string {
  if (parentColumns.length === 0)
    return `the foreign key of ${child} refers to the primary key of ${parent}, which has none of that many columns`;
  const columns = parentColumns.join(', ');
  return `the foreign key of ${child} refers to ${parent} (${columns}), which has no unique index on (${columns})`;
}
