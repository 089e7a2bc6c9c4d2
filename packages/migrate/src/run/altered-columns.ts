// What runs behind ALTER TABLE … ALTER COLUMN (sql/altered-column.ts), so that it fails at a row of before as a rebuild of the table
// would, and leaves indexes that find every row.
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { Readable } from '../contract/connection.js';
import { saidBy } from '../errors.js';
import { type AlteredColumn, alteredColumn, hasCollation, reindexing } from '../sql/altered-column.js';
import type { Statement } from '../sql/statements.js';
import { quoteName, quoteText, wordsOf } from '../sql/words.js';

/** Statements behind one that gives a column another definition; nothing behind any other. `collates` as in `reindexing`. */
export function behindAltered(statement: Statement, collates: boolean): readonly string[] {
  const altered = alteredColumn(statement);
  if (altered === null) return [];
  return [notNull(altered), ...altered.checks.map((check) => holds(altered, check)), ...reindexing(altered, collates)];
}

/** Whether `statements` alter a column where a collation may change with it: in them, or in the schema that they find. */
export async function mayCollate(connection: Readable, statements: readonly Statement[]): Promise<boolean> {
  if (!statements.some((statement) => alteredColumn(statement) !== null)) return false;
  if (statements.some(({ words }) => hasCollation(words))) return true;
  const { rows } = await connection.execute(
    `SELECT sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%collate%'`,
  );
  return rows.some(({ sql }) => hasCollation(wordsOf(String(sql))));
}

// The NOT NULL of our own column tells of each.
const failWhere = 'UPDATE __cc_migrations SET started_at = NULL WHERE';

function notNull({ table, column }: AlteredColumn): string {
  const isRequired = `SELECT "notnull" FROM pragma_table_xinfo(${quoteText(table)}) WHERE name = ${quoteText(column)} COLLATE NOCASE`;
  // IS NULL would be taken for false: the column is NOT NULL by now.
  return `${failWhere} (${isRequired}) AND EXISTS (SELECT 1 FROM ${quoteName(table)} WHERE typeof(${quoteName(column)}) = 'null')`;
}

function holds({ table }: AlteredColumn, { condition }: AlteredColumn['checks'][number]): string {
  return `${failWhere} EXISTS (SELECT 1 FROM ${quoteName(table)} WHERE NOT ${condition})`;
}

/** `error` as the statement would have failed, when it is the failure of what runs behind it. */
export function asOfStatement(error: unknown, statements: readonly Statement[]): unknown {
  if (!isDatabaseError(error) || !error.constraint) return error;
  const failed = statements.find((statement) => behindAltered(statement, true).includes(error.operation));
  const altered = failed && alteredColumn(failed);
  if (!altered) return error;
  const { table, column } = altered;
  const told = (kind: 'not_null' | 'check', reason: string, name: string | null): DatabaseError =>
    new DatabaseError(reason, {
      type: 'constraint',
      code: kind === 'check' ? 'SQLITE_CONSTRAINT_CHECK' : 'SQLITE_CONSTRAINT_NOTNULL',
      operation: failed.sql,
      constraint: { kind, table, columns: [column], name },
      cause: new Error(reason),
    });
  if (error.operation === notNull(altered))
    return told('not_null', `NOT NULL constraint failed: ${table}.${column}`, null);
  const check = altered.checks.find((each) => holds(altered, each) === error.operation);
  if (check) return told('check', `CHECK constraint failed: ${check.name}`, check.name);
  const { type, code, constraint, cause } = error;
  return new DatabaseError(saidBy(error), { type, code, constraint, cause, operation: failed.sql });
}
