// What was probably meant by a query that finds nothing: its words replaced by near ones of the library, the nearest
// combination first that finds something. Words that are there stay, unless no replacement of the others helps.
import { foldLetters } from './extra-text.js';
import type { Term } from './match-expression.js';
import type { ParsedQuery } from './parse-query.js';
import { editDistance, isSpellable, withoutLetters } from './spelling.js';
import type { Word, Words } from './words.js';

/** Whether a query finds anything, with the filter of the search or without. */
export type Finds = (parsed: ParsedQuery, filtered: boolean) => Promise<boolean>;

/** Returns the text of the query with corrected words, or null. */
export type Correct = (
  parsed: ParsedQuery,
  parse: (text: string) => ParsedQuery,
  finds: Finds,
) => Promise<string | null>;

/** More words than this are not corrected together. */
const maxWords = 8;
const replacementsPerWord = 6;
const maxAttempts = 60;
/** A copy of the words this far behind is not trusted while the index itself can be read in a moment. */
const readableChanges = 30_000;

/** Returns what corrects queries with the words of the library. */
export function createCorrection(words: Words): Correct {
  const near = async (word: string, max: number): Promise<readonly Replacement[]> => {
    const { changes, words: copiedAt } = await words.state();
    const isBehind = changes !== copiedAt && changes <= readableChanges;
    const lengths = [word.length - max, word.length + max] as const;
    if (isBehind) return nearest(word, max, await words.allInIndex(...lengths));
    const found = nearest(word, max, await words.near(withoutLetters(word, max)));
    if (found.length > 0 || max < 2) return found;
    // Two wrong letters, or two missing ones: compared one by one, of the words that begin with the same letter.
    const first = word.charAt(0);
    return nearest(word, max, await words.between(first, `${first}\u{10ffff}`, ...lengths));
  };

  return async (parsed, parse, finds) => {
    const slots = parsed.wanted
      .filter(({ column }) => column === null)
      .flatMap(slotsOf)
      .slice(0, maxWords);
    if (slots.length === 0) return null;
    const known = await Promise.all(
      slots.map(async (slot) => finds(parse(slot.prefix ? slot.word : `"${slot.word}"`), false)),
    );
    const unknown = slots.filter((_, i) => !known[i]);
    const choices = async (among: readonly Slot[]) =>
      Promise.all(
        among.map(async (slot) => ({
          slot,
          replacements: await near(slot.folded, slot.folded.length < 5 ? 1 : 2),
        })),
      );
    if (unknown.length > 0) {
      const found = await firstThatFinds(
        parsed,
        parse,
        finds,
        await choices(unknown.filter(({ folded }) => isSpellable(folded))),
      );
      if (found !== null) return found;
    }
    // Every word is there, but not together: one of them may be another word by mistake.
    for (const choice of await choices(slots.filter(({ folded }, i) => known[i] && isSpellable(folded)))) {
      const found = await firstThatFinds(parsed, parse, finds, [choice]);
      if (found !== null) return found;
    }
    return null;
  };
}

interface Slot {
  readonly word: string;
  readonly folded: string;
  readonly place: number;
  readonly prefix: boolean;
}

interface Replacement {
  readonly term: string;
  /** The lower, the likelier. */
  readonly cost: number;
}

interface Choice {
  readonly slot: Slot;
  readonly replacements: readonly Replacement[];
}

function slotsOf({ words, places, prefix }: Term): readonly Slot[] {
  return words.map((word, i) => ({
    word,
    folded: foldLetters(word),
    place: places[i] ?? 0,
    prefix: prefix && i === words.length - 1,
  }));
}

/** Returns the likeliest words: the nearest, of equally near ones those that more models have. */
function nearest(word: string, max: number, among: readonly Word[]): readonly Replacement[] {
  const found: Replacement[] = [];
  for (const { term, models } of among) {
    if (term === word || !isSpellable(term)) continue;
    const distance = editDistance(word, term, max);
    if (distance > max) continue;
    const sameStart = term.charAt(0) === word.charAt(0) ? 0 : 0.3;
    found.push({ term, cost: distance + sameStart - Math.min(0.6, Math.log10(1 + models) / 10) });
  }
  return found.sort((a, b) => a.cost - b.cost || (a.term < b.term ? -1 : 1)).slice(0, replacementsPerWord);
}

/** Tries combinations of replacements from the likeliest on. */
async function firstThatFinds(
  parsed: ParsedQuery,
  parse: (text: string) => ParsedQuery,
  finds: Finds,
  choices: readonly Choice[],
): Promise<string | null> {
  if (choices.length === 0 || choices.some(({ replacements }) => replacements.length === 0)) return null;
  let combinations: readonly { readonly picked: readonly Replacement[]; readonly cost: number }[] = [
    { picked: [], cost: 0 },
  ];
  for (const { replacements } of choices) {
    combinations = combinations
      .flatMap(({ picked, cost }) =>
        replacements.map((each) => ({ picked: [...picked, each], cost: cost + each.cost })),
      )
      .sort((a, b) => a.cost - b.cost)
      .slice(0, maxAttempts);
  }
  for (const { picked } of combinations) {
    const text = replaced(
      parsed.text,
      choices.map(({ slot }, i) => [slot, picked[i]?.term ?? slot.word] as const),
    );
    if (await finds(parse(text), true)) return text;
  }
  return null;
}

function replaced(text: string, changes: readonly (readonly [slot: Slot, word: string])[]): string {
  const fromTheEnd = [...changes].sort(([a], [b]) => b.place - a.place);
  return fromTheEnd.reduce(
    (before, [{ place, word }, by]) => before.slice(0, place) + by + before.slice(place + word.length),
    text,
  );
}
