// How much of a script is in the database when one of its statements fails: each is committed by itself, unless the script or
// its caller has begun a transaction. The engine tells of a local script whether one is open; of a server's only the text does.
import { statementKind } from './statement-kind.js';
import { statementsOf, tokensOf } from './statement-text.js';

/** Follows a script through its statements. */
export class ScriptProgress {
  #committed = false;
  #pending: boolean;

  /** @param inTransaction the caller's, whose writes the script may commit */
  constructor(inTransaction: boolean) {
    this.#pending = inTransaction;
  }

  /** Whether something of what has run may have been committed. */
  get committed(): boolean {
    return this.#committed;
  }

  /** Notes that `sql` has run, and whether a transaction is open since. */
  ran(sql: string, inTransaction: boolean): void {
    this.#pending ||= changes(sql);
    if (inTransaction) return;
    this.#committed ||= this.#pending && wordsOf(sql)[0] !== 'rollback';
    this.#pending = false;
  }
}

/** Whether a part of `script` may be in the database when the server has refused one of its statements, without saying which. */
export function mayBeInPart(script: string, inTransaction: boolean): boolean {
  const progress = new ScriptProgress(inTransaction);
  const statements = statementsOf(script);
  let open: string | undefined = inTransaction ? '' : undefined;
  for (const [index, sql] of statements.entries()) {
    // Of this one the rows in front of the failing one stay.
    if (open === undefined && keepsRows.test(sql)) return true;
    if (index === statements.length - 1) break;
    open = openAfter(sql, open);
    progress.ran(sql, open !== undefined);
  }
  return progress.committed;
}

/** Returns `script`, for a server, which would roll an open end back and say nothing. @throws TypeError as `leftOpen` */
export function closedScript(script: string): string {
  let open: string | undefined;
  for (const sql of statementsOf(script)) open = openAfter(sql, open);
  if (open !== undefined) throw leftOpen();
  return script;
}

/** The error of a script that begins a transaction, or a savepoint outside one, and does not end it. */
export function leftOpen(): TypeError {
  return new TypeError('The script begins a transaction and does not end it');
}

/** What ends the open transaction after `sql` besides COMMIT and ROLLBACK: '' or the savepoint that has begun it; undefined: none is. */
function openAfter(sql: string, open: string | undefined): string | undefined {
  const [word = '', ...names] = wordsOf(sql);
  if (word === 'begin') return open ?? '';
  if (word === 'savepoint') return open ?? names[0] ?? '';
  if (word === 'commit' || word === 'end' || (word === 'rollback' && !names.includes('to'))) return undefined;
  if (word === 'release' && open !== '' && names.includes(open ?? '')) return undefined;
  return open;
}

/** Whether a write that fails may have written: `INSERT OR FAIL` keeps the rows in front of the failing one. */
export const keepsRows = /\bor\s+fail\b/i;

/** Whether `sql` begins or ends a transaction: it would cut in two what is all or none. */
export function cutsTransaction(sql: string): boolean {
  if (!mayCut.test(sql)) return false;
  const words = wordsOf(sql);
  const [word = ''] = words;
  return word === 'rollback' ? !words.includes('to') : ['begin', 'commit', 'end'].includes(word);
}

const mayCut = /^[^a-z]*(?:begin|commit|end|rollback|--|\/\*)/i;

function changes(sql: string): boolean {
  const kind = statementKind(sql);
  return kind === 'write' || (kind === 'database' && /=|\boptimize\b/i.test(sql));
}

/** The first words of a statement, as far as those of transactions go. */
function wordsOf(sql: string): readonly string[] {
  const words: string[] = [];
  for (const text of tokensOf(sql)) {
    if (text !== ';') words.push(text.toLowerCase());
    if (words.length === 5) break;
  }
  return words;
}
