// How well a model answers a query: which of its texts hold the terms, how whole, and how much of its name they are.
// The score depends on the model and the query alone, so a page stays where it is whatever others add or remove.
import type { Term } from '../text/match-expression.js';
import { comparable, type MatchText, matchText } from '../text/match-text.js';
import type { ParsedQuery } from '../text/parse-query.js';
import { type Occurrence, type TermMatcher, termMatcher } from '../text/text-match.js';

/** The texts of a model that scores are made of. */
export interface ScoredTexts {
  readonly name: string;
  readonly fileName: string;
  /** Names, a line each. */
  readonly tagsText: string;
}

/** How much a term counts where it counts most, and what the name as a whole adds. */
const weights = Object.freeze({
  name: 10,
  fileName: 4,
  tags: 6,
  /** In the description, the author, or nowhere that scoring looks. */
  elsewhere: 1,
  /** Times what the other texts would have counted: enough to part equals, too little to lift a model above a better name. */
  alsoThere: 0.02,
  /** Times the part of the name that the terms make up. */
  nameCovered: 10,
  /** The name begins with the first term. */
  nameBegins: 3,
  /** The terms stand in the name in the order of the query. */
  nameInOrder: 3,
  /** For each term that follows the one before at once. */
  nameTogether: 2,
  /** The name is the terms and nothing else. */
  nameWhole: 4,
});

/** How well a model answers. */
export interface Score {
  /** Higher is better. */
  readonly score: number;
  /** Whether all terms stand in the name. */
  readonly isNamed: boolean;
}

/** Returns what scores models for a query; `likeliestFirst`: its choices are guesses in order. */
export function scorer(
  { wanted }: Pick<ParsedQuery, 'wanted'>,
  { likeliestFirst = false } = {},
): (texts: ScoredTexts) => Score {
  const matchers = distinct(wanted).map((term) => termMatcher(term, { likeliestFirst }));
  return ({ name, fileName, tagsText }) => {
    const inName = matchText(name);
    const inFile = matchText(fileName);
    const inTags = matchText(tagsText);
    let score = 0;
    const named: Occurrence[] = [];
    let previous: Occurrence | null = null;
    let ordered = matchers.length > 0;
    let isNamed = ordered;
    for (const [i, matcher] of matchers.entries()) {
      const found = matcher.column === null ? matcher.find(inName) : null;
      const ofName = (found?.quality ?? 0) * weights.name;
      const ofTags = quality(matcher, inTags) * weights.tags;
      const ofFile = quality(matcher, inFile) * weights.fileName;
      const best = Math.max(ofName, ofTags, ofFile);
      const others = ofName + ofTags + ofFile - best;
      score += best === 0 ? weights.elsewhere : best + weights.alsoThere * others;
      if (found === null) {
        ordered = false;
        isNamed = false;
        continue;
      }
      named.push(found);
      if (i === 0 && found.from === 0) score += weights.nameBegins;
      if (previous !== null && found.from <= previous.from) ordered = false;
      if (previous !== null && isNext(previous, found)) score += weights.nameTogether;
      previous = found;
    }
    const letters = lettersOf(inName.folded);
    const covered = coveredLetters(inName, named);
    if (ordered && matchers.length > 1) score += weights.nameInOrder;
    if (isNamed && covered === letters) score += weights.nameWhole;
    return {
      score: rounded(score + (weights.nameCovered * covered) / Math.max(1, letters)),
      isNamed,
    };
  };
}

/** Without repetitions: `nut nut` asks for what `nut` does. */
function distinct(wanted: readonly Term[]): readonly Term[] {
  const terms = new Map<string, Term>();
  for (const term of wanted) {
    const choice = new Set([term.words, ...term.alternatives].map((words) => comparable(words.join(' '))));
    const key = JSON.stringify([term.column, ...[...choice].sort()]);
    const before = terms.get(key);
    terms.set(key, before === undefined ? term : { ...before, prefix: before.prefix || term.prefix });
  }
  return [...terms.values()];
}

/** How many letters of the name the terms make up: one that two terms hold counts once. */
function coveredLetters({ folded }: MatchText, found: readonly Occurrence[]): number {
  let letters = 0;
  let end = 0;
  for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
    letters += lettersOf(folded.slice(Math.max(from, end), to));
    end = Math.max(end, to);
  }
  return letters;
}

/** Whether nothing but a few separators can stand between the two. */
function isNext(before: Occurrence, after: Occurrence): boolean {
  return after.from >= before.to && after.from - before.to <= 3;
}

function quality(matcher: TermMatcher, text: MatchText): number {
  const found: Occurrence | null = matcher.column === null && text.text !== '' ? matcher.find(text) : null;
  return found?.quality ?? 0;
}

function lettersOf(folded: string): number {
  let letters = 0;
  for (let i = 0; i < folded.length; i += 1) {
    const code = folded.charCodeAt(i);
    if (code > 127 || (code >= 97 && code <= 122) || (code >= 48 && code <= 57)) letters += 1;
  }
  return letters;
}

/** Equal on every machine and short in a cursor. */
function rounded(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}
