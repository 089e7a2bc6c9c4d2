// What an `INSERT INTO … SELECT … FROM …`, or an UPDATE that looks into another table, says of where the values of a table
// went. It is only a hint of where to look for them: measure.ts compares the rows.
import { assignmentsIn } from '../sql/assignments.js';
import { tablesRead } from '../sql/tables-read.js';
import { foldName, type Word, wordsOf } from '../sql/words.js';

/** Rows of other tables that were put into one. Names are in lower case. */
export interface Copying {
  readonly target: string;
  /** Every table and view that it reads. */
  readonly sources: ReadonlySet<string>;
  /** The columns it fills; null for all, in order. */
  readonly columns: readonly string[] | null;
  /** The names in each expression; null for `*`. */
  readonly values: readonly (ReadonlySet<string> | null)[];
}

/** Reads a statement, `CREATE TABLE … AS SELECT` too; null for one that copies nothing. */
export function copyingOf(words: readonly Word[]): Copying | null {
  const into = targetAt(words);
  const select = outerSelect(words, into);
  if (into === -1 || select === -1) return null;
  const at = words[into + 2]?.name === '.' ? into + 3 : into + 1;
  const target = foldName(words[at]?.name ?? '');
  // What stands in WITH, before INSERT or behind the target, is read from its own tables.
  const reading = words[0]?.keyword === 'WITH' ? words : words.slice(at + 1);
  const isListed = words[at + 1]?.name === '(';
  const columns = isListed ? itemsOf(words, at + 2).map((item) => foldName(item[0]?.name ?? '')) : null;
  const values = selectedAt(words, select).map((item) =>
    item.at(-1)?.name === '*' && item.length < 4 ? null : namesIn(item),
  );
  return { target, sources: tablesRead(reading), columns, values: meant(values, aliasesIn(reading, words[select])) };
}

/** `copying` as it reads the tables behind its sources that are views. `views`: their texts by name, in lower case. */
export function throughViews(copying: Copying, views: ReadonlyMap<string, string>): Copying {
  const sources = new Set(copying.sources);
  let { values } = copying;
  for (const source of sources) {
    const words = wordsOf(views.get(source) ?? '');
    values = meant(values, aliasesIn(words, undefined));
    for (const name of tablesRead(words)) sources.add(name);
  }
  return { ...copying, sources, values };
}

/** `values` with what `aliases` say in the place of names. */
function meant(values: Copying['values'], aliases: ReadonlyMap<string, ReadonlySet<string>>): Copying['values'] {
  return values.map((value) => value && new Set([...value].flatMap((name) => [...(aliases.get(name) ?? [name])])));
}

/** Where the SELECT behind `into` stands that gives the rows: not in WITH, and in no other parentheses. -1 without one. */
function outerSelect(words: readonly Word[], into: number): number {
  let depth = 0;
  return words.findIndex(({ kind, name, keyword }, index) => {
    if (index <= into) return false;
    if (kind === 'sign') depth += name === '(' ? 1 : name === ')' ? -1 : 0;
    return depth === 0 && keyword === 'SELECT';
  });
}

/** The items of the SELECT at `select`. */
function selectedAt(words: readonly Word[], select: number): readonly (readonly Word[])[] {
  return itemsOf(words, ['DISTINCT', 'ALL'].includes(words[select + 1]?.keyword ?? '') ? select + 2 : select + 1);
}

/** What names stand for that the SELECTs within `outer` give to what they read: `a AS one`. */
function aliasesIn(words: readonly Word[], outer: Word | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const inner = words.flatMap((word, index) => (word.keyword === 'SELECT' && word !== outer ? [index] : []));
  const items = inner.flatMap((select) => selectedAt(words, select));
  return new Map(
    items.flatMap((item) => {
      const last = item.at(-1);
      return last && item.at(-2)?.keyword === 'AS' ? [[foldName(last.name), namesIn(item.slice(0, -2))] as const] : [];
    }),
  );
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
    const sources = tablesRead(looked);
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
