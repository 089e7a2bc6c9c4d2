// How the words of a query were typed, where they are read as something else (plain-text.ts). Tags and authors stand in the
// index as they are written, so that what is typed as it is written there has to be asked for as well: x², ﬁne, מִלָּה.
import { newSign, wordsOf } from './extra-text.js';
import { plainText } from './plain-text.js';

/** Returns how each of the groups of words that `typed` is read as was typed; null where that finds nothing else. */
export function writtenForms(typed: string, groups: readonly (readonly string[])[]): readonly (string | null)[] {
  const pieces = groups.length === 1 ? [typed] : wordsOf(typed);
  if (ascii.test(typed) || pieces.length !== groups.length || losesLetters(typed)) return groups.map(() => null);
  return pieces.map((piece, i) => {
    const isRead = wordsOf(piece).join(' ') === groups[i]?.join(' ');
    // FTS5 takes these for letters: of the tag it has one word with the sign.
    return isRead && !newSign.test(piece) ? null : piece;
  });
}

const ascii = /^[\0-\x7f]*$/;

/** Whether FTS5 sees no letters where they are read: of ™x only x, which many others have. */
function losesLetters(typed: string): boolean {
  return wordsOf(plainText(typed.replace(/[\p{L}\p{M}\p{N}]/gu, ' '))).length > 0;
}
