// What an `INSERT INTO … SELECT … FROM …`, or an UPDATE that looks into another table, says of where the values of a table
// went. It is only a hint of where to look for them: measure.ts compares the rows.
import { assignmentsIn } from '../sql/assignments.js';
import { foldName, type Word } from '../sql/words.js';

/** Rows of other tables that were put into one. Names are in lower case. */
export interface Copying {
  readonly target: string;
  /** Every name behind FROM or JOIN. */
  readonly sources: ReadonlySet<string>;
  /** The columns it fills; null for all, in order. */
  readonly columns: readonly string[] | null;
  /** The names in each expression; null for `*`. */
  readonly values: readonly (ReadonlySet<string> | null)[];
}

/** Reads a statement, `CREATE TABLE … AS SELECT` too; null for one that copies nothing. */
export function copyingOf(words: readonly Word[]): Copying | null {
  const into = targetAt(words);
  const select = words.findIndex(({ keyword }, index) => index > into && keyword === 'SELECT');
  if (into === -1 || select === -1) return null;
  const at = words[into + 2]?.name === '.' ? into + 3 : into + 1;
  const target = foldName(words[at]?.name ?? '');
  // What stands in WITH is read from its own tables.
  const sources = sourcesIn(words[0]?.keyword === 'WITH' ? words : words.slice(select));
  const isListed = words[at + 1]?.name === '(';
  const columns = isListed ? itemsOf(words, at + 2).map((item) => foldName(item[0]?.name ?? '')) : null;
  const begin = words[select + 1]?.keyword === 'DISTINCT' ? select + 2 : select + 1;
  const values = itemsOf(words, begin).map((item) =>
    item.at(-1)?.name === '*' && item.length < 4 ? null : namesIn(item),
  );
  return { target, sources, columns, values };
}

/** What an UPDATE brings from other tables: by a subquery, or by FROM. */
export interface Bringing extends Copying {
  /** Pairs of columns that its conditions say are the same, either way round. */
  readonly equal: readonly (readonly [string, string])[];
}

/** Reads the items behind the SET at `set` of an UPDATE of `target`. */
export function bringingsOf(words: readonly Word[], target: string, set: number): readonly Bringing[] {
  return assignmentsIn(words, set).flatMap(({ columns, expression }): readonly Bringing[] => {
    const select = expression.findIndex(({ keyword }) => keyword === 'SELECT');
    const looked = select === -1 ? words.slice(set) : expression;
    const values = select === -1 ? [namesIn(expression)] : itemsOf(expression, select + 1).map(namesIn);
    const sources = sourcesIn(looked);
    return sources.size === 0 ? [] : [{ target, sources, columns, values, equal: equalIn(looked) }];
  });
}

/** Columns on both sides of an equals sign, with or without the names of their tables. */
function equalIn(words: readonly Word[]): readonly (readonly [string, string])[] {
  const isName = (word: Word | undefined): word is Word => word?.kind === 'word' || word?.kind === 'name';
  return words.flatMap(({ kind, name }, index) => {
    if (kind !== 'sign' || name !== '=') return [];
    const left = words[index - 1];
    const right = words[words[index + 2]?.name === '.' ? index + 3 : index + 1];
    return isName(left) && isName(right) ? [[foldName(left.name), foldName(right.name)] as const] : [];
  });
}

function namesIn(words: readonly Word[]): ReadonlySet<string> {
  return new Set(words.flatMap(({ kind, name }) => (kind === 'word' || kind === 'name' ? [foldName(name)] : [])));
}

/** Every name behind FROM or JOIN. */
function sourcesIn(words: readonly Word[]): ReadonlySet<string> {
  return new Set(
    words.flatMap(({ keyword }, index) => {
      if (keyword !== 'FROM' && keyword !== 'JOIN') return [];
      const named = words[index + 2]?.name === '.' ? index + 3 : index + 1;
      return [foldName(words[named]?.name ?? '')];
    }),
  );
}

/** The word before the name of the table that is filled; -1 without one. */
function targetAt(words: readonly Word[]): number {
  if (words[0]?.keyword !== 'CREATE') return words.findIndex(({ keyword }) => keyword === 'INTO');
  const table = words.findIndex(({ keyword }, index) => keyword === 'TABLE' && index < 3);
  return table !== -1 && words[table + 1]?.keyword === 'IF' ? table + 3 : table;
}

/** `copying` with each `*` as the columns of its one source; null in place of those that nobody can count. */
export function spelledOut(copying: Copying, source: readonly string[]): Copying {
  if (copying.sources.size !== 1) return copying;
  const all = source.map((name) => new Set([foldName(name)]));
  return { ...copying, values: copying.values.flatMap((value) => (value === null ? all : [value])) };
}

/** The items from `from` to the closing parenthesis, or to FROM. */
function itemsOf(words: readonly Word[], from: number): readonly (readonly Word[])[] {
  const items: Word[][] = [[]];
  let depth = 0;
  for (const word of words.slice(from)) {
    const sign = word.kind === 'sign' ? word.name : '';
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && word.keyword === 'FROM')) break;
    if (sign === ',' && depth === 0) items.push([]);
    else items.at(-1)?.push(word);
  }
  return items;
}
