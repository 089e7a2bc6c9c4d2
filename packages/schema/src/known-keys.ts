// Refuses misspelt fields, options and filters, so that a typing error is never a silent default.

/** Checks the keys of `value`. @throws TypeError when `value` is no plain object, or has a key outside `known`: it names the one that was meant, or all that there are */
export function refuseUnknownKeys(subject: string, value: object | undefined, known: readonly string[]): void {
  if (value === undefined) return;
  if (!holdsValues(value))
    throw new TypeError(`${subject} must be an object, with its values as properties of its own`);
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const advice = near === undefined ? `It takes ${known.join(', ') || 'none'}` : `Did you mean '${near}'?`;
    throw new TypeError(`${subject} has no '${key}'. ${advice}`);
  }
}

/** Whether `value` is an object whose values are its own properties: a Map, a Date or a promise would pass for an empty one. */
export function holdsValues(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (Object.keys(value).length > 0) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm's objects, too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The key that may have been meant, letter case aside. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const asked = key.toLowerCase();
  const near = known
    .map((name) => ({ name, low: name.toLowerCase(), wrong: editDistance(asked, name.toLowerCase()) }))
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

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
