// Values as they are found in databases of years, for rows that a proof is not to pass by luck: numbers as text, empty text,
// a NUL within, integers past 2^53, reals where integers are declared, values that come twice.
import type { Column } from '../schema/schema.js';
import { quoteText } from '../sql/words.js';

const texts = [
  `''`,
  `'007'`,
  `'1e3'`,
  `'it''s "x"'`,
  `'12345678901234567890'`,
  `'a' || char(0) || 'b'`,
  `' 7 '`,
  quoteText('É\n漢🙂'),
];
const integers = ['1', '9007199254740993', '-1', '0', '4.5', '9223372036854775806', '2147483648', '7'];
/** Keys keep away from the largest number: AUTOINCREMENT goes on behind it. */
const integerKeys = ['1', '9007199254740993', '-1', '2', '5', '4', '2147483648', '7'];
const reals = ['0.5', '1e300', '-0.1', '3.0', '123456789.125', '0.1', '1e-9', '2.5'];
const numerics = ['1', `'1.50'`, `'abc'`, '9007199254740993', '0.1', `''`, '-1', '7'];
const blobs = [`x''`, `x'00'`, `x'6100'`, `'text'`, '1', '0.5', `x'ff'`, `'007'`];

/** Rows that a table gets: each value, one that comes twice, and NULL wherever it may be. */
export const hostileRows = texts.length + 2;

/** The value of `column` in `row`, as SQL. */
export function hostileValue(column: Column, row: number): string {
  const values = valuesOf(column);
  return values[row % values.length] ?? 'NULL';
}

/** As SQLite reads a declared type (https://sqlite.org/datatype3.html, section 3.1). */
function valuesOf({ type, notNull }: Column): readonly string[] {
  if (/INT/i.test(type)) return notNull ? integerKeys : integers;
  if (/CHAR|CLOB|TEXT/i.test(type)) return texts;
  if (type === '' || /BLOB/i.test(type)) return blobs;
  return /REAL|FLOA|DOUB/i.test(type) ? reals : numerics;
}
