// Which statements of a migration change rows that were there before it: no comparison of schemas can take those back.
import type { Statement } from './statements.js';
import { foldName, nameAt, type Word } from './words.js';
import { targetOf } from './writing.js';

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
    const name = renamedTo(words);
    if (name !== null && used !== null && created.delete(used)) created.add(name);
  }
  return before;
}

/** The table that CREATE TABLE makes, in lower case. */
function createdBy(words: readonly Word[]): string | null {
  if (words[0]?.keyword !== 'CREATE') return null;
  const at = words.findIndex(({ keyword }, index) => index < 3 && keyword === 'TABLE');
  if (at === -1) return null;
  return nameAt(words, words[at + 1]?.keyword === 'IF' ? at + 4 : at + 1).key;
}

/** The table that ALTER TABLE or DROP TABLE names, in lower case. */
function changedBy(words: readonly Word[]): string | null {
  if ((words[0]?.keyword !== 'ALTER' && words[0]?.keyword !== 'DROP') || words[1]?.keyword !== 'TABLE') return null;
  return nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2).key;
}

/** The name that ALTER TABLE gives a table, in lower case; null for any other statement. */
function renamedTo(words: readonly Word[]): string | null {
  if (words[0]?.keyword !== 'ALTER') return null;
  const { next } = nameAt(words, 2);
  const isRename = words[next]?.keyword === 'RENAME' && words[next + 1]?.keyword === 'TO';
  return isRename ? foldName(words[next + 2]?.name ?? '') : null;
}

/** A table from before keeps counting under a new name, and so does one that was rebuilt under its own. */
function followNames(words: readonly Word[], names: Set<string>, present: ReadonlySet<string>): void {
  const changed = changedBy(words);
  if (changed === null) return;
  const name = renamedTo(words);
  if (name !== null && (names.delete(changed) || present.has(name))) names.add(name);
  if (words[0]?.keyword === 'DROP') names.delete(changed);
}
