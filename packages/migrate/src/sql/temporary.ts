// What a migration makes for itself only: TEMP tables, views and triggers. They belong to the connection, so the migration
// takes them away again (run/transition.ts), and none may hide a table of the database (run/plan.ts).
import type { Statement } from './statements.js';
import { foldName, quoteName, type Word } from './words.js';

/** An object that a statement makes in the schema `temp`. */
export interface Temporary {
  readonly type: 'TABLE' | 'VIEW' | 'TRIGGER';
  readonly name: string;
  /** The word that names it. */
  readonly word: Word;
}

/** The TEMP objects that `statements` make, in their order. */
export function temporaryIn(statements: readonly Pick<Statement, 'words'>[]): readonly Temporary[] {
  return statements.flatMap(({ words }) => temporaryOf(words) ?? []);
}

/** The statements that take them away, where the migration has not done so itself. */
export function removalOf(temporary: readonly Temporary[]): readonly string[] {
  const last = new Map(temporary.map((each) => [foldName(each.name), each] as const));
  return [...last.values()].map(({ type, name }) => `DROP ${type} IF EXISTS temp.${quoteName(name)}`);
}

function temporaryOf(words: readonly Word[]): Temporary | undefined {
  if (words[0]?.keyword !== 'CREATE') return undefined;
  let at = 1;
  const isMarked = ['TEMP', 'TEMPORARY'].includes(words[at]?.keyword ?? '');
  if (isMarked) at += 1;
  if (words[at]?.keyword === 'VIRTUAL') at += 1;
  const type = words[at]?.keyword;
  if (type !== 'TABLE' && type !== 'VIEW' && type !== 'TRIGGER') return undefined;
  at += words[at + 1]?.keyword === 'IF' ? 4 : 1;
  const isQualified = words[at + 1]?.name === '.';
  if (!isMarked && !(isQualified && foldName(words[at]?.name ?? '') === 'temp')) return undefined;
  const word = words[isQualified ? at + 2 : at];
  return word && { type, name: word.name, word };
}
