// A text as terms are looked for in it (text-match.ts): folded as the words of a query are, with the way back to where
// each letter stands, and with the edges of its words and their parts.
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

/** What an edge of a part of a word counts; one of a word counts 1. */
const partOfWord = 0.7;

/** Returns `text` ready to be searched: its letters are folded as if the whole text was. */
export function matchText(text: string): MatchText {
  if (!beyondAscii.test(text)) return { text, folded: text.toLowerCase(), places: null };
  let folded = '';
  let places: number[] | null = null;
  const known = new Map<string, string>();
  const add = (plain: string, place: number, isOneEach: boolean): void => {
    // Up to here each letter has become one, as in most texts up to their end.
    if (!isOneEach) places ??= Array.from({ length: folded.length }, (_, i) => i);
    folded += plain;
    for (let i = 0; places !== null && i < plain.length; i += 1) places.push(isOneEach ? place + i : place);
  };
  const addLetter = (letter: string, place: number): void => {
    const plain = known.get(letter) ?? comparable(plainText(letter));
    known.set(letter, plain);
    add(plain, place, letter.length === 1 && plain.length === 1);
  };
  for (const { 0: piece, 1: run, index } of text.matchAll(pieces)) {
    const plain = run === undefined ? '' : comparable(plainText(run));
    if (run === undefined) addLetter(piece, index);
    // None of these letters folds to less than one: each has become one.
    else if (plain.length === run.length) add(plain, index, true);
    else for (let i = 0; i < run.length; i += 1) addLetter(run.charAt(i), index + i);
  }
  return { text, folded, places };
}

/** Returns letters of a text or a query in the form in which they are compared: as the index does, which knows one small sigma. */
export function comparable(letters: string): string {
  return foldLetters(letters).replaceAll('ς', 'σ');
}

/** Returns where the letter before place `end` of the folded text ends: what it was folded from is not cut. */
export function endOf({ text, places }: MatchText, end: number): number {
  if (places === null) return end;
  let after = end;
  while (places[after] === places[end - 1]) after += 1;
  return places[after] ?? text.length;
}

/** Returns what kind of edge lies before place `at` of the folded text: 1 of a word, less of a part of a word, 0 none. */
export function edge(match: MatchText, at: number): number {
  const { text, folded, places } = match;
  if (at === 0 || at >= folded.length) return 1;
  if (isSecondHalf(folded.charCodeAt(at))) return 0;
  const [before, after] = [kindAt(folded, at - 1), kindAt(folded, at)];
  if (before === other || after === other) return 1;
  if (before !== after) return partOfWord;
  if (before === unspaced) return partOfWord;
  if (before === digit) return 0;
  const place = places?.[at] ?? at;
  const placeBefore = places?.[at - 1] ?? at - 1;
  // Both were one letter: æ.
  if (place === placeBefore) return 0;
  const original = text.charAt(place);
  // hexBolt: a capital after a small letter, and the last one of several: HTTPServer.
  if (original === original.toLowerCase()) return 0;
  const previous = text.charAt(placeBefore);
  if (previous === previous.toLowerCase()) return partOfWord;
  const following = text.charAt(endOf(match, at + 1));
  return following !== '' && following !== following.toUpperCase() ? partOfWord : 0;
}

const other = 0;
const letter = 1;
const digit = 2;
const unspaced = 3;

/** Of what kind the character is that has a unit at place `at`. */
function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) {
    if (code >= 48 && code <= 57) return digit;
    return code >= 97 && code <= 122 ? letter : other;
  }
  const character = String.fromCodePoint(text.codePointAt(isSecondHalf(code) ? Math.max(0, at - 1) : at) ?? code);
  if (unspacedLetter.test(character)) return unspaced;
  if (/[\p{L}\p{M}]/u.test(character)) return letter;
  return /\p{N}/u.test(character) ? digit : other;
}

/** The low unit of a character beyond the first 65,536. */
function isSecondHalf(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

const beyondAscii = /[\u0080-\uffff]/;

/**
 * What is folded together with what stands before it: marks, what is not seen, vowels and ends of Korean syllables, and
 * forms of these (halfwidth, of tables of old).
 */
const joining = [
  '\\p{M}\\p{Default_Ignorable_Code_Point}\\u0640\\u0e33\\u0eb3\\u1160-\\u11ff\\u3133\\u3135\\u3136\\u313a-\\u313f',
  '\\u314f-\\u318e\\ufcf2-\\ufcf4\\ufe70-\\ufe7f\\uff9e-\\uffdc\\u{16d67}',
].join('');

/**
 * Letters of one unit that nothing joins, many at once because a call costs more than a letter; else one letter with all that
 * does: up to the thirty of Unicode's stream-safe format, as putting marks in order takes the square of their number.
 */
const pieces = new RegExp(`([^${joining}\\u{10000}-\\u{10ffff}]{1,256})(?![${joining}])|.[${joining}]{0,30}`, 'gsu');
