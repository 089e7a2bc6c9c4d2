// Names as UTF-8 can have them: each figure is told under the name of a statement, an operation or a region.

/**
 * The text with each half of a surrogate pair spelled out: UTF-8 has none, and what reads it would take two names that differ in
 * one for the same.
 */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
