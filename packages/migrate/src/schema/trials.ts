// Statements that compile each view and trigger of a schema and change nothing: SQLite notices what is missing there only when
// they are used. scratch/broken-objects.ts asks them of scratch databases, run/transition.ts inside a migration.
import type { Readable } from '../contract/connection.js';
import { foldName, quoteName, quoteText, type Word, wordsOf } from '../sql/words.js';
import { objectKey } from './schema.js';

/** A statement that fails when a view or a trigger does not work, and else does nothing. */
export interface Trial {
  readonly kind: 'view' | 'trigger';
  readonly name: string;
  /** The table or view that a trigger belongs to; of a view, itself. */
  readonly table: string;
  readonly sql: string;
  /** Its CREATE statement. */
  readonly text: string;
}

/** Returns the trials of the schema behind `connection`, views first. Triggers share one where the same writes fire them. */
export async function readTrials(connection: Readable): Promise<readonly Trial[]> {
  const { rows } = await connection.execute(
    `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY type DESC, rowid`,
  );
  const trials: Trial[] = [];
  for (const row of rows) {
    const [name, table] = [String(row['name']), String(row['tbl_name'])];
    const kind = row['type'] === 'view' ? 'view' : 'trigger';
    const text = String(row['sql']);
    // A view is read: some builds take any function under EXPLAIN (https://sqlite.org/compile.html#enable_unknown_sql_function).
    const sql = kind === 'view' ? `SELECT * FROM ${quoteName(name)} LIMIT 0` : await firing(connection, table, text);
    if (sql !== null) trials.push({ kind, name, table, text, sql });
  }
  return trials;
}

/**
 * A write that fires the trigger `sql` of `table`, only compiled: one that changes no row would still leave marks in
 * sqlite_sequence, of the table and of those that its triggers write. Null when there is none.
 */
async function firing(connection: Readable, table: string, sql: string): Promise<string | null> {
  const words = wordsOf(sql);
  const on = words.findIndex(({ keyword }) => keyword === 'ON');
  const { event, of } = eventIn(words.slice(0, on));
  const target = quoteName(table);
  const compile = 'EXPLAIN QUERY PLAN';
  if (event === 'DELETE') return `${compile} DELETE FROM ${target}`;
  if (event === 'INSERT') return `${compile} INSERT INTO ${target} DEFAULT VALUES`;
  const columns = await writable(connection, table);
  const found = of === null ? columns[0] : columns.find((each) => of.includes(foldName(each)));
  if (found === undefined) return null;
  const column = quoteName(found);
  return `${compile} UPDATE ${target} SET ${column} = ${column}`;
}

/** What fires a trigger, by the words before ON: the last one, or UPDATE OF and columns. */
function eventIn(words: readonly Word[]): { readonly event: string; readonly of: readonly string[] | null } {
  const of = words.findLastIndex(({ keyword }, index) => keyword === 'OF' && words[index - 1]?.keyword === 'UPDATE');
  if (of === -1) return { event: words.at(-1)?.keyword ?? '', of: null };
  return { event: 'UPDATE', of: words.slice(of + 1).map(({ name }) => foldName(name)) };
}

/** The columns that a write may name; none of a view that does not work. */
async function writable(connection: Readable, table: string): Promise<readonly string[]> {
  try {
    const { rows } = await connection.execute(
      `SELECT name FROM pragma_table_xinfo(${quoteText(table)}) WHERE hidden = 0`,
    );
    return rows.map(({ name }) => String(name));
  } catch {
    return [];
  }
}

/** Whether a statement can make an object that does not work, or break one: what only adds tables, indexes or rows cannot. */
export function mayBreak(words: readonly Word[]): boolean {
  const verb = words[0]?.keyword;
  return verb === 'DROP' || verb === 'ALTER' || madeBy(words) !== null;
}

/** The view or trigger that a statement makes in the database; null for none. */
export function madeBy(words: readonly Word[]): string | null {
  const kind = words[1]?.keyword;
  if (words[0]?.keyword !== 'CREATE' || (kind !== 'VIEW' && kind !== 'TRIGGER')) return null;
  const at = words[2]?.keyword === 'IF' ? 5 : 2;
  const name = words[words[at + 1]?.name === '.' ? at + 2 : at]?.name ?? '';
  return objectKey({ kind: kind === 'VIEW' ? 'view' : 'trigger', name });
}

/** Whether statements can leave an object behind that does not work, by their words and what is there before. */
export async function needTrials(
  connection: Readable,
  statements: readonly { words: readonly Word[] }[],
): Promise<boolean> {
  if (!statements.some(({ words }) => mayBreak(words))) return false;
  if (statements.some(({ words }) => madeBy(words) !== null)) return true;
  const { rows } = await connection.execute(`SELECT 1 FROM sqlite_schema WHERE type IN ('view', 'trigger') LIMIT 1`);
  return rows.length > 0;
}
