// Refuses misspelt options, for the packages that build on this one too (@cc/tx/known-options). No native import.
import { holdsValues } from './plain-object.js';

/** Checks the keys of `options`. @throws TypeError when it is no plain object, or has one that is not in `names`: it names the one that was meant, or all that there are */
export function refuseUnknownOptions(where: string, options: object, names: readonly string[]): void {
  if (!holdsValues(options))
    throw new TypeError(`${where}: the options must be an object, with their values as properties of its own`);
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const near = nearest(key, names);
    const advice = near === undefined ? `it takes ${names.join(', ') || 'none'}` : `did you mean '${near}'?`;
    throw new TypeError(`${where}: unknown option '${key}'; ${advice}`);
  }
}

/** The option that may have been meant, letter case aside. */
function nearest(key: string, names: readonly string[]): string | undefined {
  const asked = key.toLowerCase();
  const near = names
    .map((name) => ({ name, low: name.toLowerCase(), wrong: distance(asked, name.toLowerCase()) }))
    .filter(({ low, wrong }) => isNear(asked, low, wrong));
  return near.sort((a, b) => a.wrong - b.wrong)[0]?.name;
}

/** Whether `known` begins or ends with it, both begin alike for more than half, or a third of the letters is wrong at most. */
function isNear(asked: string, known: string, wrong: number): boolean {
  const longest = Math.max(asked.length, known.length);
  const half = Math.floor(longest / 2) + 1;
  if (wrong <= longest / 3 || (asked.length >= half && known.startsWith(asked.slice(0, half)))) return true;
  return asked.length > 2 && (known.startsWith(asked) || known.endsWith(asked));
}

/** Levenshtein distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
