// One spelling for SQL that means the same: quotes, case, white space and comments differ between what drizzle-kit writes,
// what a person writes and what SQLite makes of it when it renames. Used by read-schema.ts to compare.

import type { Word } from '../sql/words.js';
import { foldName } from '../sql/words.js';

/**
 * Returns `words` in one spelling: names and keywords in lower case without quotes, one space between tokens, strings as
 * they are. `ownTable.` before a column is left out: SQLite keeps it in some rewrites and not in others.
 */
export function normalForm(words: readonly Word[], ownTable?: string): string {
  const own = ownTable === undefined ? undefined : foldName(ownTable);
  let text = '';
  let before: Word | undefined;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i];
    if (!word) continue;
    const isQualifier = own !== undefined && isName(word) && foldName(word.name) === own && words[i + 1]?.name === '.';
    if (isQualifier) i += 1;
    else {
      text += isOneOperator(before, word) || text === '' ? '' : ' ';
      text += word.kind === 'text' ? `'${word.name}'` : foldName(word.name);
      before = word;
    }
  }
  return text;
}

/** `<=`, `||` and the like come as two tokens. */
function isOneOperator(before: Word | undefined, word: Word): boolean {
  return before?.end === word.start && /^[<>=!|-]$/.test(before.name) && /^[<>=|]$/.test(word.name);
}

/** Whether `word` can stand for a name: bare or quoted. */
export function isName(word: Word): boolean {
  return word.kind === 'word' || word.kind === 'name';
}

/** Index after the parenthesis that closes the one at `open`. */
export function afterParentheses(words: readonly Word[], open: number): number {
  let depth = 0;
  for (let i = open; i < words.length; i += 1) {
    const { kind, name } = words[i] ?? {};
    if (kind !== 'sign') continue;
    if (name === '(') depth += 1;
    if (name === ')') depth -= 1;
    if (depth === 0) return i + 1;
  }
  return words.length;
}
