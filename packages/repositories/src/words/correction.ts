// What was probably meant by a query that finds nothing: its words replaced by near ones of the library. Several near words
// are asked for at once (`case|cage|cake`), because how well a model is matched says more than how common a word is.
import type { Term } from '../text/match-expression.js';
import { comparable } from '../text/match-text.js';
import type { ParsedQuery } from '../text/parse-query.js';
import { editDistance, isSpellable, withoutLetters } from './spelling.js';
import type { Word, Words } from './words.js';

/** Whether a query finds anything, with the filter of the search or without. */
export type Finds = (parsed: ParsedQuery, filtered: boolean) => Promise<boolean>;

/** Returns the text of a query with near words that finds something, or null. */
export type Correct = (
  parsed: ParsedQuery,
  parse: (text: string) => ParsedQuery,
  finds: Finds,
) => Promise<string | null>;

/** More words than this are not corrected together. */
const maxWords = 8;
const wordsPerSlot = 8;
/** From this length on a word may have two wrong letters. */
const longWord = 4;
/** So many words are compared one by one for a query, however many its words and those of the library are. */
const comparedWords = 3_000;
/** Of those, so many that begin with the same two letters; the rest begin with the same one. */
const likelyWords = 1_000;

/** Returns what corrects queries with the words of the library. */
export function createCorrection(words: Words): Correct {
  const lacking = async (): Promise<readonly Word[]> => {
    const { changes, words: copiedAt } = await words.state();
    return changes === copiedAt ? [] : words.ofLastWrites();
  };
  /** Returns the near words of each of some words, with what they may cost together. */
  const nearOfAll = async (asked: readonly string[]): Promise<readonly (readonly string[])[]> => {
    if (asked.length === 0) return [];
    const unlisted = lacking();
    let found: readonly (readonly string[])[] = await Promise.all(
      asked.map(async (word) => {
        const max = mostWrong(word);
        const [listed, written] = await Promise.all([words.near(withoutLetters(word, max)), unlisted]);
        return nearest(word, max, [...listed, ...written]);
      }),
    );
    let left = comparedWords;
    // Two replaced letters, or two missing ones: compared one by one, of the words that begin alike.
    for (const [letters, most] of [
      [2, likelyWords],
      [1, comparedWords],
    ] as const) {
      const comparing = found.map(async (near, i): Promise<readonly string[]> => {
        const word = asked[i] ?? '';
        const max = mostWrong(word);
        const limit = Math.min(left, most);
        if (near.length > 0 || max < 2 || limit === 0) return near;
        left -= limit;
        const [from, to] = [word.length - max, word.length + max];
        return nearest(word, max, await words.startingWith(beginningOf(word, letters), from, to, limit));
      });
      found = await Promise.all(comparing);
    }
    return found;
  };

  return async (parsed, parse, finds) => {
    const slots = parsed.wanted.flatMap((term) => slotOf(term, parsed.text)).slice(0, maxWords);
    const spelt = slots.filter((slot) => isSpellable(slot.folded));
    const [known, near] = await Promise.all([
      Promise.all(slots.map((slot) => finds(parse(slot.prefix ? slot.word : `"${slot.word}"`), false))),
      nearOfAll(spelt.map((slot) => slot.folded)),
    ]);
    const choices = new Map(spelt.map((slot, i) => [slot, near[i] ?? []]));
    const attempt = async (of: (slot: Slot, isKnown: boolean) => readonly string[]): Promise<string | null> => {
      const changes = slots.map((slot, i): Change => [slot, of(slot, known[i] === true)]);
      if (changes.every(([, chosen]) => chosen.length === 0)) return null;
      if (!(await finds(parse(replaced(parsed.text, changes)), true))) return null;
      return replaced(parsed.text, await withHits(changes));
    };
    /** Leaves the near words out that no hit has: the rest finds the same. */
    const withHits = (changes: readonly Change[]): Promise<readonly Change[]> =>
      Promise.all(
        changes.map(async (change): Promise<Change> => {
          const [slot, chosen] = change;
          if (chosen.length < 2) return change;
          const isUsed = await Promise.all(
            chosen.map((word) => {
              const alone = changes.map((each): Change => (each === change ? [slot, [`"${word}"`]] : each));
              return finds(parse(replaced(parsed.text, alone)), true);
            }),
          );
          return [slot, chosen.filter((_word, i) => isUsed[i])];
        }),
      );
    // First only words that are not there; then any word may be another one by mistake.
    return (
      (await attempt((slot, isKnown) => (isKnown ? [] : (choices.get(slot) ?? [])))) ??
      (await attempt((slot, isKnown) => {
        const chosen = choices.get(slot) ?? [];
        return isKnown && chosen.length > 0 ? [slot.folded, ...chosen] : chosen;
      }))
    );
  };
}

interface Slot {
  readonly word: string;
  readonly folded: string;
  readonly place: number;
  readonly prefix: boolean;
}

/** The place of a word that may be corrected: it stands alone, without quotes and operators. */
function slotOf({ words, places, prefix, column, alternatives }: Term, text: string): readonly Slot[] {
  const [word, place] = [words[0], places[0]];
  if (word === undefined || place === undefined || words.length > 1 || column !== null || alternatives.length > 0)
    return [];
  if (text.charAt(place - 1) === '"') return [];
  return [{ word, folded: comparable(word), place, prefix }];
}

/** How many letters of a word may be wrong. */
function mostWrong(word: string): number {
  return word.length < longWord ? 1 : 2;
}

/** The first letters of a word; characters of two units are not cut. */
function beginningOf(word: string, letters: number): string {
  return Array.from(word).slice(0, letters).join('');
}

/** Returns the likeliest words: the nearest, of equally near ones those that more models have. */
function nearest(word: string, max: number, among: readonly Word[]): readonly string[] {
  const found: { readonly term: string; readonly cost: number }[] = [];
  for (const { term, models } of among) {
    if (term === word || !isSpellable(term)) continue;
    const distance = editDistance(word, term, max);
    if (distance > max) continue;
    const sameStart = term.charAt(0) === word.charAt(0) ? 0 : 0.3;
    found.push({ term, cost: distance + sameStart - Math.min(0.6, Math.log10(1 + models) / 10) });
  }
  found.sort((a, b) => a.cost - b.cost || (a.term < b.term ? -1 : 1));
  // The copy and what it lacks may have the same word.
  return [...new Set(found.map(({ term }) => term))].slice(0, wordsPerSlot);
}

type Change = readonly [slot: Pick<Slot, 'word' | 'place'>, by: readonly string[]];

function replaced(text: string, changes: readonly Change[]): string {
  const fromTheEnd = [...changes].sort(([a], [b]) => b.place - a.place);
  return fromTheEnd.reduce(
    (before, [{ place, word }, by]) =>
      by.length === 0 ? before : before.slice(0, place) + by.join('|') + before.slice(place + word.length),
    text,
  );
}
