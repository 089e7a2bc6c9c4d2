// Whether statements could leave a foreign key that points nowhere: only then are the keys of the whole database counted, before
// them and behind. slice-key.ts asks for slices, plan.ts for a migration that is one transaction.
import type { Connection } from '../contract/connection.js';
import { assignedIn } from '../sql/assignments.js';
import type { Statement } from '../sql/statements.js';
import { foldName, quoteText } from '../sql/words.js';
import { writingOf } from '../sql/writing.js';

/** Whether any of `statements` could break a foreign key, as far as their words and the schema tell. */
export async function mayBreakForeignKeys(connection: Connection, statements: readonly Statement[]): Promise<boolean> {
  for (const statement of statements) {
    if (keepsKeys(statement)) continue;
    const update = updateIn(statement);
    if (update === null || (await touchesForeignKeys(connection, update))) return true;
  }
  return false;
}

/** What changes no row that refers, or is referred to: SQLite drops no column of a key, and an index makes none point elsewhere. */
function keepsKeys({ words }: Statement): boolean {
  const [first, second] = [words[0]?.keyword, words[1]?.keyword];
  if (first === 'CREATE') return second === 'INDEX' || (second === 'UNIQUE' && words[2]?.keyword === 'INDEX');
  if (first === 'SELECT') return true;
  if (first !== 'ALTER') return false;
  const verb = words[words[3]?.name === '.' ? 5 : 3]?.keyword;
  // Keys follow a column that is renamed; a table may take the name that one has waited for.
  const isOfColumn = verb === 'RENAME' && words[words[3]?.name === '.' ? 6 : 4]?.keyword !== 'TO';
  return isOfColumn || verb === 'DROP' || (verb === 'ADD' && !words.some(({ keyword }) => keyword === 'REFERENCES'));
}

/** A plain UPDATE, which removes no row by a conflict; null for anything else. */
function updateIn({ words }: Statement): { readonly table: string; readonly assigned: readonly string[] } | null {
  const writing = writingOf(words);
  if (writing?.verb !== 'UPDATE' || writing.at !== 0 || words[1]?.keyword === 'OR') return null;
  const set = words.findIndex(({ keyword }, index) => index > writing.index && keyword === 'SET');
  return set === -1 ? null : { table: writing.table, assigned: assignedIn(words, set) };
}

const rowids = ['rowid', '_rowid_', 'oid'];

/** Whether an UPDATE of these columns, or with null a DELETE, could leave a foreign key that points nowhere. */
export async function touchesForeignKeys(
  connection: Connection,
  { table, assigned }: { readonly table: string; readonly assigned: readonly string[] | null },
): Promise<boolean> {
  const name = quoteText(table);
  const { rows } = await connection.execute(`SELECT 'trigger' AS kind, name AS "column" FROM sqlite_schema
WHERE type = 'trigger' AND tbl_name = ${name} COLLATE NOCASE
UNION ALL SELECT 'replacing', name FROM sqlite_schema
WHERE type = 'table' AND name = ${name} COLLATE NOCASE AND sql LIKE '%conflict%replace%'
UNION ALL SELECT CASE WHEN hidden > 1 THEN 'generated' ELSE 'key' END, name FROM pragma_table_xinfo(${name})
WHERE pk > 0 OR hidden > 1
UNION ALL SELECT 'child', "from" FROM pragma_foreign_key_list(${name})
UNION ALL SELECT 'parent', f."to" FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
WHERE s.type = 'table' AND f."table" = ${name} COLLATE NOCASE`);
  const named = (kind: string): readonly string[] =>
    rows.flatMap((row) => (row['kind'] === kind ? [foldName(String(row['column']))] : []));
  const parents = rows.filter(({ kind }) => kind === 'parent');
  // A trigger may do anything, and a conflict may remove any row.
  if (named('trigger').length > 0 || (named('replacing').length > 0 && assigned !== null)) return true;
  if (assigned === null) return parents.length > 0;
  // Without columns it is the primary key that is meant.
  const referred = parents.flatMap(({ column }) => (column === null ? named('key') : [foldName(String(column))]));
  const keys = new Set([...named('child'), ...referred]);
  const generated = named('generated');
  // What is computed follows columns that an UPDATE may set.
  if (generated.some((column) => keys.has(column))) return true;
  return assigned.some((column) => keys.has(column) || (parents.length > 0 && rowids.includes(column)));
}
