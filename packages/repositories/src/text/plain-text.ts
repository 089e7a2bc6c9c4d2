// What is not heard in a text and not typed by everybody: invisible characters, vowel points, and the forms of letters. Both
// the words of a model (extra-text.ts) and those of a query (parse-query.ts) are read from the text without them.

/**
 * Returns `text` with one form for each letter (NFKC) and without what a search does not see: soft hyphens, zero-width
 * characters, variation selectors and joiners of emoji, Hebrew points, Arabic marks and tatweel.
 */
export function plainText(text: string): string {
  if (ascii.test(text)) return text;
  const normal = text.normalize('NFKC');
  if (!perhapsUnseen.test(normal)) return normal;
  // Decomposed, because an alef with hamza is one character; composed again, because others compare it so.
  return normal.normalize('NFD').replace(unseen, '').replaceAll('\u02bc', "'").normalize('NFKC');
}

const ascii = /^[\0-\x7f]*$/;
const arabicWithMark = '\u0622-\u0626\u06c0\u06c2\u06d3';
const marks = [
  '\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7',
  '\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff',
].join('');
/** The circle of a keycap belongs to emoji as well. */
const invisible = '\\p{Default_Ignorable_Code_Point}\u20e3';
const unseen = new RegExp(`[${invisible}${marks}]`, 'gu');
const perhapsUnseen = new RegExp(`[${invisible}${marks}${arabicWithMark}\u02bc]`, 'u');
