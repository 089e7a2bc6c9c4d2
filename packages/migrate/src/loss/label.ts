// How a message names one row: by its key, and by nothing else of it.
import { TextDecoder } from 'node:util';
import { quoteName, quoteText } from '../sql/words.js';
import type { LossTable } from './table.js';

/** The columns that tell a row, for messages. */
export function labelOf(table: LossTable): string {
  const key = table.keys[0] ?? (table.rowid === null ? [] : [table.rowid]);
  return labelSql(key.map((name) => [name, quoteName(name)]));
}

/**
 * A key as `id = 7, lang = 'en'`, in SQL, as the digits of its bytes: not every text is UTF-8. Texts are digits once more,
 * between marks, because quote() ends them at a NUL. Long ones are cut. The first character tells the encoding of the database.
 */
export function labelSql(parts: readonly (readonly [name: string, sql: string])[]): string {
  const texts = parts.map(([name, sql]) => {
    const text = `char(1) || hex(substr(CAST(${sql} AS BLOB), 1, ${maxBytes + 1})) || char(1)`;
    const shown = `CASE typeof(${sql}) WHEN 'text' THEN ${text} ELSE substr(quote(${sql}), 1, ${maxLength}) END`;
    return `${quoteText(`${name} = `)} || ${shown}`;
  });
  return texts.length === 0 ? 'NULL' : `hex(char(65279) || ${texts.join(` || ', ' || `)})`;
}

/** What `labelSql` gave, as it is shown; null for a row that nothing tells from others. */
export function shownLabel(digits: unknown): string | null {
  if (digits === null || digits === undefined || digits === '') return null;
  const bytes = Buffer.from(String(digits), 'hex');
  const encoding = bytes[0] === 0xff ? 'utf-16le' : bytes[0] === 0xfe ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding)
    .decode(bytes)
    .replaceAll(marked, (_, text: string) => shownText(text, encoding))
    .replaceAll(/\p{Cc}/gu, (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

const maxLength = 60;
const maxBytes = 4 * maxLength;
/** char(1), which labelSql sets. */
const mark = '\u0001';
const marked = new RegExp(`${mark}((?:[0-9A-F]{2})*)${mark}`, 'g');

/** As SQL that finds the row: what no text literal can hold, by its bytes. */
function shownText(digits: string, encoding: string): string {
  const bytes = Buffer.from(digits, 'hex');
  const isCut = bytes.length > maxBytes;
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
    if (!text.includes('\0')) return `'${text.replaceAll("'", "''")}'`.slice(0, maxLength);
  } catch {
    // No text of this encoding.
  }
  return isCut || bytes.length > maxLength
    ? `CAST(x'${digits.slice(0, maxLength)}…' AS TEXT)`
    : `CAST(x'${digits}' AS TEXT)`;
}
