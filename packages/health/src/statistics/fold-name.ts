// Names as SQLite compares them.

/** The name without the case of A to Z. Other letters keep theirs: `É` and `é` are two tables. */
export function foldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}
