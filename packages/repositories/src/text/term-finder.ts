// Finds the pieces of a term in a folded text (match-text.ts), without saying whether words begin and end there:
// text-match.ts judges that.
import { maxParts } from './match-expression.js';

/** Returns the first place of a term from `from` on, or null. */
export type Finder = (from: number) => readonly [start: number, end: number] | null;

/** Returns what finds a word, and in texts without it the word with apostrophes in it: obrien in o'brien. */
export function wordFinder(word: string): (text: string) => Finder {
  const letters = Array.from(word);
  return (text) =>
    letters.length < 2 || text.includes(word) || !apostrophe.test(text)
      ? finder([word], noGap, text)
      : finder(letters, apostropheGap, text);
}

/** Returns what finds pieces one after the other with no letters and numbers between them. */
export function piecesFinder(pieces: readonly string[]): (text: string) => Finder {
  return (text) => finder(pieces, separatorGap, text);
}

/** Returns where the next piece may begin, when the one before ends at `at`. */
type Gap = (text: string, at: number, piece: string) => number;

// Walks, because a regular expression of thousands of pieces takes seconds to compile. Of more pieces than the index is
// asked for these must be there, and as many of the others as follow: else what nearly matches would cost the square.
function finder(pieces: readonly string[], gap: Gap, text: string): Finder {
  const [first = '', ...others] = pieces;
  const needed = Math.min(pieces.length, maxParts) - 1;
  return (from) => {
    if (first === '') return null;
    for (let start = text.indexOf(first, from); start >= 0; start = text.indexOf(first, start + 1)) {
      let end = start + first.length;
      const missing = others.findIndex((piece) => {
        const next = gap(text, end, piece);
        if (!text.startsWith(piece, next)) return true;
        end = next + piece.length;
        return false;
      });
      if (missing < 0 || missing >= needed) return [start, end];
    }
    return null;
  };
}

const noGap: Gap = (_, at) => at;

const apostropheGap: Gap = (text, at) => (apostrophe.test(text.charAt(at)) ? at + 1 : at);

const separatorGap: Gap = (text, at, piece) => {
  let end = at;
  while (end < text.length && !text.startsWith(piece, end)) {
    const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (/[\p{L}\p{N}]/u.test(character)) break;
    end += character.length;
  }
  return end;
};

const apostrophe = /['’‘]/;
