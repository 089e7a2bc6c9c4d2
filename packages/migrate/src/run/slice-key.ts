// By what a chunked statement is cut into slices: the rowid of its table, or the primary key of one without rowids; and
// whether its slices have to look after foreign keys. slices.ts runs them.

import type { Connection } from '../contract/connection.js';
import type { ChunkedStatement } from '../sql/chunk.js';
import { foldName, quoteName, quoteText } from '../sql/words.js';
import { touchesForeignKeys } from './foreign-keys.js';

/** A statement that runs in slices. */
export interface SlicedStatement extends ChunkedStatement {
  /** The columns of the key as SQL, qualified. */
  readonly key: readonly string[];
  /** Its changes could leave a foreign key pointing nowhere. */
  readonly touchesForeignKeys: boolean;
}

/** Why a statement cannot run in slices on this database. */
export interface Unsliceable {
  readonly reason: string;
  readonly hint: string;
}

/** Completes `chunk` by what the database says of its table; null when there is no such table (yet). */
export async function sliceOf(
  connection: Connection,
  chunk: ChunkedStatement,
): Promise<SlicedStatement | Unsliceable | null> {
  const name = quoteText(chunk.table);
  const { rows: found } = await connection.execute(
    `SELECT l.type, l.wr, s.sql FROM pragma_table_list l LEFT JOIN sqlite_schema s ON s.type = 'table' AND s.name = l.name WHERE l.schema = 'main' AND l.name = ${name} COLLATE NOCASE`,
  );
  const [table] = found;
  if (!table) return null;
  if (table['type'] === 'view')
    return { reason: `${chunk.table} is a view`, hint: 'Change the tables under it, or take the mark cc:chunk away' };
  const isReplacing = /^\s*update\s+or\s+replace\b/i.test(chunk.head);
  if (isReplacing || (chunk.assigned !== null && /\bconflict\s+replace\b/i.test(String(table['sql']))))
    return {
      reason: `it may replace rows of ${chunk.table} that are in no slice`,
      hint: 'Take the mark cc:chunk away: in one transaction every row is measured',
    };
  const { rows } = await connection.execute(`SELECT name, type, pk FROM pragma_table_xinfo(${name}) ORDER BY pk`);
  const columns = rows.map((row) => foldName(String(row['name'])));
  const keyed = rows.filter(({ pk }) => Number(pk) > 0);
  const primaryKey = keyed.map((row) => String(row['name']));
  const aliasesRowid = keyed.length === 1 && /^integer$/i.test(String(keyed[0]?.['type']));
  const isByKey = Number(table['wr']) === 1;
  const rowid = ['rowid', '_rowid_', 'oid'].find((each) => !columns.includes(each));
  if (!isByKey && rowid === undefined)
    return { reason: `columns hide the rowid of ${chunk.table}`, hint: 'Take the mark cc:chunk away' };
  const moved = chunk.assigned?.find(
    (column) => column === rowid || ((isByKey || aliasesRowid) && primaryKey.some((each) => foldName(each) === column)),
  );
  if (moved !== undefined)
    return {
      reason: `it sets ${moved}, the key that tells handled rows from others`,
      hint: 'Take the mark cc:chunk away',
    };
  return {
    ...chunk,
    key: (isByKey ? primaryKey.map(quoteName) : [rowid ?? 'rowid']).map((each) => `${quoteName(chunk.alias)}.${each}`),
    touchesForeignKeys: await touchesForeignKeys(connection, chunk),
  };
}
