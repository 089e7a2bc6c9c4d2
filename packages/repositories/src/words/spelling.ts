// Distances between words, and how near words are found without comparing all of them: two words that are one edit apart
// become equal when at most one letter is left out of each (SymSpell, https://github.com/wolfgarbe/SymSpell).
import { unspacedLetter } from '../text/extra-text.js';

const shortest = 3;
const longest = 24;

/** Whether misspellings of a word are looked for: letters only, of a script with spaces between words. */
export function isSpellable(word: string): boolean {
  return (
    word.length >= shortest && word.length <= longest && /^[\p{L}\p{M}]+$/u.test(word) && !unspacedLetter.test(word)
  );
}

/** Returns what a word of the library is found by: itself and all it becomes without one letter; nothing when not spellable. */
export function deletesOf(word: string): readonly string[] {
  return isSpellable(word) ? withoutLetters(word, 1) : [];
}

/** Returns `word` and what it becomes without up to `letters` of its letters. */
export function withoutLetters(word: string, letters: number): readonly string[] {
  const found = new Set([word]);
  let longer: readonly string[] = [word];
  for (let i = 0; i < letters; i += 1) {
    const shorter = longer.flatMap((each) =>
      Array.from(each, (_, at) => each.slice(0, at) + each.slice(at + 1)).filter((text) => text.isWellFormed()),
    );
    for (const each of shorter) found.add(each);
    longer = [...new Set(shorter)];
  }
  return [...found];
}

/** Returns how many letters must be put in, left out, replaced or swapped with their neighbour; `max + 1` when more than `max`. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min((last[j - 1] ?? 0) + (same ? 0 : 1), (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swapped =
        i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (swapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > max) return max + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? max + 1;
}
