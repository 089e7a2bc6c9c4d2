// Which tables the statements of a migration leave without rows. run/plan.ts asks, as a later migration of the same run
// loses nothing when it drops one of them.

import { targetOf } from './data-statements.js';
import { nameAt } from './follow-tables.js';
import type { Statement } from './statements.js';

/**
 * Returns the tables, in lower case, that `statements` empty with a DELETE of all rows and do not write to again.
 * Tables in `emptied` were empty before. Renames are followed.
 */
export function emptiedTables(
  statements: readonly Statement[],
  emptied: ReadonlySet<string> = new Set(),
): ReadonlySet<string> {
  const empty = new Set(emptied);
  for (const { words } of statements) {
    const target = targetOf(words);
    const keywords = words.map(({ keyword }) => keyword);
    if (keywords[0] === 'DELETE' && keywords[1] === 'FROM') {
      const { key, next } = nameAt(words, 2);
      if (words.length === next) empty.add(key);
    } else if (target !== null) empty.delete(target);
    else if (keywords[0] === 'DROP' && keywords[1] === 'TABLE')
      empty.delete(nameAt(words, keywords[2] === 'IF' ? 4 : 2).key);
    else if (keywords[0] === 'ALTER') {
      const { key, next } = nameAt(words, 2);
      if (keywords[next] !== 'RENAME' || keywords[next + 1] !== 'TO') continue;
      const renamed = words[next + 2]?.name.toLowerCase() ?? '';
      if (empty.delete(key)) empty.add(renamed);
      else empty.delete(renamed);
    }
  }
  return empty;
}
