// Where the terms of a query stand in a text, without asking the database: what scoring.ts and highlight.ts are made of.
// The rules are those of the index: whole words, beginnings for an unfinished word, and parts of glued names.
import { wordParts } from './extra-text.js';
import type { Term } from './match-expression.js';
import { comparable, edge, endOf, type MatchText } from './match-text.js';
import { piecesFinder, wordFinder } from './term-finder.js';

/** A place in a text where a term stands. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
  /** The same places in the folded text. */
  readonly from: number;
  readonly to: number;
  /** 1 = whole words, less for a beginning or a part of a glued word. */
  readonly quality: number;
}

/** Finds one term. */
export interface TermMatcher {
  readonly column: Term['column'];
  /** Returns the first of the best occurrences, or null. */
  find(text: MatchText): Occurrence | null;
  /** Returns all of them, up to a thousand. */
  all(text: MatchText): readonly Occurrence[];
}

/** Of equally good words those that are likelier count a little more, where the order of alternatives says so. */
const likelier = 0.04;

/** Returns what finds `term`; `likeliestFirst`: its alternatives are guesses in order, not a choice. */
export function termMatcher(term: Term, { likeliestFirst = false } = {}): TermMatcher {
  const [first, ...others] = [term.words, ...term.alternatives].map((words) =>
    wordsMatcher(words, term.prefix, term.column),
  );
  if (first === undefined) throw new RangeError('a term has words');
  if (others.length === 0) return first;
  const each = [first, ...others];
  return {
    column: term.column,
    find(text) {
      let best: Occurrence | null = null;
      for (const [i, matcher] of each.entries()) {
        const found = matcher.find(text);
        if (found === null) continue;
        const weighed = likeliestFirst ? { ...found, quality: found.quality * (1 - likelier * i) } : found;
        if (best === null || isBetter(weighed, best)) best = weighed;
      }
      return best;
    },
    all: (text) => each.flatMap((matcher) => matcher.all(text)),
  };
}

/** Whole before glued, then what comes first, then what is longer: whichever alternative was named first. */
function isBetter(a: Occurrence, b: Occurrence): boolean {
  return (a.quality - b.quality || b.from - a.from || a.to - b.to) > 0;
}

function wordsMatcher(words: readonly string[], prefix: boolean, column: Term['column']): TermMatcher {
  const parts = words.flatMap((word) => wordParts(word));
  const pieces = (parts.length === 0 ? words : parts).map(comparable);
  const finderIn = pieces.length === 1 ? wordFinder(pieces[0] ?? '') : piecesFinder(pieces);
  return {
    column,
    find(text) {
      const next = finderIn(text.folded);
      let best: Occurrence | null = null;
      for (let found = next(0); found !== null; found = next(found[0] + 1)) {
        const occurrence = judge(text, found[0], found[1], prefix);
        if (occurrence !== null && (best === null || occurrence.quality > best.quality)) best = occurrence;
        if (best?.quality === 1) break;
      }
      return best;
    },
    all(text) {
      const next = finderIn(text.folded);
      const all: Occurrence[] = [];
      for (let found = next(0); found !== null && all.length < 1_000; ) {
        const occurrence = judge(text, found[0], found[1], prefix);
        if (occurrence !== null) all.push(occurrence);
        found = next(occurrence === null ? found[0] + 1 : found[1]);
      }
      return all;
    },
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
  return { start: text.places?.[start] ?? start, end: endOf(text, end), from: start, to: end, quality };
}
