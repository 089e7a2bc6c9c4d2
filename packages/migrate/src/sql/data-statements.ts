// Which statements of a migration change rows that were there before it: no comparison of schemas can take those back.
import type { Statement } from './statements.js';
import { foldName, type Word } from './words.js';

/**
 * Returns the statements that insert into, update or delete from a table that is in `present` (names in lower case).
 * Rows of tables that the migration itself creates go with those tables, so they do not count; nor do commands to a
 * full-text table (`INSERT INTO t (t) VALUES ('rebuild')`).
 */
export function dataStatements(statements: readonly Statement[], present: ReadonlySet<string>): readonly Statement[] {
  const names = new Set(present);
  return statements.filter(({ words }) => {
    followNames(words, names, present);
    const target = targetOf(words);
    return target !== null && names.has(target);
  });
}

/**
 * Returns the tables, in lower case, that `statements` write to, change or drop without having created them: they must
 * have been there before.
 */
export function tablesBefore(statements: readonly Statement[]): ReadonlySet<string> {
  const created = new Set<string>();
  const before = new Set<string>();
  for (const { words } of statements) {
    const made = createdBy(words);
    const used = targetOf(words) ?? changedBy(words);
    if (used !== null && !created.has(used)) before.add(used);
    if (made !== null) created.add(made);
    if (words[3]?.keyword === 'RENAME' && words[4]?.keyword === 'TO' && used !== null && created.delete(used))
      created.add(foldName(words[5]?.name ?? ''));
  }
  return before;
}

/** The table that CREATE TABLE makes, in lower case. */
function createdBy(words: readonly Word[]): string | null {
  if (words[0]?.keyword !== 'CREATE') return null;
  const at = words.findIndex(({ keyword }, index) => index < 3 && keyword === 'TABLE');
  if (at === -1) return null;
  const index = words[at + 1]?.keyword === 'IF' ? at + 4 : at + 1;
  return folded(words[words[index + 1]?.name === '.' ? index + 2 : index]);
}

/** The table that ALTER TABLE or DROP TABLE names, in lower case. */
function changedBy(words: readonly Word[]): string | null {
  if ((words[0]?.keyword !== 'ALTER' && words[0]?.keyword !== 'DROP') || words[1]?.keyword !== 'TABLE') return null;
  return folded(words[words[2]?.keyword === 'IF' ? 4 : 2]);
}

function folded(word: Word | undefined): string | null {
  return word ? foldName(word.name) : null;
}

/** A table from before keeps counting under a new name, and so does one that was rebuilt under its own. */
function followNames(words: readonly Word[], names: Set<string>, present: ReadonlySet<string>): void {
  const lower = (index: number): string => foldName(words[index]?.name ?? '');
  if (words[0]?.keyword === 'ALTER' && words[3]?.keyword === 'RENAME' && words[4]?.keyword === 'TO') {
    if (names.delete(lower(2)) || present.has(lower(5))) names.add(lower(5));
  }
  if (words[0]?.keyword === 'DROP' && words[1]?.keyword === 'TABLE')
    names.delete(lower(words[2]?.keyword === 'IF' ? 4 : 2));
}

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
