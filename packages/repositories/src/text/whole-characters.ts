// Where a text may be cut: a character beyond the first 65,536 is two units of a JavaScript text, and one of them alone none that
// a database or a page could hold.

/** Returns `at`, or where the character begins that the place lies within. */
export function characterStart(text: string, at: number): number {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1)) ? at - 1 : at;
}
