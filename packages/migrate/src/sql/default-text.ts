// What a DEFAULT means that pragmas give as it was written. SQLite takes a name behind DEFAULT for a text, in double quotes or
// bare, and nowhere else: as an expression it would name a column that is not there.
import { quoteText, wordsOf } from './words.js';

/** Returns `written`, the default of a column, as an expression with the same value. */
export function defaultText(written: string): string {
  const [word, ...more] = wordsOf(written);
  if (!word || more.length > 0) return written;
  const isText = word.kind === 'name' || (word.kind === 'word' && !values.has(word.keyword));
  return isText ? quoteText(word.name) : written;
}

const values = new Set(['NULL', 'TRUE', 'FALSE', 'CURRENT_TIME', 'CURRENT_DATE', 'CURRENT_TIMESTAMP']);
