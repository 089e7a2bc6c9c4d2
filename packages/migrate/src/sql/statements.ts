// Splits the text of a migration file into the statements that run, and refuses those that would break the one
// transaction around them. run/plan.ts does so with up and down files; loss/ reads the same statements.
import { drizzleTable } from './bookkeeping.js';
import { type Token, tokenize, UnterminatedToken } from './tokenize.js';
import { foldName, nameAt, type Word, wordOf } from './words.js';
import { writingOf } from './writing.js';

/** One statement of a migration, without its final semicolon and the comments before it. */
export interface Statement {
  readonly sql: string;
  /** Its tokens without gaps. Offsets are those in the file. */
  readonly words: readonly Word[];
  /** Rows to a slice, from the mark `-- cc:chunk 5000` directly before it; null without one. See chunk.ts. */
  readonly chunk: number | null;
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
 * Returns the statements of `sql` in order. `source` names the file for messages, `ledger` drizzle's table.
 *
 * Statements end at a semicolon or at drizzle's breakpoint; a trigger ends at the semicolon after its END. Chunks of
 * comments only are dropped, and so are `PRAGMA foreign_keys`, which drizzle-kit writes around rebuilds (it has no effect
 * inside a transaction, and migrations run with foreign keys off anyway), and `legacy_alter_table = OFF`.
 *
 * @throws RefusedStatement for what controls transactions or connections (BEGIN, SAVEPOINT, ATTACH, VACUUM, most pragmas
 * …), for parameters, for what drops, changes, writes or listens to the tables that record migrations, for what makes SQLite pass
 * over text without a word (a quote or comment that is never closed, a NUL, a comment that a carriage return alone ends),
 * and for a misplaced chunk mark
 */
export function splitStatements(sql: string, source: string, ledger = drizzleTable): readonly Statement[] {
  return split(sql, { source, ledger }, (refused) => {
    throw refused;
  });
}

/**
 * Returns the statements of `sql` that may run, without those that `splitStatements` refuses.
 *
 * @throws RefusedStatement where the text cannot be cut into statements
 */
export function statementsLeft(sql: string, source: string): readonly Statement[] {
  return split(sql, { source, ledger: drizzleTable }, () => undefined);
}

function split(
  sql: string,
  { source, ledger }: { readonly source: string; readonly ledger: string },
  onRefused: (refused: RefusedStatement) => void,
): readonly Statement[] {
  const statements: Statement[] = [];
  let open: Token[] = [];
  let mark: ChunkMark | null = null;
  const close = (): void => {
    const statement = statementOf(sql, open, mark?.rows ?? null);
    if (mark && statement === null) throw misplaced(source, mark, 'stands before no statement');
    [open, mark] = [[], null];
    if (statement === null || isIdlePragma(statement)) return;
    try {
      refuseControl(statement, sql, source);
      refuseRecords(statement, sql, { source, ledger });
      statements.push(statement);
    } catch (error) {
      if (!(error instanceof RefusedStatement)) throw error;
      onRefused(error);
    }
  };
  for (const token of tokensOf(sql, source)) {
    if (token.kind === 'gap') {
      const found = chunkMarkOf(sql, token, source);
      if (found && (mark || open.length > 0))
        throw misplaced(source, found, mark ? 'follows another one' : 'stands inside a statement');
      mark = found ?? mark;
      continue;
    }
    const ends = token.kind === 'breakpoint' || (isSemicolon(sql, token) && !isInsideTrigger(sql, open));
    if (ends) close();
    else open.push(token);
  }
  close();
  if (statements.length === 0 && /please uncomment this code before executing/.test(sql))
    throw new RefusedStatement(
      `${source}: all of its SQL is commented out, as drizzle-kit pull leaves it`,
      'Delete the lines /* and */ around it. On the database that it was pulled from, then: cc-migrate baseline; on others: cc-migrate up',
    );
  return statements;
}

/** The line of `offset` in `sql`, from 1, as editors count. */
export function lineAt(sql: string, offset: number): number {
  return sql.slice(0, offset).split(/\r\n|\r|\n/).length;
}

const control = new Set([
  ...['BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT', 'RELEASE'],
  ...['ATTACH', 'DETACH', 'VACUUM'],
]);

/** Pragmas that change the schema's own fields, or only read. */
const harmless = new Set([
  ...['user_version', 'application_id', 'optimize'],
  ...['table_info', 'table_xinfo', 'table_list', 'index_list', 'index_info', 'index_xinfo'],
  ...['foreign_key_list', 'foreign_key_check', 'integrity_check', 'quick_check'],
]);

const pragmaHints: Readonly<Record<string, string>> = {
  legacy_alter_table:
    'Take it out: it would change what RENAME does on the whole connection. To make a table anew, make the new one under another name, copy the rows, drop the old one, and give its name to the new one: what refers to it keeps to the name. Views and triggers that name it: drop them before, make them again behind',
};

function refuseControl({ words }: Statement, sql: string, source: string): void {
  const [first] = words;
  const keyword = first?.keyword ?? '';
  if (control.has(keyword)) {
    throw new RefusedStatement(
      `${source} contains ${keyword} on line ${lineAt(sql, first?.start ?? 0)}, which cannot run inside a migration`,
      'Each migration is one transaction by itself: take the statement out of the file',
    );
  }
  const parameter = words.find(({ kind, name }) => kind === 'word' && /^[?:@$]/.test(name));
  if (parameter) {
    throw new RefusedStatement(
      `${source} has the parameter ${parameter.name} on line ${lineAt(sql, parameter.start)}, and nothing gives it a value`,
      'Write the value itself into the statement',
    );
  }
  if (keyword !== 'PRAGMA') return;
  const name = pragmaOf(words);
  if (harmless.has(name)) return;
  throw new RefusedStatement(
    `${source} contains PRAGMA ${name} on line ${lineAt(sql, first?.start ?? 0)}, which cannot run inside a migration`,
    pragmaHints[name] ?? 'It sets a connection or the whole file, not the schema: set it where the database is opened',
  );
}

const writes = { INSERT: 'write into', REPLACE: 'write into', UPDATE: 'write into', DELETE: 'delete rows of' } as const;

/** What a statement does to a table that nobody but the manager may touch, and the table; null where it does nothing to any. */
function touchedBy(words: readonly Word[]): { readonly what: string; readonly name: string } | null {
  const writing = writingOf(words);
  if (writing) return { what: writes[writing.verb], name: words[writing.index]?.name ?? '' };
  const verb = words[0]?.keyword;
  const isOfTable = words[1]?.keyword === 'TABLE' && (verb === 'DROP' || verb === 'ALTER');
  if (isOfTable) {
    const { name } = nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2);
    return { what: verb === 'DROP' ? 'drop' : 'change', name };
  }
  // A trigger runs, and a unique index may refuse, whenever a migration is recorded.
  const kind = ['TRIGGER', 'INDEX'].find((each) => words.slice(1, 3).some(({ keyword }) => keyword === each));
  const on = words.findIndex(({ keyword }) => keyword === 'ON');
  if (verb !== 'CREATE' || kind === undefined || on === -1) return null;
  return { what: `put ${kind === 'INDEX' ? 'an index' : 'a trigger'} on`, name: nameAt(words, on + 1).name };
}

function refuseRecords(
  { words }: Statement,
  sql: string,
  { source, ledger }: { readonly source: string; readonly ledger: string },
): void {
  const touched = touchedBy(words);
  if (!touched || ![drizzleTable, '__cc_migrations', foldName(ledger)].includes(foldName(touched.name))) return;
  const line = lineAt(sql, words[0]?.start ?? 0);
  throw new RefusedStatement(
    `${source} would ${touched.what} ${touched.name} on line ${line}, which records the migrations themselves`,
    'Take the statement out of the file',
  );
}

interface ChunkMark {
  readonly rows: number;
  readonly line: number;
}

function chunkMarkOf(sql: string, { start, end }: Token, source: string): ChunkMark | null {
  // Most gaps are white space: nothing is cut out for them.
  if (!sql.startsWith('--', start)) return null;
  const [, argument] = /^--\s*cc:chunk\b(.*)$/.exec(sql.slice(start, end).trimEnd()) ?? [];
  if (argument === undefined) return null;
  const rows = /^\s+[1-9]\d{0,8}\s*$/.test(argument) ? Number(argument) : null;
  const line = lineAt(sql, start);
  if (rows === null) throw misplaced(source, { line }, 'does not say how many rows a slice has: -- cc:chunk 5000');
  return { rows, line };
}

function misplaced(source: string, { line }: { readonly line: number }, what: string): RefusedStatement {
  return new RefusedStatement(
    `${source} has a mark cc:chunk on line ${line} that ${what}`,
    'Put it on a line of its own, directly before an UPDATE or DELETE',
  );
}

/** A pragma that says what holds anyway while a migration runs. */
function isIdlePragma({ words }: Statement): boolean {
  if (words[0]?.keyword !== 'PRAGMA') return false;
  const name = pragmaOf(words);
  if (/^(defer_)?foreign_keys$/.test(name)) return true;
  const value = words[words[2]?.name === '.' ? 5 : 3]?.name ?? 'off';
  return name === 'legacy_alter_table' && ['off', 'no', 'false', '0'].includes(foldName(value));
}

function pragmaOf(words: readonly Word[]): string {
  return foldName(words[words[2]?.name === '.' ? 3 : 1]?.name ?? '');
}

/** The tokens of a file, unless SQLite would pass over what follows one of them without a word. */
function* tokensOf(sql: string, source: string): Generator<Token> {
  const nul = sql.indexOf('\0');
  if (nul !== -1) {
    throw new RefusedStatement(
      `${source} has a NUL character on line ${lineAt(sql, nul)}`,
      'Take it out: SQLite reads no further than it. In a string, write char(0)',
    );
  }
  const mayHaveLost = sql.includes('\uFFFD');
  try {
    for (const token of tokenize(sql)) {
      const lost = !mayHaveLost || token.kind === 'gap' ? -1 : sql.slice(token.start, token.end).indexOf('\uFFFD');
      if (lost !== -1) {
        throw new RefusedStatement(
          `${source} has bytes on line ${lineAt(sql, token.start + lost)} that are no UTF-8`,
          'Save the file as UTF-8: what they meant is not known. Where the character U+FFFD itself is meant, write char(65533)',
        );
      }
      const isComment = token.kind === 'gap' && sql.startsWith('--', token.start);
      if (isComment && /\r./s.test(sql.slice(token.start, token.end))) {
        throw new RefusedStatement(
          `${source} has a comment on line ${lineAt(sql, token.start)} that ends with a carriage return alone`,
          'Save the file with line feeds: to SQLite the comment goes on, and what follows would not run',
        );
      }
      yield token;
    }
  } catch (error) {
    if (!(error instanceof UnterminatedToken)) throw error;
    const { what, start } = error;
    throw new RefusedStatement(
      `${source} has a ${what} on line ${lineAt(sql, start)} that is never closed`,
      `Close the ${what}`,
    );
  }
}

function isSemicolon(sql: string, token: Token): boolean {
  return token.kind === 'sign' && sql.charAt(token.start) === ';';
}

/** Whether a semicolon after the tokens of `open` belongs to the body of a trigger: the rules of sqlite3_complete(). */
function isInsideTrigger(sql: string, open: readonly Token[]): boolean {
  const keyword = (token: Token | undefined): string => (token ? sql.slice(token.start, token.end).toUpperCase() : '');
  let at = 0;
  if (keyword(open[0]) === 'EXPLAIN') while (at < open.length && keyword(open[at]) !== 'CREATE') at += 1;
  if (keyword(open[at]) !== 'CREATE') return false;
  do at += 1;
  while (/^TEMP(ORARY)?$/.test(keyword(open[at])));
  if (keyword(open[at]) !== 'TRIGGER') return false;
  // Only the END of the whole body follows a semicolon: CASE … END never does.
  return !(keyword(open.at(-1)) === 'END' && keyword(open.at(-2)) === ';');
}

function statementOf(sql: string, tokens: readonly Token[], chunk: number | null): Statement | null {
  const first = tokens[0];
  const last = tokens.at(-1);
  if (!first || !last) return null;
  return { sql: sql.slice(first.start, last.end), words: tokens.map((token) => wordOf(sql, token)), chunk };
}
