// Refuses misspelt fields, options and filters, so that a typing error is never a silent default.

/** Checks the keys of `value`. @throws TypeError when `value` is no plain object, or has a key outside `known`: it names the one that was meant, or all that there are */
export function refuseUnknownKeys(subject: string, value: object | undefined, known: readonly string[]): void {
  if (value === undefined) return;
  if (!holdsValues(value))
    throw new TypeError(`${subject} must be an object, with its values as properties of its own`);
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    const advice = near === null ? `It takes ${known.join(', ') || 'none'}` : `Did you mean '${near}'?`;
    throw new TypeError(`${subject} has no '${key}'. ${advice}`);
  }
}

/**
 * Whether `value` is an object whose values are its own properties: a Map, a Date or a promise would pass for an empty one,
 * bytes or a String object for one with numbers as names.
 */
export function holdsValues(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (ArrayBuffer.isView(value) || value instanceof String) return false;
  if (Object.keys(value).length > 0) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm's objects, too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Returns the name that may have been meant by `asked`, letter case aside; null when none is near. */
export function nearestName(asked: string, known: readonly string[]): string | null {
  const low = asked.toLowerCase();
  const near = known
    .map((name) => ({ name, low: name.toLowerCase(), wrong: editDistance(low, name.toLowerCase()) }))
    .filter((found) => isNear(low, found.low, found.wrong));
  return near.sort((a, b) => a.wrong - b.wrong)[0]?.name ?? null;
}

/** Whether `known` begins or ends with it, both begin alike for more than half, or a third of the letters is wrong at most. */
function isNear(asked: string, known: string, wrong: number): boolean {
  const longest = Math.max(asked.length, known.length);
  const half = Math.floor(longest / 2) + 1;
  if (wrong <= longest / 3 || (asked.length >= half && known.startsWith(asked.slice(0, half)))) return true;
  return asked.length > 2 && (known.startsWith(asked) || known.endsWith(asked));
}

/** How many letters are wrong, missing or too many; two that changed places, the likeliest slip, are half of one. */
function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (beforeLast[j - 2] ?? 0) + 0.5 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
