// Reads an UPDATE or DELETE that is marked `-- cc:chunk 5000`, so that it can run in slices of that many rows, each in a
// transaction of its own. plan.ts refuses what cannot; run/slices.ts runs the rest.
import { assignedIn } from './assignments.js';
import { RefusedStatement, type Statement } from './statements.js';
import { foldName, type Word } from './words.js';

/** A statement that can run in slices. */
export interface ChunkedStatement {
  /** Most rows to a slice. */
  readonly rows: number;
  /** Its text up to WHERE. */
  readonly head: string;
  /** What stands behind WHERE: true for rows that are still to be handled. */
  readonly condition: string;
  /** The table as the statement names it, `AS` included. */
  readonly from: string;
  readonly table: string;
  /** What a column is qualified with. */
  readonly alias: string;
  /** Columns that an UPDATE sets, in lower case; null for a DELETE. */
  readonly assigned: readonly string[] | null;
}

/**
 * Returns the statements of a file that runs in slices; null for a file without a mark. `where` names a statement for
 * messages.
 *
 * @throws RefusedStatement for a file that mixes marked statements with others, and for what cannot be cut into slices
 */
export function chunksOf(
  statements: readonly Statement[],
  where: (statement: Statement) => string,
): readonly ChunkedStatement[] | null {
  if (statements.every(({ chunk }) => chunk === null)) return null;
  return statements.map((statement) => {
    if (statement.chunk !== null) return chunkOf(statement, statement.chunk, where(statement));
    throw new RefusedStatement(
      `${where(statement)} is not marked cc:chunk, and others of its file are`,
      'Put the statements that run in slices into a migration of their own: they are no longer one transaction',
    );
  });
}

function chunkOf({ sql, words }: Statement, rows: number, where: string): ChunkedStatement {
  const refuse = (reason: string, hint: string): never => {
    throw new RefusedStatement(`${where} cannot run in slices: ${reason}`, hint);
  };
  const first = words[0];
  const verb = first?.keyword;
  if (!first || (verb !== 'UPDATE' && verb !== 'DELETE')) {
    return refuse('it is no UPDATE or DELETE', 'Take the mark cc:chunk away');
  }
  const clauses = clausesOf(words);
  const limiting = clauses.find(({ keyword }) => keyword !== 'SET' && keyword !== 'WHERE');
  if (limiting)
    return refuse(`it has ${limiting.keyword}`, 'Write it with SET and WHERE alone; subqueries may have the rest');
  const whereWord = clauses.find(({ keyword }) => keyword === 'WHERE');
  if (!whereWord) return refuse('it has no WHERE', notDone);
  const setWord = clauses.find(({ keyword }) => keyword === 'SET');
  const begin = verb === 'DELETE' ? 2 : words[1]?.keyword === 'OR' ? 3 : 1;
  const { table, alias, end } = tableAt(words, begin);
  if (words[end] !== (verb === 'DELETE' ? whereWord : setWord))
    return refuse('its table has more than a name', 'Name it, with AS and another name if need be');
  const assigned = setWord ? assignedIn(words, words.indexOf(setWord)) : null;
  const named = new Set(words.filter(({ start }) => start > whereWord.start).map(({ name }) => foldName(name)));
  if (assigned && !assigned.some((column) => named.has(column)))
    return refuse(`its WHERE does not look at what it sets (${assigned.join(', ')}), so it never ends`, notDone);
  const text = (from: Word | undefined, to: number): string =>
    sql.slice((from?.start ?? 0) - first.start, to - first.start);
  return {
    rows,
    head: text(first, whereWord.start),
    condition: sql.slice(whereWord.end - first.start),
    from: text(words[begin], words[end - 1]?.end ?? 0),
    table,
    alias,
    assigned,
  };
}

const notDone = 'Give it a condition that becomes false for the rows it has handled, such as: WHERE new_column IS NULL';

const clauseWords = new Set(['SET', 'FROM', 'WHERE', 'RETURNING', 'ORDER', 'LIMIT']);

/** The words outside parentheses that begin a clause. */
function clausesOf(words: readonly Word[]): readonly Word[] {
  const clauses: Word[] = [];
  let depth = 0;
  words.forEach((word, index) => {
    if (word.kind === 'sign') depth += word.name === '(' ? 1 : word.name === ')' ? -1 : 0;
    if (depth > 0 || !clauseWords.has(word.keyword)) return;
    // DELETE FROM, and IS DISTINCT FROM, are no clauses.
    const before = words[index - 1]?.keyword;
    if (word.keyword !== 'FROM' || (index > 1 && before !== 'DISTINCT')) clauses.push(word);
  });
  return clauses;
}

/** The table at `index`: `name`, `schema.name`, `name AS alias`. */
function tableAt(
  words: readonly Word[],
  index: number,
): { readonly table: string; readonly alias: string; readonly end: number } {
  const at = words[index + 1]?.name === '.' ? index + 2 : index;
  const table = words[at]?.name ?? '';
  if (words[at + 1]?.keyword === 'AS') return { table, alias: words[at + 2]?.name ?? '', end: at + 3 };
  return { table, alias: table, end: at + 1 };
}
