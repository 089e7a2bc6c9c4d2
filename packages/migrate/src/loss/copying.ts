// What an `INSERT INTO … SELECT … FROM …` says of where the values of a table went. It is only a hint of where to look
// for them: measure.ts compares the rows.
import type { Word } from '../sql/words.js';

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

/** Reads a statement; null for one that copies nothing. */
export function copyingOf(words: readonly Word[]): Copying | null {
  const into = words.findIndex(({ keyword }) => keyword === 'INTO');
  const select = words.findIndex(({ keyword }, index) => index > into && keyword === 'SELECT');
  if (into === -1 || select === -1) return null;
  const at = words[into + 2]?.name === '.' ? into + 3 : into + 1;
  const target = words[at]?.name.toLowerCase() ?? '';
  const sources = new Set(
    words.flatMap(({ keyword }, index) => {
      if (index < select || (keyword !== 'FROM' && keyword !== 'JOIN')) return [];
      const named = words[index + 2]?.name === '.' ? index + 3 : index + 1;
      return [words[named]?.name.toLowerCase() ?? ''];
    }),
  );
  const isListed = words[at + 1]?.name === '(';
  const columns = isListed ? itemsOf(words, at + 2).map((item) => item[0]?.name.toLowerCase() ?? '') : null;
  const begin = words[select + 1]?.keyword === 'DISTINCT' ? select + 2 : select + 1;
  const values = itemsOf(words, begin).map((item) =>
    item.at(-1)?.name === '*' && item.length < 4
      ? null
      : new Set(item.flatMap(({ kind, name }) => (kind === 'word' || kind === 'name' ? [name.toLowerCase()] : []))),
  );
  return { target, sources, columns, values };
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
