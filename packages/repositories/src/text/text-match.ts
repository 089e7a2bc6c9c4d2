// Where the terms of a query stand in a text, without asking the database: what scoring.ts and highlight.ts are made of.
// The rules are those of the index: whole words, beginnings for an unfinished word, and parts of glued names.
import { foldLetters, unspacedLetter, wordParts } from './extra-text.js';
import type { Term } from './match-expression.js';
import { plainText } from './plain-text.js';

/** A place in a text where a term stands. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  /** 1 = whole words, less for a beginning or a part of a glued word. */
  readonly quality: number;
}

/** A text as matchers read it. */
export interface MatchText {
  readonly text: string;
  /** Lower case without accents. */
  readonly folded: string;
  /** The place in `text` of each place in `folded`; null when they are the same. */
  readonly places: readonly number[] | null;
}

/** Finds one term. */
export interface TermMatcher {
  readonly column: Term['column'];
  /** The characters of the term, separators left out. */
  readonly length: number;
  /** Returns the first of the best occurrences, or null. */
  find(text: MatchText): Occurrence | null;
  /** Returns all of them, up to a thousand. */
  all(text: MatchText): readonly Occurrence[];
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

/** Of equally good words those that are likelier count a little more. */
const likelier = 0.04;

/** Returns what finds `term`. */
export function termMatcher(term: Term): TermMatcher {
  const [first, ...others] = [term.words, ...term.alternatives].map((words) =>
    wordsMatcher(words, term.prefix, term.column),
  );
  if (first === undefined) throw new RangeError('a term has words');
  if (others.length === 0) return first;
  const each = [first, ...others];
  return {
    column: term.column,
    length: first.length,
    find(text) {
      let best: Occurrence | null = null;
      each.forEach((matcher, i) => {
        const found = matcher.find(text);
        const quality = (found?.quality ?? 0) * (1 - likelier * i);
        if (found !== null && quality > (best?.quality ?? 0)) best = { ...found, quality };
      });
      return best;
    },
    all: (text) => each.flatMap((matcher) => matcher.all(text)),
  };
}

function wordsMatcher(words: readonly string[], prefix: boolean, column: Term['column']): TermMatcher {
  const parts = words.flatMap((word) => wordParts(word));
  const pieces = parts.length === 0 ? words.map(foldLetters) : parts;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const next = pieces.length === 1 ? wordFinder(pieces[0] ?? '') : patternFinder(pieces);
  return {
    column,
    length,
    find(text) {
      let best: Occurrence | null = null;
      for (let found = next(text.folded, 0); found !== null; found = next(text.folded, found[0] + 1)) {
        const occurrence = judge(text, found[0], found[1], prefix);
        if (occurrence !== null && (best === null || occurrence.quality > best.quality)) best = occurrence;
        if (best?.quality === 1) break;
      }
      return best;
    },
    all(text) {
      const all: Occurrence[] = [];
      for (let found = next(text.folded, 0); found !== null && all.length < 1_000; ) {
        const occurrence = judge(text, found[0], found[1], prefix);
        if (occurrence !== null) all.push(occurrence);
        found = next(text.folded, occurrence === null ? found[0] + 1 : found[1]);
      }
      return all;
    },
  };
}

type Finder = (text: string, from: number) => readonly [start: number, end: number] | null;

function literalFinder(literal: string): Finder {
  return (text, from) => {
    const start = literal === '' ? -1 : text.indexOf(literal, from);
    return start < 0 ? null : [start, start + literal.length];
  };
}

/** Finds a word, and in texts without it the word with apostrophes in it: obrien in o'brien. */
function wordFinder(word: string): Finder {
  const literal = literalFinder(word);
  if (word.length < 2) return literal;
  let loose: Finder | undefined;
  return (text, from) => {
    if (text.includes(word) || !apostrophe.test(text)) return literal(text, from);
    loose ??= looseFinder(word);
    return loose(text, from);
  };
}

const apostrophe = /['’‘]/;

function looseFinder(word: string): Finder {
  return matches(new RegExp(Array.from(word, escaped).join("['’‘]?"), 'gu'));
}

function patternFinder(pieces: readonly string[]): Finder {
  return matches(new RegExp(pieces.map(escaped).join('[^\\p{L}\\p{N}]*'), 'gu'));
}

function matches(pattern: RegExp): Finder {
  return (text, from) => {
    pattern.lastIndex = from;
    const found = pattern.exec(text);
    return found === null ? null : [found.index, found.index + found[0].length];
  };
}

/** Returns the occurrence when it begins and ends where words or their parts do. */
function judge(text: MatchText, start: number, end: number, prefix: boolean): Occurrence | null {
  const { folded } = text;
  const before = edge(text, start);
  if (before === 0) return null;
  const after = edge(text, end);
  if (after === 0 && !prefix) return null;
  let quality = Math.min(before, after === 0 ? 1 : after);
  if (after === 0) {
    let wordEnd = end;
    while (wordEnd < folded.length && edge(text, wordEnd) === 0) wordEnd += 1;
    quality *= 0.5 + (0.4 * (end - start)) / (wordEnd - start);
  }
  return { start: text.places?.[start] ?? start, end: text.places?.[end] ?? end, quality };
}

/** What kind of edge lies before place `at`: 1 of a word, less of a part of a word, 0 none. */
function edge({ text, folded, places }: MatchText, at: number): number {
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

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
