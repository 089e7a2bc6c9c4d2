// How well a model answers a query: which of its texts hold the terms, how whole, and how much of its name they are.
// The score depends on the model and the query alone, so a page stays where it is whatever others add or remove.
import { type MatchText, matchText } from '../text/match-text.js';
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

/** Returns what scores models for a query. */
export function scorer({ wanted }: Pick<ParsedQuery, 'wanted'>): (texts: ScoredTexts) => Score {
  const matchers = wanted.map((term) => termMatcher(term));
  return ({ name, fileName, tagsText }) => {
    const inName = matchText(name);
    const inFile = matchText(fileName);
    const inTags = matchText(tagsText);
    let score = 0;
    let covered = 0;
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
      covered += matcher.length;
      if (i === 0 && found.start === 0) score += weights.nameBegins;
      if (previous !== null && found.start <= previous.start) ordered = false;
      if (previous !== null && isNext(previous, found)) score += weights.nameTogether;
      previous = found;
    }
    const letters = lettersOf(inName);
    if (ordered && matchers.length > 1) score += weights.nameInOrder;
    if (isNamed && covered >= letters) score += weights.nameWhole;
    return {
      score: rounded(score + (weights.nameCovered * Math.min(covered, letters)) / Math.max(1, letters)),
      isNamed,
    };
  };
}

/** Whether nothing but a few separators can stand between the two. */
function isNext(before: Occurrence, after: Occurrence): boolean {
  return after.start >= before.end && after.start - before.end <= 3;
}

function quality(matcher: TermMatcher, text: MatchText): number {
  const found: Occurrence | null = matcher.column === null && text.text !== '' ? matcher.find(text) : null;
  return found?.quality ?? 0;
}

function lettersOf({ folded }: MatchText): number {
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
