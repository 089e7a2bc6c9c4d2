// One pattern of a `.candyignore`, as git takes one of a `.gitignore`: `*`, `?` and sets within a name, `**` over folders. It is
// laid along a path step by step, never as an expression: with many stars that would try every way to share a name among them.

/** Stands for any number of characters of a name, or of names of a path. */
const many = 'many';
type Fit<T> = (item: T) => boolean;
type Part<T> = Fit<T> | typeof many;

/** What tells whether a path fits a pattern; slashes are between its names. One with a slash before its end counts from the top on. */
export function pathPattern(pattern: string): Fit<string> {
  const names = pattern.replace(/^\//, '').split('/');
  const parts: readonly Part<string>[] = pattern.includes('/') ? names.flatMap(partsOfPath) : [many, nameFit(pattern)];
  return (path) => fits(parts, path.split('/'));
}

function partsOfPath(name: string, at: number, { length }: readonly string[]): readonly Part<string>[] {
  if (name !== '**') return [nameFit(name)];
  // At the end it is what is inside.
  return at === length - 1 ? [() => true, many] : [many];
}

function nameFit(pattern: string): Fit<string> {
  const parts = partsOfName(Array.from(pattern));
  return parts === null ? () => false : (name) => fits(parts, Array.from(name));
}

/** Going back to the last of `many` is enough, so the time grows with the square of the items and no faster. */
function fits<T>(parts: readonly Part<T>[], items: readonly T[]): boolean {
  let [at, last, tried] = [0, -1, 0];
  for (let i = 0; i < items.length; ) {
    const [part, item] = [parts[at], items[i]];
    if (part === many) {
      [last, tried] = [at, i];
      at += 1;
    } else if (part !== undefined && item !== undefined && part(item)) {
      at += 1;
      i += 1;
    } else if (last >= 0) {
      tried += 1;
      [at, i] = [last + 1, tried];
    } else return false;
  }
  return parts.slice(at).every((part) => part === many);
}

/** Null for what fits nothing, as for git: a set that does not end, or a last backslash. */
function partsOfName(pattern: readonly string[]): readonly Part<string>[] | null {
  const parts: Part<string>[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at];
    if (sign === '*') parts.push(many);
    else if (sign === '?') parts.push(() => true);
    else if (sign === '[') {
      const set = setAt(pattern, at + 1);
      if (set === null) return null;
      parts.push(set.fit);
      at = set.end;
    } else {
      if (sign === '\\') at += 1;
      const wanted = pattern[at];
      if (wanted === undefined) return null;
      parts.push((character) => character === wanted);
    }
  }
  return parts;
}

/** A set from behind its bracket on, and where it ends. A range from z to a has its beginning. */
function setAt(pattern: readonly string[], start: number): { readonly fit: Fit<string>; readonly end: number } | null {
  const isNegative = pattern[start] === '!' || pattern[start] === '^';
  const first = isNegative ? start + 1 : start;
  const members: Fit<string>[] = [];
  for (let at = first; at < pattern.length; at += 1) {
    if (pattern[at] === ']' && at > first)
      return { fit: (character) => members.some((member) => member(character)) !== isNegative, end: at };
    const name = /^\[:(\w*):\]/.exec(pattern.slice(at, at + 12).join(''))?.[1];
    if (name !== undefined) {
      const known = classes[name];
      if (known === undefined) return null;
      members.push((character) => known.test(character));
      at += name.length + 3;
      continue;
    }
    if (pattern[at] === '\\') at += 1;
    const low = pattern[at] ?? '';
    if (pattern[at + 1] === '-' && pattern[at + 2] !== ']') at += pattern[at + 2] === '\\' ? 3 : 2;
    const high = pattern[at] ?? '';
    members.push(
      (character) => character === low || (codeOf(low) < codeOf(character) && codeOf(character) <= codeOf(high)),
    );
  }
  return null;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? Number.NaN;
}

const classes: Readonly<Record<string, RegExp | undefined>> = Object.freeze({
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\p{Cc}]/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
});
