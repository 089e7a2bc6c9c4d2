// Reads the text of a CREATE TABLE for what SQLite's pragmas do not tell: checks, generated columns, collations, options,
// and where each column is defined. read-schema.ts joins it with the pragmas; change/ writes new tables from it.
import { foldName, type Word, wordsOf } from '../sql/words.js';
import { afterParentheses, normalForm } from './normal-form.js';

/** A CREATE TABLE, item by item. */
export interface CreateTable {
  /** Where the table's name stands. */
  readonly nameWord: Word;
  readonly words: readonly Word[];
  readonly columns: ReadonlyMap<string, ColumnDefinition>;
  /** CHECKs in normal form, those of columns included. */
  readonly checks: readonly string[];
  /**
   * Anything that neither the pragmas nor the fields here tell, in normal form: deferrable keys, ON CONFLICT, and the collations
   * and directions of keys.
   */
  readonly rest: readonly string[];
  readonly isAutoIncrement: boolean;
  /** STRICT and WITHOUT ROWID in normal form. */
  readonly options: string;
}

/** One column of a CREATE TABLE. */
export interface ColumnDefinition {
  /** The SQL of the whole definition. */
  readonly sql: string;
  /** COLLATE and the expression of a generated column, in normal form. */
  readonly extras: string;
}

/** Reads `sql`, the text of a CREATE TABLE as sqlite_schema keeps it. */
export function readCreateTable(sql: string): CreateTable {
  const words = wordsOf(sql);
  const open = words.findIndex(({ kind, name }) => kind === 'sign' && name === '(');
  const nameWord = words[open - 1];
  if (!nameWord) throw new Error(`This is no CREATE TABLE with columns: ${sql}`);
  const close = afterParentheses(words, open);
  const table = nameWord.name;
  const columns = new Map<string, ColumnDefinition>();
  const checks: string[] = [];
  const rest: string[] = [];
  let isAutoIncrement = false;
  for (const item of itemsOf(words, open, close)) {
    const [first] = item;
    const last = item.at(-1);
    if (!first || !last) continue;
    checks.push(...checksOf(item, table));
    rest.push(...restOf(item, table), ...keysOf(item));
    isAutoIncrement ||= item.some(({ keyword }) => keyword === 'AUTOINCREMENT');
    if (constraintWords.has(first.keyword)) continue;
    columns.set(foldName(first.name), { sql: sql.slice(first.start, last.end), extras: extrasOf(item, table) });
  }
  return { nameWord, words, columns, checks, rest, isAutoIncrement, options: optionsOf(words.slice(close)) };
}

const constraintWords = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN']);

/** The words of each item between the parentheses at `open` and before `close`. */
function itemsOf(words: readonly Word[], open: number, close: number): readonly (readonly Word[])[] {
  const items: Word[][] = [[]];
  for (let i = open + 1; i < close - 1; i += 1) {
    const word = words[i];
    if (!word) break;
    if (word.kind === 'sign' && word.name === ',') {
      items.push([]);
      continue;
    }
    const end = word.kind === 'sign' && word.name === '(' ? afterParentheses(words, i) : i + 1;
    items.at(-1)?.push(...words.slice(i, end));
    i = end - 1;
  }
  return items;
}

/** Words outside parentheses with their index in `item`. */
function* outerWords(item: readonly Word[]): Generator<readonly [number, Word]> {
  for (let i = 0; i < item.length; i += 1) {
    const word = item[i];
    if (!word) return;
    yield [i, word];
    if (word.kind === 'sign' && word.name === '(') i = afterParentheses(item, i) - 1;
  }
}

function checksOf(item: readonly Word[], table: string): readonly string[] {
  return [...outerWords(item)]
    .filter(([, { keyword }]) => keyword === 'CHECK')
    .map(([at]) => normalForm(item.slice(at + 1, afterParentheses(item, at + 1)), table));
}

function extrasOf(item: readonly Word[], table: string): string {
  const extras: string[] = [];
  for (const [at, { keyword }] of outerWords(item)) {
    if (keyword === 'COLLATE') extras.push(`collate ${foldName(item[at + 1]?.name ?? '')}`);
    if (keyword === 'AS') extras.push(`as ${normalForm(item.slice(at + 1, afterParentheses(item, at + 1)), table)}`);
  }
  return extras.join(' ');
}

function restOf(item: readonly Word[], table: string): readonly string[] {
  const isKept = [...outerWords(item)].some(
    ([at, { keyword }]) => keyword === 'DEFERRABLE' || (keyword === 'ON' && item[at + 1]?.keyword === 'CONFLICT'),
  );
  return isKept ? [normalForm(item, table)] : [];
}

/** The keys of an item that say how they compare or sort: pragmas tell only their columns. */
function keysOf(item: readonly Word[]): readonly string[] {
  return [...outerWords(item)].flatMap(([at, { keyword }]) => {
    const open = keyword === 'UNIQUE' ? at + 1 : keyword === 'PRIMARY' ? at + 2 : -1;
    if (open === -1) return [];
    // Such a column is no rowid (https://sqlite.org/lang_createtable.html, section 5).
    if (item[open]?.keyword === 'DESC') return [`${foldName(item[0]?.name ?? '')} primary key desc`];
    const key = item[open]?.name === '(' ? item.slice(at, afterParentheses(item, open)) : [];
    const isTold = key.every(({ keyword: word }) => word !== 'COLLATE' && word !== 'DESC');
    return isTold ? [] : [normalForm(key.filter(({ keyword: word }) => word !== 'ASC'))];
  });
}

function optionsOf(words: readonly Word[]): string {
  return normalForm(words)
    .split(' , ')
    .filter((option) => option !== '')
    .sort()
    .join(', ');
}
