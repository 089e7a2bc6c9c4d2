// The significant tokens of SQL text with what they stand for, for everything that reads SQL word by word: statements.ts,
// create-table.ts, normal-form.ts.
import { type Token, tokenize } from './tokenize.js';

/** A significant token: no white space, comment or breakpoint. */
export interface Word {
  readonly kind: Exclude<Token['kind'], 'gap' | 'breakpoint'>;
  /** Upper case for comparing with keywords; empty for a quoted name or a string, which is never a keyword. */
  readonly keyword: string;
  /** The name it stands for, unquoted. */
  readonly name: string;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

/** Returns the words of `sql`. @throws UnterminatedToken */
export function wordsOf(sql: string): readonly Word[] {
  return [...tokenize(sql)]
    .filter(({ kind }) => kind !== 'gap' && kind !== 'breakpoint')
    .map((token) => wordOf(sql, token));
}

/** Returns `token` of `sql` as a word. */
export function wordOf(sql: string, { kind, start, end }: Token): Word {
  const text = sql.slice(start, end);
  const quote = text.charAt(0);
  if (kind === 'name') {
    const inner = text.slice(1, -1);
    return { kind, keyword: '', name: quote === '[' ? inner : inner.replaceAll(quote + quote, quote), start, end };
  }
  // SQLite takes 'text' for a name where only a name can stand: DROP TABLE 'models'.
  if (kind === 'text') return { kind, keyword: '', name: text.slice(1, -1).replaceAll("''", "'"), start, end };
  const shown = kind === 'gap' || kind === 'breakpoint' ? 'sign' : kind;
  return { kind: shown, keyword: text.toUpperCase(), name: text, start, end };
}

/** The name at `index`, without the schema before a dot: in lower case and as it is written, and the index behind it. */
export function nameAt(
  words: readonly Word[],
  index: number,
): { readonly key: string; readonly name: string; readonly next: number } {
  const at = words[index + 1]?.name === '.' ? index + 2 : index;
  const name = words[at]?.name ?? '';
  return { key: foldName(name), name, next: at + 1 };
}

/** Returns `sql` with the texts at `edits` replaced; spans must not overlap. */
export function replaceSpans(
  sql: string,
  edits: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  let result = '';
  let at = 0;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    result += sql.slice(at, start) + text;
    at = end;
  }
  return result + sql.slice(at);
}

/** A name as SQLite compares it: only A to Z lose their case, `É` and `é` are two names. */
export function foldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** A name as SQL text. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as SQL text. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
