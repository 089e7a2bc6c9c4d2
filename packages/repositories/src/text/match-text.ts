// A text as terms are looked for in it (text-match.ts): folded letter by letter, with the way back to where each stands,
// and with the edges of its words and their parts.
import { foldLetters, unspacedLetter } from './extra-text.js';
import { plainText } from './plain-text.js';

/** A text as matchers read it. */
export interface MatchText {
  readonly text: string;
  /** Lower case without accents. */
  readonly folded: string;
  /** The place in `text` of each place in `folded`; null when they are the same. */
  readonly places: readonly number[] | null;
}

const partOfWord = 0.7;

/** Returns `text` ready to be searched. */
export function matchText(text: string): MatchText {
  if (!beyondAscii.test(text)) return { text, folded: text.toLowerCase(), places: null };
  let folded = '';
  const places: number[] = [];
  let place = 0;
  for (const letter of text) {
    // Most letters of a text with an accent have none.
    const plain = letter < '\u0080' ? letter.toLowerCase() : foldLetters(plainText(letter));
    for (let i = 0; i < plain.length; i += 1) places.push(place);
    folded += plain;
    place += letter.length;
  }
  places.push(place);
  return { text, folded, places };
}

/** What kind of edge lies before place `at`: 1 of a word, less of a part of a word, 0 none. */
export function edge({ text, folded, places }: MatchText, at: number): number {
  if (at === 0 || at >= folded.length) return 1;
  const [a, b] = [folded.charCodeAt(at - 1), folded.charCodeAt(at)];
  const [before, after] = [kindOf(a, folded, at - 1), kindOf(b, folded, at)];
  if (before === other || after === other) return 1;
  if (before !== after) return partOfWord;
  if (before === unspaced) return partOfWord;
  if (before === digit) return 0;
  const place = places === null ? at : (places[at] ?? at);
  const original = text.charAt(place);
  // hexBolt: a capital after a small letter, and the last one of several: HTTPServer.
  if (original === original.toLowerCase()) return 0;
  const previous = text.charAt(place - 1);
  if (previous === previous.toLowerCase()) return partOfWord;
  const following = text.charAt(place + 1);
  return following !== '' && following !== following.toUpperCase() ? partOfWord : 0;
}

const other = 0;
const letter = 1;
const digit = 2;
const unspaced = 3;

function kindOf(code: number, text: string, at: number): number {
  if (code < 128) {
    if (code >= 48 && code <= 57) return digit;
    return code >= 97 && code <= 122 ? letter : other;
  }
  const character = text.charAt(at);
  if (unspacedLetter.test(character)) return unspaced;
  if (/[\p{L}\p{M}\p{Cs}]/u.test(character)) return letter;
  return /\p{N}/u.test(character) ? digit : other;
}

const beyondAscii = /[\u0080-\uffff]/;
