// ALTER TABLE … ALTER COLUMN, which drizzle-kit writes for the dialect turso: libSQL gives the column its new definition and
// looks at no row and at no index that is there. run/altered-columns.ts does so behind it.
import type { Statement } from './statements.js';
import { nameAt, quoteName, type Word } from './words.js';

/** A column that a statement gives another definition. */
export interface AlteredColumn {
  readonly table: string;
  readonly column: string;
  /** The CHECKs of the new definition: name, or the condition where it has none, and the condition with its parentheses. */
  readonly checks: readonly { readonly name: string; readonly condition: string }[];
}

/** The column that `statement` gives another definition; null for any other statement. */
export function alteredColumn({ sql, words }: Pick<Statement, 'sql' | 'words'>): AlteredColumn | null {
  if (words[0]?.keyword !== 'ALTER') return null;
  const { name: table, next } = nameAt(words, 2);
  const column = words[next + 2]?.name;
  if (words[next]?.keyword !== 'ALTER' || column === undefined) return null;
  return { table, column, checks: checksIn(sql, words) };
}

/**
 * What makes the indexes anew whose order another collation of a column has changed. `collates`: there may be one beside the usual,
 * before or behind.
 */
export function reindexing(altered: AlteredColumn | null, collates: boolean): readonly string[] {
  // With the schema: alone, the name could be that of a collation.
  return altered && collates ? [`REINDEX main.${quoteName(altered.table)}`] : [];
}

/** Whether a text names a collation. */
export function hasCollation(words: readonly Word[]): boolean {
  return words.some(({ keyword }) => keyword === 'COLLATE');
}

function checksIn(sql: string, words: readonly Word[]): AlteredColumn['checks'] {
  const begin = words[0]?.start ?? 0;
  const checks: { name: string; condition: string }[] = [];
  let [depth, open] = [0, -1];
  words.forEach(({ kind, name, keyword, end }, index) => {
    if (depth === 0 && keyword === 'CHECK') open = index;
    if (kind !== 'sign') return;
    if (name === '(') depth += 1;
    if (name === ')') depth -= 1;
    if (name !== ')' || depth > 0 || open === -1) return;
    const condition = sql.slice((words[open + 1]?.start ?? 0) - begin, end - begin);
    const named = words[open - 2]?.keyword === 'CONSTRAINT' ? words[open - 1]?.name : undefined;
    checks.push({ name: named ?? condition.slice(1, -1), condition });
    open = -1;
  });
  return checks;
}
