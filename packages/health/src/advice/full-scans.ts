// Which tables a plan reads from the first row to the last. SQLite names them by their alias and without quotes, so the names
// are looked up in the statement, in the views that it may use, and in the schema.
import { foldName } from '../statistics/fold-name.js';
import { isName, wordsOf } from './statement-words.js';

/** What names in a plan may stand for. */
export interface KnownNames {
  readonly tables: readonly string[];
  /** The declarations of views: a plan shows what they are made of. */
  readonly views: readonly string[];
}

/** Returns the tables by their own names, each once, in the order of the plan. `details`: lines of EXPLAIN QUERY PLAN. */
export function fullScansOf(details: readonly string[], sql: string, known: KnownNames): readonly string[] {
  const tables = new Map(known.tables.map((name) => [foldName(name), name]));
  const aliases = new Map<string, string>();
  // Those of the statement itself hold before those of a view.
  for (const text of [...known.views, sql]) readAliases(text, tables, aliases);
  // A subquery or WITH of its own, which may have the name of a table.
  const made = new Set(details.map((detail) => foldName(/^(?:CO-ROUTINE|MATERIALIZE) (.+)$/s.exec(detail)?.[1] ?? '')));
  const resolve = (name: string): string | undefined => {
    const key = foldName(name);
    if (made.has(key)) return undefined;
    return aliases.get(key) ?? tables.get(key) ?? tables.get(key.replace(/^(?:main|temp)\./, ''));
  };
  const endsEarly = wordsOf(sql).some(({ key }) => key === 'limit');
  const found = details.map((detail) => scanned(detail, resolve, endsEarly)).filter((name) => name !== undefined);
  return [...new Set(found)];
}

type Resolve = (name: string) => string | undefined;

/** Undefined for what is no scan of a table: of constants, subqueries, functions, virtual tables. */
function scanned(detail: string, resolve: Resolve, endsEarly: boolean): string | undefined {
  const [, how, what = ''] = /^(SCAN|SEARCH|RIGHT-JOIN) (.+)$/s.exec(detail) ?? [];
  if (how === undefined) return undefined;
  const name = what.replace(/ LEFT-JOIN$/, '');
  // min() and max() without an index are a SEARCH by nothing; an index of its own for one statement is made of every row.
  const whole = resolve(name) ?? resolve(/^(.+) USING AUTOMATIC .*INDEX .+$/s.exec(name)?.[1] ?? '');
  if (whole !== undefined || how !== 'SCAN') return whole;
  const [, table = '', covering] = /^(.+) USING (COVERING )?INDEX .+$/s.exec(name) ?? [];
  // An index that is read for its order may end at a LIMIT.
  return covering === undefined && endsEarly ? undefined : resolve(table);
}

/** `table alias` and `table AS alias`. What else it takes for an alias no plan names; a keyword may be the name of a table. */
function readAliases(sql: string, tables: ReadonlyMap<string, string>, aliases: Map<string, string>): void {
  const words = wordsOf(sql);
  for (const [at, word] of words.entries()) {
    const table = isName(word) ? tables.get(foldName(word.text)) : undefined;
    if (table === undefined) continue;
    const next = words[words[at + 1]?.key === 'as' ? at + 2 : at + 1];
    if (next && isName(next)) aliases.set(foldName(next.text), table);
  }
}
