// What a statement writes rows to, and how: behind WITH, too. Read wherever it matters whose rows a statement changes.
import { foldName, type Word } from './words.js';

const verbs = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE'] as const;

/** What a statement writes to. */
export interface Writing {
  /** As `foldName` gives it. */
  readonly table: string;
  readonly verb: 'INSERT' | 'REPLACE' | 'UPDATE' | 'DELETE';
  /** Where its verb stands, and where the name of the table does. */
  readonly at: number;
  readonly index: number;
}

/** The table that a statement writes rows to, and how; null for any other statement. */
export function writingOf(words: readonly Word[]): Writing | null {
  const at = words[0]?.keyword === 'WITH' ? outerVerb(words) : 0;
  const verb = verbs.find((each) => each === words[at]?.keyword);
  if (verb === undefined) return null;
  let index = at + 1;
  if (words[index]?.keyword === 'OR') index += 2;
  if (words[index]?.keyword === 'INTO' || words[index]?.keyword === 'FROM') index += 1;
  if (words[index + 1]?.name === '.') index += 2;
  const name = words[index]?.name;
  return name === undefined ? null : { table: foldName(name), verb, at, index };
}

/** The table that a statement writes to, in lower case; null for statements that write no rows. */
export function targetOf(words: readonly Word[]): string | null {
  const writing = writingOf(words);
  if (!writing || isCommand(words.slice(writing.index + 1), foldName(writing.table))) return null;
  return foldName(writing.table);
}

/**
 * Whether a statement is a command to a full-text table that takes rows out of its index, or one that only the database knows:
 * `INSERT INTO t (t, rowid, body) VALUES ('delete', 1, 'text')`. Where the text is in no other table, they are gone.
 */
export function takesFromIndex(words: readonly Word[], { table, index }: Writing): boolean {
  const list = words[index + 1]?.name === '(' ? words.slice(index + 2) : [];
  const end = list.findIndex(({ name }) => name === ')');
  const isNamed = list.slice(0, end).some(({ name }) => foldName(name) === table);
  return isNamed && !isCommand(words.slice(index + 1), table);
}

const commands = new Set(['rebuild', 'optimize', 'merge', 'integrity-check']);

/** `(t) VALUES ('rebuild')`, also with more columns; a table may well have a column of its own name. */
function isCommand(rest: readonly Word[], table: string): boolean {
  if (rest[0]?.name !== '(' || foldName(rest[1]?.name ?? '') !== table) return false;
  const values = rest.findIndex(({ keyword }) => keyword === 'VALUES');
  const command = rest[values + 2];
  return values !== -1 && command?.kind === 'text' && commands.has(foldName(command.name));
}

/** Where the statement behind WITH begins: its verb follows the parenthesis of the last SELECT before it. */
function outerVerb(words: readonly Word[]): number {
  let depth = 0;
  return words.findIndex(({ kind, name, keyword }, index) => {
    if (kind === 'sign' && name === '(') depth += 1;
    if (kind === 'sign' && name === ')') depth -= 1;
    // A name of the list may be `replace`, which SQLite lets be a name.
    return depth === 0 && words[index - 1]?.name === ')' && verbs.some((verb) => verb === keyword);
  });
}
