// ALTER TABLE … ALTER COLUMN, which drizzle-kit writes for the dialect turso: libSQL gives the column its new definition and looks
// at no row that is there. So each one is followed by a look at NULL, which fails as a rebuild of the table would.
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { Statement } from '../sql/statements.js';
import { nameAt, quoteName, quoteText, type Word } from '../sql/words.js';

/** What runs behind `statement`, and fails when its column is NOT NULL and a row has none; nothing behind any other statement. */
export function notNullCheck({ words }: Pick<Statement, 'words'>): readonly string[] {
  const altered = alteredBy(words);
  if (altered === null) return [];
  const [table, column] = [quoteName(altered.table), quoteName(altered.column)];
  const isRequired = `SELECT "notnull" FROM pragma_table_xinfo(${quoteText(altered.table)}) WHERE name = ${quoteText(altered.column)} COLLATE NOCASE`;
  // The NOT NULL of our own column tells. IS NULL would be taken for false: the column is NOT NULL by now.
  return [
    `UPDATE __cc_migrations SET started_at = NULL WHERE (${isRequired}) AND EXISTS (SELECT 1 FROM ${table} WHERE typeof(${column}) = 'null')`,
  ];
}

/** `error` as the statement would have failed, when it is the failure of its `notNullCheck`. */
export function asOfStatement(error: unknown, statements: readonly Statement[]): unknown {
  if (!isDatabaseError(error) || error.constraint?.kind !== 'not_null') return error;
  const failed = statements.find((statement) => notNullCheck(statement).includes(error.operation));
  const altered = failed && alteredBy(failed.words);
  if (!altered) return error;
  const { table, column } = altered;
  const reason = `NOT NULL constraint failed: ${table}.${column}`;
  return new DatabaseError(reason, {
    type: 'constraint',
    code: error.code,
    operation: failed.sql,
    constraint: { kind: 'not_null', table, columns: [column], name: null },
    cause: new Error(reason),
  });
}

/** The column that a statement gives another definition. */
function alteredBy(words: readonly Word[]): { readonly table: string; readonly column: string } | null {
  if (words[0]?.keyword !== 'ALTER') return null;
  const { name, next } = nameAt(words, 2);
  if (words[next]?.keyword !== 'ALTER') return null;
  return { table: name, column: words[next + 2]?.name ?? '' };
}
