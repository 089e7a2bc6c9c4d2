// One text for all statements that differ only in their values: it groups statistics, and it keeps values out of reports.
import { wellFormed } from './well-formed.js';

/**
 * Returns `sql` with literals and placeholders as `?`, comments gone, white space folded and repeated list items as `…`.
 * Reads the first 4,000 characters and returns at most 1,000. Text in double quotes is a name, as SQL has it, and stays.
 */
export function fingerprint(sql: string): string {
  const read = sql.length > mostRead ? sql.slice(0, mostRead) : sql;
  // Names that a fold could change: with a space less in its name it is another table.
  const names: string[] = [];
  const folded = read
    .replace(tokens, (token) => replaceToken(token, names))
    .replace(/\s+/g, ' ')
    .replace(/\( /g, '(')
    .replace(/ (?=[),;])/g, '')
    .trim()
    .replace(/[; ]+$/, '')
    .replace(signs, '$1?')
    .replace(/\?(?:, ?\?)+/g, '?, …')
    .replace(/(\([^()]*\))(?:, ?\1)+/g, '$1, …')
    .replace(/"(\d+)"/g, (_, place: string) => names[Number(place)] ?? '');
  const whole = read.length === sql.length && folded.length <= mostKept;
  return wellFormed(whole ? folded : `${folded.slice(0, mostKept).replace(cutPair, '')}…`);
}

/** The first half of a pair whose second one is cut off. */
const cutPair = /[\ud800-\udbff]$/;
const mostRead = 4_000;
const mostKept = 1_000;

/** Where nothing can be subtracted from: the sign belongs to the value. */
const signs = /([(,=<>] ?)[-+] ?\?/g;

/** Comments, texts and blobs, quoted names, names and keywords, numbers, placeholders: in that order. */
const tokens = new RegExp(
  [
    /--[^\n]*|\/\*[^]*?(?:\*\/|$)/,
    /[xX]?'(?:[^']|'')*(?:'|$)/,
    /"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/,
    /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/,
    // With the letters that a number runs into: SQLite refuses such a statement, and they may be a value without quotes.
    /(?:0[xX][\dA-Fa-f_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)[\w$\u0080-\uffff]*/,
    /\?\d*|[:@$][\w$\u0080-\uffff]+/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** `names`: takes those whose place in it is put for them. */
function replaceToken(token: string, names: string[]): string {
  if (token.startsWith('--') || token.startsWith('/*')) return ' ';
  if (value.test(token)) return '?';
  if (!quote.test(token) || plainName.test(token)) return token;
  const known = names.indexOf(token);
  return `"${known === -1 ? names.push(token) - 1 : known}"`;
}

const quote = /^["`[]/;
const plainName = /^["`[][A-Za-z_][\w$]*["`\]]$/;

/** The beginnings of texts, blobs, numbers and placeholders. */
const value = /^(?:[xX]?'|\.?\d|[?:@$])/;
