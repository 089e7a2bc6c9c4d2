// Tells from its first words what a statement needs: a reader, the writer, or a connection outside any transaction.
import { tokensOf } from './statement-text.js';

/**
 * - `read`: any connection.
 * - `write`: the writer, inside a transaction.
 * - `explain`: a connection outside any transaction that has compared itself with the schema of the file: EXPLAIN does not.
 * - `database`: the writer, outside a transaction (VACUUM, and pragmas that ask or change the database).
 * - `connection`: changes only the connection that it meets (ATTACH, TEMP, most pragmas): held connections take it.
 * - `control`: BEGIN, COMMIT and the like, which only this package may issue.
 */
export type StatementKind = 'read' | 'write' | 'explain' | 'database' | 'connection' | 'control';

/** Returns the kind of the first statement in `sql`. */
export function statementKind(sql: string): StatementKind {
  switch (firstWordOf(sql)) {
    case 'select':
    case 'values':
      return 'read';
    case 'with':
      // A false alarm (the word in a name or a text) only makes a read wait for the writer.
      return /\b(insert|update|delete|replace)\b/i.test(sql) ? 'write' : 'read';
    case 'explain':
      return 'explain';
    case 'pragma':
      return pragmaKind(sql);
    case 'vacuum':
      return 'database';
    case 'attach':
    case 'detach':
      return 'connection';
    case 'create':
      return isTemporary(sql) ? 'connection' : 'write';
    case 'begin':
    case 'commit':
    case 'end':
    case 'rollback':
    case 'savepoint':
    case 'release':
      return 'control';
    default:
      return 'write';
  }
}

/** The word that `sql` begins with, in small letters; '' when it begins with none. */
export function firstWordOf(sql: string): string {
  return firstWord.exec(sql)?.[1]?.toLowerCase() ?? '';
}

/**
 * Skips white space, both kinds of comments, and semicolons and parentheses in front. There is one way to read what it skips:
 * with two, a text without a word behind it would be read in all their combinations, which never ends.
 */
const firstWord = /^[\s;(]*(?:(?:--[^\n]*(?:\n|$)|\/\*[^*]*\*+(?:[^*/][^*]*\*+)*\/)[\s;(]*)*([a-z]+)/i;

/** Whether the first statement in `sql`, which is of that kind, may change what others read. */
export function mayWrite(sql: string, kind: StatementKind = statementKind(sql)): boolean {
  if (kind !== 'database') return kind === 'write';
  const { name, sets } = pragmaIn(sql);
  // VACUUM gives rows without a key of their own other rowids.
  if (name === '') return !/\binto\b/i.test(sql);
  return name === 'optimize' || (sets && keptInFile.has(name));
}

const keptInFile: ReadonlySet<string> = new Set(['application_id', 'user_version']);

/** Asking is answered alike by every connection; so is what is kept in the file. */
function pragmaKind(sql: string): 'database' | 'connection' {
  const { name, sets } = pragmaIn(sql);
  return !sets || ofTheDatabase.has(name) ? 'database' : 'connection';
}

/** The name of the pragma that `sql` sets for its connection alone, in small letters; undefined when it sets none. */
export function settingIn(sql: string): string | undefined {
  const { name, sets } = pragmaIn(sql);
  return sets && /^\w+$/.test(name) && !ofTheDatabase.has(name) ? name : undefined;
}

/** The name of the pragma in `sql`, '' when there is none, and whether it is given a value. */
function pragmaIn(sql: string): { readonly name: string; readonly sets: boolean } {
  const words = wordsOf(sql, 6);
  if (words[0] !== 'pragma') return { name: '', sets: false };
  const qualified = words[2] === '.';
  const sign = words[qualified ? 4 : 2];
  return { name: words[qualified ? 3 : 1] ?? '', sets: sign === '=' || sign === '(' };
}

const ofTheDatabase: ReadonlySet<string> = new Set([
  'application_id',
  'defer_foreign_keys',
  'foreign_key_check',
  'foreign_key_list',
  'incremental_vacuum',
  'index_info',
  'index_list',
  'index_xinfo',
  'integrity_check',
  'optimize',
  'quick_check',
  'table_info',
  'table_list',
  'table_xinfo',
  'user_version',
  'wal_checkpoint',
]);

/** CREATE TEMP …, or CREATE … temp.name */
function isTemporary(sql: string): boolean {
  const words = wordsOf(sql, 9);
  if (words[1] === 'temp' || words[1] === 'temporary') return true;
  const dot = words.indexOf('.');
  return dot !== -1 && words[dot - 1] === 'temp' && !words.slice(0, dot).includes('(');
}

const quotes = /^['"`[]|['"`\]]$/g;

function wordsOf(sql: string, count: number): readonly string[] {
  const words: string[] = [];
  for (const text of tokensOf(sql)) {
    if (words.length === 0 && text === ';') continue;
    words.push(text.toLowerCase().replace(quotes, ''));
    if (words.length === count) break;
  }
  return words;
}
