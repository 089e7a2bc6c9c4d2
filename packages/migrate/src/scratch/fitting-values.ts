// Which values the CHECKs of a table take together: SQLite itself is asked, over the rows of every combination.
import { isDatabaseError } from '@cc/tx/errors';
import type { Connection } from '../contract/connection.js';
import { afterParentheses } from '../schema/normal-form.js';
import type { Column, Table } from '../schema/schema.js';
import { foldName, quoteName, quoteText, wordsOf } from '../sql/words.js';

/** Combinations that a group of CHECKs is asked about: the more columns it names, the fewer values of each are tried. */
const combinations = 20_000;
/** Answers that are taken of a group: a unique index may refuse the first. */
const answers = 6;

/** SQL values worth trying in columns that `texts` name: what those name themselves, and the usual suspects. */
export function valuesWorthTrying(texts: readonly string[]): readonly string[] {
  const literals = texts
    .flatMap((text) => wordsOf(text))
    .flatMap(({ kind, name }) =>
      kind === 'text' ? [quoteText(name)] : kind === 'number' ? [name, String(Number(name) + 1)] : [],
    );
  return [...new Set(['NULL', ...literals, '0', '1', `'x'`, `''`, `'{}'`, `'[]'`, '0.5'])];
}

/**
 * Rows like `wanted` (SQL values of `columns`, in their order) that all CHECKs of `table` take, as far as SQLite can tell without
 * the table: of the columns that a CHECK names those in `kept` stay, and the others change as little as they must. None when no
 * such row was found.
 */
export async function fittingRows(
  connection: Connection,
  table: Table,
  columns: readonly Column[],
  wanted: readonly string[],
  kept: ReadonlySet<string>,
): Promise<readonly (readonly string[])[]> {
  const changes = await Promise.all(
    groupsOf(table, columns, kept).map((group) => changesOf(connection, table, columns, wanted, kept, group)),
  );
  if (changes.length === 0 || changes.some((found) => found.length === 0)) return [];
  const rows = Array.from({ length: Math.max(...changes.map(({ length }) => length)) }, (_, at) => {
    const changed = new Map(changes.flatMap((found) => [...(found[at % found.length] ?? [])]));
    return wanted.map((value, index) => changed.get(index) ?? value);
  });
  return rows;
}

/** CHECKs that have columns in common, and the columns that they name, by index. */
interface Group {
  readonly checks: readonly string[];
  readonly named: ReadonlySet<number>;
}

/** The CHECKs of a table in groups that can be met one by one. Those that name `kept` columns alone are left out. */
function groupsOf(table: Table, columns: readonly Column[], kept: ReadonlySet<string>): readonly Group[] {
  let groups: readonly Group[] = [];
  for (const check of checksIn(table.sql)) {
    const names = new Set(wordsOf(check).map(({ name }) => foldName(name)));
    const named = new Set(columns.flatMap(({ name }, index) => (names.has(foldName(name)) ? [index] : [])));
    const isFree = (index: number): boolean => !kept.has(columns[index]?.name ?? '');
    const sharing = groups.filter((group) => [...group.named].some((index) => named.has(index) && isFree(index)));
    const apart = groups.filter((group) => !sharing.includes(group));
    groups = [
      ...apart,
      {
        checks: [...sharing.flatMap(({ checks }) => checks), check],
        named: new Set([...sharing.flatMap((group) => [...group.named]), ...named]),
      },
    ];
  }
  return groups.filter(({ named }) => [...named].some((index) => !kept.has(columns[index]?.name ?? '')));
}

/** The conditions of all CHECKs in a CREATE TABLE, as they are written. */
function checksIn(sql: string): readonly string[] {
  const words = wordsOf(sql);
  return words.flatMap(({ keyword }, at) => {
    const open = words[at + 1];
    if (keyword !== 'CHECK' || open?.name !== '(') return [];
    return [sql.slice(open.start, words[afterParentheses(words, at + 1) - 1]?.end)];
  });
}

/** Values by the index of their column that the CHECKs of `group` take together, those first that are most like `wanted`. */
async function changesOf(
  connection: Connection,
  table: Table,
  columns: readonly Column[],
  wanted: readonly string[],
  kept: ReadonlySet<string>,
  { checks, named }: Group,
): Promise<readonly ReadonlyMap<number, string>[]> {
  const free = [...named].filter((index) => !kept.has(columns[index]?.name ?? ''));
  const most = Math.max(2, Math.floor(combinations ** (1 / free.length)));
  const tried = valuesWorthTrying(checks);
  const lists = free.map((index) => {
    const mayBeNull = columns[index]?.notNull === false;
    const values = [wanted[index] ?? 'NULL', ...tried.filter((value) => mayBeNull || value !== 'NULL')];
    return [...new Set(values)].slice(0, most);
  });
  const sources = lists.map(
    (values, at) => `(VALUES ${values.map((value, number) => `(${number}, ${value})`).join(', ')}) AS cc_${at}`,
  );
  const cells = [...named].map((index) => {
    const at = free.indexOf(index);
    return `${at < 0 ? wanted[index] : `cc_${at}.column2`} AS ${quoteName(columns[index]?.name ?? '')}`;
  });
  const numbers = free.map((_, at) => `cc_${at}.column1 AS "cc ${at}"`);
  try {
    const { rows } = await connection.execute(
      `SELECT * FROM (SELECT ${[...numbers, ...cells].join(', ')} FROM ${sources.join(' CROSS JOIN ')})
        AS ${quoteName(table.name)} WHERE ${checks.map((check) => `${check} IS NOT FALSE`).join(' AND ')} LIMIT ${answers}`,
    );
    return rows.map((row) => new Map(free.map((index, at) => [index, lists[at]?.[Number(row[`cc ${at}`])] ?? 'NULL'])));
  } catch (error) {
    // A CHECK that names what is no column (a rowid), or fails on some of the values.
    if (isDatabaseError(error)) return [];
    throw error;
  }
}
