// Which tables and views a statement reads, by its words: hints of where rows come from. Read by loss/copying.ts and
// generate/steps-to-undo.ts.
import { nameAt, type Word } from './words.js';

/** Words that end a list of tables. */
const ends = new Set([
  ...[
    'WHERE',
    'GROUP',
    'HAVING',
    'WINDOW',
    'ORDER',
    'LIMIT',
    'UNION',
    'EXCEPT',
    'INTERSECT',
    'SELECT',
    'SET',
    'RETURNING',
  ],
]);
/** What may stand where a table could, and is none. */
const queries = new Set(['SELECT', 'VALUES', 'WITH']);

/** Every name behind FROM or JOIN, or in a list of tables, in parentheses too: in lower case. */
export function tablesRead(words: readonly Word[]): ReadonlySet<string> {
  const tables = new Set<string>();
  /** Whether a comma goes on with tables, for each parenthesis that is open. */
  const lists = [false];
  let isExpected = false;
  for (const [index, { kind, name, keyword }] of words.entries()) {
    const sign = kind === 'sign' ? name : '';
    if (sign === '(') {
      lists.push(isExpected);
      continue;
    }
    if (isExpected && sign === '' && !queries.has(keyword)) tables.add(nameAt(words, index).key);
    isExpected = false;
    if (sign === ')') lists.pop();
    else if (sign === ',') isExpected = lists.at(-1) ?? false;
    else if (keyword === 'JOIN' || (keyword === 'FROM' && words[index - 1]?.keyword !== 'DISTINCT')) {
      isExpected = true;
      lists.splice(-1, 1, true);
    } else if (ends.has(keyword)) lists.splice(-1, 1, false);
  }
  return tables;
}
