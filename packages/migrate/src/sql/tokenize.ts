// Cuts SQL text into tokens the way SQLite's own tokenizer does (https://sqlite.org/src/file/src/tokenize.c), so that
// nothing inside a string, a name or a comment is mistaken for a statement. statements.ts and words.ts read them.

/** drizzle's mark between two statements. To SQL it is a comment. */
const breakpoint = '--> statement-breakpoint';

/** One token. `start` and `end` are offsets in the text. */
export interface Token {
  /** `word`: a bare name or keyword; `name`: a quoted one; `text`: a string literal; `gap`: white space or comment. */
  readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'gap' | 'breakpoint';
  readonly start: number;
  readonly end: number;
}

/** Where a quote or comment began that never ends. */
export class UnterminatedToken extends Error {
  constructor(
    readonly what: 'quote' | 'comment',
    readonly start: number,
  ) {
    super(`The ${what} at offset ${start} is never closed`);
  }
}

/** Yields every token of `sql`, gaps included. @throws UnterminatedToken */
export function* tokenize(sql: string): Generator<Token> {
  let start = 0;
  while (start < sql.length) {
    const token = tokenAt(sql, start);
    yield token;
    start = token.end;
  }
}

// Like SQLite: no white space but this (a no-break space is none), and every other character beyond ASCII is part of a word.
const space = /[ \t\n\f\r\uFEFF]+/y;
// Parameters (?1, :a, @a, $a) read as words too.
const word = /[A-Za-z_?:@$\u0080-\u{10FFFF}][\w$\u0080-\u{10FFFF}]*/uy;
const number = /(?:0[xX][\dA-Fa-f]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const patterns = [
  ['gap', space],
  ['number', number],
  ['word', word],
] as const;
/** What begins nothing longer. */
const signs = '(),;=';
const closers: Readonly<Record<string, string>> = { "'": "'", '"': '"', '`': '`', '[': ']' };

function tokenAt(sql: string, start: number): Token {
  const char = sql.charAt(start);
  if (signs.includes(char)) return { kind: 'sign', start, end: start + 1 };
  if (sql.startsWith(breakpoint, start)) return { kind: 'breakpoint', start, end: start + breakpoint.length };
  if (sql.startsWith('--', start)) return { kind: 'gap', start, end: endOfLine(sql, start) };
  if (sql.startsWith('/*', start)) {
    const closing = sql.indexOf('*/', start + 2);
    // SQLite takes the rest of the text for the comment. Whoever wrote it meant the rest to run.
    if (closing === -1) throw new UnterminatedToken('comment', start);
    return { kind: 'gap', start, end: closing + 2 };
  }
  const closer = closers[char];
  if (closer !== undefined) return { kind: char === "'" ? 'text' : 'name', start, end: endOfQuote(sql, start, closer) };
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    if (pattern.test(sql)) return { kind, start, end: pattern.lastIndex };
  }
  return { kind: 'sign', start, end: start + 1 };
}

/** drizzle splits at its mark wherever it stands, also behind a comment on the same line. */
function endOfLine(sql: string, start: number): number {
  const newline = sql.indexOf('\n', start);
  const line = sql.slice(start, newline === -1 ? sql.length : newline);
  const mark = line.indexOf(breakpoint);
  return start + (mark === -1 ? line.length : mark);
}

function endOfQuote(sql: string, start: number, closer: string): number {
  let end = sql.indexOf(closer, start + 1);
  // A doubled quote stands for itself; [names] have no such escape.
  while (end !== -1 && closer !== ']' && sql.charAt(end + 1) === closer) end = sql.indexOf(closer, end + 2);
  if (end === -1) throw new UnterminatedToken('quote', start);
  return end + 1;
}
