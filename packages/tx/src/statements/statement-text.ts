// Reads an SQL text as SQLite's tokenizer does, as far as it has to be known before the text runs: which values it asks
// for, and whether more follows its first statement. The driver binds NULL for what is missing, ignores what is too much,
// and ends the process when it is given names for `?`. Source: https://sqlite.org/lang_expr.html#parameters
import { shortened } from '../errors/redaction.js';

/** What one SQL text asks for. */
export interface StatementText {
  /** The parameters in the order of their numbers; null for a `?` without a name. */
  readonly parameters: readonly (string | null)[];
  /** Whether something that is no comment follows the first statement. */
  readonly more: boolean;
}

/** The words, parameters, quoted texts and signs of `sql`, as they stand there, without white space and comments. */
export function* tokensOf(sql: string): Generator<string> {
  for (const { text } of piecesOf(sql)) yield text;
}

interface Piece {
  readonly text: string;
  /** Where it ends. */
  readonly end: number;
}

/** What stands between white space and comments, and where. */
export function* piecesOf(sql: string): Generator<Piece> {
  // One of its own: whoever reads may read another text meanwhile.
  const next = new RegExp(token);
  for (let found = next.exec(sql); found; found = next.exec(sql)) {
    const [sign] = found;
    if (gap.test(sign)) continue;
    if (quotes.has(sign)) next.lastIndex = endOfQuoted(sql, found.index, sign);
    yield { text: sql.slice(found.index, next.lastIndex), end: next.lastIndex };
  }
}

/** By hand: an expression keeps each doubled quote to come back to, and has no room for some millions. */
function endOfQuoted(sql: string, start: number, quote: string): number {
  let end = sql.indexOf(quote, start + 1);
  while (end !== -1 && sql[end + 1] === quote) end = sql.indexOf(quote, end + 2);
  return end === -1 ? sql.length : end + 1;
}

const quotes: ReadonlySet<string> = new Set(["'", '"', '`']);

const gap = /^(?:[\t-\r \uFEFF]|--|\/\*)/;

// Everything from U+0080 on belongs to a word, as in SQLite. A `$name` may go on with `::name` and end with `(…)`. Of what is quoted
// it finds the first quote.
const token =
  /[\t-\r \uFEFF]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)|\[[^\]]*\]?|\?\d*|[@:#$][\w$\u0080-\uFFFF](?:[\w$\u0080-\uFFFF]|::)*(?:\([^\t-\r )]*\))?|[\w$\u0080-\uFFFF]+|[^]/g;

/** Reads `sql`. @throws TypeError for a text that the driver would cut off or change before it runs */
export function readStatement(sql: string): StatementText {
  refuseUnreadable(sql);
  const parameters: (string | null)[] = [];
  const names = new Set<string>();
  const end = new StatementEnd();
  for (const text of tokensOf(sql)) {
    if (end.passed && text !== ';') return { parameters, more: true };
    end.read(text);
    if (variable.test(text)) place(parameters, names, text);
  }
  return { parameters, more: false };
}

/** The statements of a script, each with its semicolon. @throws TypeError as `readStatement` */
export function statementsOf(script: string): string[] {
  refuseUnreadable(script);
  const statements: string[] = [];
  let end = new StatementEnd();
  let start = 0;
  let empty = true;
  for (const piece of piecesOf(script)) {
    empty &&= piece.text === ';';
    end.read(piece.text);
    if (!end.passed) continue;
    statements.push(script.slice(start, piece.end).trim());
    start = piece.end;
    end = new StatementEnd();
    empty = true;
  }
  if (!empty) statements.push(script.slice(start).trim());
  return statements;
}

function refuseUnreadable(sql: string): void {
  if (sql.includes('\0')) throw new TypeError('The SQL text holds a NUL character, where SQLite would stop reading');
  if (!sql.isWellFormed()) throw new TypeError('The SQL text holds a lone surrogate, which UTF-8 cannot hold');
}

const variable = /^(?:\?|[@:$#].)/;

function place(parameters: (string | null)[], names: Set<string>, text: string): void {
  if (text === '?') {
    parameters.push(null);
  } else if (text.startsWith('?')) {
    // A text may ask for ?3 alone: it still has three parameters.
    const number = Number(text.slice(1));
    // The engine refuses it.
    if (number === 0) return;
    while (parameters.length < number && parameters.length < maxParameters) parameters.push(null);
    parameters[number - 1] ??= text;
  } else if (!names.has(text)) {
    names.add(text);
    parameters.push(text);
  }
}

/** SQLITE_MAX_VARIABLE_NUMBER of the engine: it refuses more. */
const maxParameters = 32_766;

/** Where the first statement ends: at a semicolon, which inside CREATE TRIGGER must stand behind `; END`. */
class StatementEnd {
  passed = false;
  readonly #start: string[] = [];
  #previous = '';
  #beforePrevious = '';

  read(text: string): void {
    const lower = text.toLowerCase();
    if (this.#start.length < 4 && lower !== ';' && lower !== 'explain') this.#start.push(lower);
    if (lower === ';' && this.#start.length > 0) {
      const whole = !this.#isTrigger || (this.#previous === 'end' && this.#beforePrevious === ';');
      this.passed ||= whole;
    }
    this.#beforePrevious = this.#previous;
    this.#previous = lower;
  }

  get #isTrigger(): boolean {
    const [first, second, third] = this.#start;
    if (first !== 'create') return false;
    return second === 'trigger' || ((second === 'temp' || second === 'temporary') && third === 'trigger');
  }
}

/** Compares what the text `sql` asks for with what it is given. @throws TypeError that says what is missing or too much */
export function refuseWrongValues(
  sql: string,
  text: StatementText,
  args: readonly unknown[] | Readonly<Record<string, unknown>>,
): void {
  const { parameters, more } = text;
  const refused = (why: string): TypeError => new TypeError(`${why} (in ${shortened(sql)})`);
  if (more) {
    throw refused(
      'The SQL text holds more than one statement, and only the first would run: pass them one by one, or use executeMultiple',
    );
  }
  if (isList(args)) {
    if (args.length === parameters.length) return;
    throw refused(`The statement asks for ${counted(parameters.length)} and was given ${args.length}`);
  }
  for (const [index, name] of parameters.entries()) {
    if (name === null) {
      throw refused(`Parameter ${index + 1} has no name: pass the values of the statement as an array`);
    }
    if (!Object.hasOwn(args, name.slice(1))) throw refused(`The statement asks for '${name}', which has no value`);
  }
}

function isList(args: readonly unknown[] | Readonly<Record<string, unknown>>): args is readonly unknown[] {
  return Array.isArray(args);
}

function counted(values: number): string {
  return values === 1 ? '1 value' : `${values} values`;
}
