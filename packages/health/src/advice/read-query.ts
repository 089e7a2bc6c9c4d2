// Which statements are analysed, and which values fit them: the same for whoever gives them and for what is captured.
import { types } from 'node:util';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { wordsOf } from './statement-words.js';
import type { BoundValue, QueryToAnalyze } from './types.js';

/** A statement and values that fit it. */
export interface ReadQuery {
  readonly sql: string;
  /** Those that differ, ten at most, without booleans; one empty list for a statement without placeholders. */
  readonly sets: readonly (readonly BoundValue[])[];
  /** Lists that an index is proven over. */
  readonly needed: number;
}

const leastSets = 3;
const mostSets = 10;

/** Reads what a caller gives. @throws TypeError for what is no single statement that reads or writes rows, and for values that do not fit */
export function readQuery(where: string, query: QueryToAnalyze): ReadQuery {
  refuseUnknownOptions(where, query, ['sql', 'parameterSets']);
  const sql = readSql(where, query.sql);
  const given = query.parameterSets ?? [];
  if (!Array.isArray(given) || given.some((set) => !Array.isArray(set)))
    throw new TypeError(`${where}: parameterSets must be a list of lists of values`);
  const taken = placeholdersIn(sql);
  const odd = given.find((set: readonly BoundValue[]) => set.length !== taken);
  if (odd)
    throw new TypeError(`${where}: a list of parameterSets has ${odd.length} values, the statement takes ${taken}`);
  if (given.flat().some((value: unknown) => !isBound(value)))
    throw new TypeError(
      `${where}: values must be texts, numbers, bigints, booleans, null or Uint8Array, as the driver binds them`,
    );
  if (taken === 0) return { sql, sets: [[]], needed: 1 };
  const bound = given.map((set: readonly BoundValue[]) =>
    set.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
  );
  const different = new Map(bound.map((set) => [keyOf(set), set]));
  return { sql, sets: [...different.values()].slice(0, mostSets), needed: leastSets };
}

function readSql(where: string, sql: unknown): string {
  const words = typeof sql === 'string' ? wordsOf(sql) : [];
  if (typeof sql !== 'string' || words.length === 0)
    throw new TypeError(`${where}: sql must be the text of one statement`);
  const end = words.find(({ key }) => key === ';')?.at ?? sql.length;
  if (words.some(({ key, at }) => at > end && key !== ';'))
    throw new TypeError(`${where}: sql must be one statement; give each of several by itself`);
  if (!analysed.has(words[0]?.key ?? ''))
    throw new TypeError(`${where}: sql must begin with ${[...analysed].join(', ').toUpperCase()}`);
  const reaching = words.find(({ text }, at) => beyondCopy.has(text.toLowerCase()) && words[at + 1]?.key === '(');
  if (reaching)
    throw new TypeError(
      `${where}: ${reaching.text}() works on files of this machine, also where it runs on a copy of the database; leave it out`,
    );
  // A comment behind it would be a second statement, of nothing, to the driver.
  return sql.slice(0, end).trimEnd();
}

/** Functions that the engine has beside those of SQL. */
const beyondCopy: ReadonlySet<string> = new Set(['writefile', 'readfile', 'fsdir', 'lsdir', 'load_extension']);

/** Others reach beyond a copy of the database: ATTACH makes files. */
const analysed: ReadonlySet<string> = new Set(['select', 'with', 'values', 'insert', 'update', 'delete', 'replace']);

/** Whether `sql` begins like a statement that can be analysed. */
export function isAnalysed(sql: string): boolean {
  return analysed.has(/^\w*/.exec(sql)?.[0].toLowerCase() ?? '');
}

/** How many values SQLite takes for the placeholders: `?5` alone takes five, a name takes one however often it stands. */
export function placeholdersIn(sql: string): number {
  const names = new Set<string>();
  let count = 0;
  for (const { kind, text } of wordsOf(sql)) {
    if (kind !== 'value' || !/^[?:@$]/.test(text) || names.has(text)) continue;
    if (text !== '?') names.add(text);
    count = /^\?\d/.test(text) ? Math.max(count, Number(text.slice(1))) : count + 1;
  }
  return count;
}

/** Whether the driver binds it. */
export function isBound(value: unknown): value is BoundValue {
  return (
    value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value) || types.isUint8Array(value)
  );
}

/** A text by which lists of values are told apart. */
export function keyOf(set: readonly BoundValue[]): string {
  return JSON.stringify(set, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
