// Refuses misspelt options, for the packages that build on this one too (@cc/tx/known-options). No native import.

/** Checks the keys of `options`. @throws TypeError that names the nearest known option when `options` has one that is not in `names` */
export function refuseUnknownOptions(where: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new TypeError(`${where}: the options must be an object`);
  for (const key of Object.keys(options)) {
    if (names.includes(key)) continue;
    const [nearest] = [...names].sort((a, b) => distance(key, a) - distance(key, b));
    throw new TypeError(`${where}: unknown option '${key}'; did you mean '${nearest}'?`);
  }
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
