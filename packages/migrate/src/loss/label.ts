// How a message names one row: by its key, and by nothing else of it.
import { quoteName, quoteText } from '../sql/words.js';
import type { LossTable } from './table.js';

/** The columns that tell a row, for messages. */
export function labelOf(table: LossTable): string {
  const key = table.keys[0] ?? (table.rowid === null ? [] : [table.rowid]);
  return labelSql(key.map((name) => [name, quoteName(name)]));
}

/** A key as `id = 7, lang = 'en'`, in SQL, as the digits of its bytes: not every text is UTF-8. Long ones are cut. */
export function labelSql(parts: readonly (readonly [name: string, sql: string])[]): string {
  const texts = parts.map(([name, sql]) => `${quoteText(`${name} = `)} || substr(quote(${sql}), 1, 60)`);
  return texts.length === 0 ? 'NULL' : `hex(${texts.join(` || ', ' || `)})`;
}

/** What `labelSql` gave, as it is shown; null for a row that nothing tells from others. */
export function shownLabel(digits: unknown): string | null {
  if (digits === null || digits === undefined || digits === '') return null;
  const text = Buffer.from(String(digits), 'hex').toString('utf8');
  return text.replaceAll(/\p{Cc}/gu, (sign) => `\\x${(sign.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
