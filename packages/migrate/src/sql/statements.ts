// Splits the text of a migration file into the statements that run, and refuses those that would break the one
// transaction around them. Used by plan.ts for up and down files; data-loss.ts reads the same statements.
import { type Token, tokenize, UnterminatedToken } from './tokenize.js';
import { type Word, wordOf } from './words.js';

/** One statement of a migration, without its final semicolon and the comments before it. */
export interface Statement {
  readonly sql: string;
  /** Its tokens without gaps. Offsets are those in the file. */
  readonly words: readonly Word[];
}

/** A file that cannot run as one transaction. */
export class RefusedStatement extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/**
 * Returns the statements of `sql` in order. `source` names the file for messages.
 *
 * Statements end at a semicolon or at drizzle's breakpoint; a trigger ends at the semicolon after its END. Chunks of
 * comments only are dropped, and so is `PRAGMA foreign_keys`, which drizzle-kit writes around rebuilds: it has no effect
 * inside a transaction, and migrations run with foreign keys off anyway.
 *
 * @throws RefusedStatement for BEGIN, COMMIT, END, ROLLBACK, ATTACH, DETACH, VACUUM or a quote that is never closed
 */
export function splitStatements(sql: string, source: string): readonly Statement[] {
  const statements: Statement[] = [];
  let open: Token[] = [];
  const close = (): void => {
    const statement = statementOf(sql, open);
    open = [];
    if (statement === null || isForeignKeyPragma(statement)) return;
    refuseTransactionControl(statement, source);
    statements.push(statement);
  };
  for (const token of tokensOf(sql, source)) {
    if (token.kind === 'gap') continue;
    const ends = token.kind === 'breakpoint' || (isSemicolon(sql, token) && !isInsideTrigger(sql, open));
    if (ends) close();
    else open.push(token);
  }
  close();
  return statements;
}

const transactionControl = new Set(['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'ATTACH', 'DETACH', 'VACUUM']);

function refuseTransactionControl({ words }: Statement, source: string): void {
  const keyword = words[0]?.keyword ?? '';
  if (!transactionControl.has(keyword)) return;
  throw new RefusedStatement(
    `${source} contains ${keyword}, which cannot run inside a migration`,
    'Each migration is one transaction by itself: take the statement out of the file',
  );
}

function isForeignKeyPragma({ words }: Statement): boolean {
  return words[0]?.keyword === 'PRAGMA' && words.some(({ name }) => /^(defer_)?foreign_keys$/i.test(name));
}

function* tokensOf(sql: string, source: string): Generator<Token> {
  try {
    yield* tokenize(sql);
  } catch (error) {
    if (!(error instanceof UnterminatedToken)) throw error;
    const line = sql.slice(0, error.start).split('\n').length;
    throw new RefusedStatement(`${source} has a quote on line ${line} that is never closed`, 'Close the quote');
  }
}

function isSemicolon(sql: string, token: Token): boolean {
  return token.kind === 'sign' && sql.charAt(token.start) === ';';
}

/** Whether a semicolon after the tokens of `open` belongs to the body of a trigger. */
function isInsideTrigger(sql: string, open: readonly Token[]): boolean {
  const keyword = (token: Token | undefined): string => (token ? sql.slice(token.start, token.end).toUpperCase() : '');
  if (keyword(open[0]) !== 'CREATE') return false;
  const what = /^TEMP(ORARY)?$/.test(keyword(open[1])) ? open[2] : open[1];
  if (keyword(what) !== 'TRIGGER') return false;
  // Only the END of the whole body follows a semicolon: CASE … END never does. sqlite3_complete() has the same rule.
  return !(keyword(open.at(-1)) === 'END' && keyword(open.at(-2)) === ';');
}

function statementOf(sql: string, tokens: readonly Token[]): Statement | null {
  const first = tokens[0];
  const last = tokens.at(-1);
  if (!first || !last) return null;
  return { sql: sql.slice(first.start, last.end), words: tokens.map((token) => wordOf(sql, token)) };
}
