// Which statements of a migration a person has to undo, because no comparison of schemas does: what they changed in rows that
// were there before, and what they copied out of columns and tables that go in the same migration.
import type { Schema } from '../schema/schema.js';
import { assignedIn } from '../sql/assignments.js';
import { dataStatements } from '../sql/data-statements.js';
import { followTables, sourcesOf } from '../sql/follow-tables.js';
import type { Statement } from '../sql/statements.js';
import { tablesRead } from '../sql/tables-read.js';
import { foldName, nameAt, type Word, wordsOf } from '../sql/words.js';

/** Returns those of `statements`, which run on `present` and take `losses` (`table` or `table.column`) for good. */
export function stepsToUndo(
  statements: readonly Statement[],
  present: Schema,
  losses: readonly string[],
): readonly Statement[] {
  // What is written to a view goes on to tables, by its triggers.
  const names = new Set([...present.tables.keys(), ...present.virtualTables.keys(), ...present.views.keys()]);
  const changing = dataStatements(statements, names).filter(
    (statement) => !fillsNewColumns(statement, statements, present),
  );
  const copying = statements.filter(
    (statement) => losses.some((loss) => copiesFrom(statement, loss)) && !isDropped(targetOf(statement), statements),
  );
  return statements.filter((statement) => changing.includes(statement) || copying.includes(statement));
}

/** An UPDATE that sets columns which the migration adds to the table, and nothing else: they go again, and all it did with them. */
function fillsNewColumns({ words }: Statement, statements: readonly Statement[], present: Schema): boolean {
  if (words[0]?.keyword !== 'UPDATE') return false;
  const begin = words[1]?.keyword === 'OR' ? 3 : 1;
  const { key: table, next } = nameAt(words, begin);
  const set = words.findIndex(({ keyword }, index) => index >= next && keyword === 'SET');
  const assigned = set === -1 ? [] : assignedIn(words, set);
  const added = statements.flatMap(({ words: others }) => addedTo(table, others));
  // A trigger may do more than the statement says; one on other columns is not asked.
  const isHeard = [...present.triggers.values()].some(
    (trigger) => foldName(trigger.table) === table && hearsUpdates(wordsOf(trigger.sql)),
  );
  return assigned.length > 0 && assigned.every((column) => added.includes(column)) && !isHeard;
}

/** Whether a trigger hears an UPDATE of columns that were not there when it was made. */
function hearsUpdates(words: readonly Word[]): boolean {
  const on = words.findIndex(({ keyword }) => keyword === 'ON');
  const update = words.findIndex(({ keyword }, index) => keyword === 'UPDATE' && index < on);
  return update !== -1 && words[update + 1]?.keyword !== 'OF';
}

/** The column that `ALTER TABLE table ADD` makes, in lower case. */
function addedTo(table: string, words: readonly Word[]): readonly string[] {
  const { key, next } = nameAt(words, 2);
  if (words[0]?.keyword !== 'ALTER' || key !== table || words[next]?.keyword !== 'ADD') return [];
  return [foldName(words[words[next + 1]?.keyword === 'COLUMN' ? next + 2 : next + 1]?.name ?? '')];
}

/** Whether a statement puts what `loss` held somewhere else. */
function copiesFrom({ words }: Statement, loss: string): boolean {
  const [first, second] = [words[0]?.keyword, words[1]?.keyword];
  const writes = first === 'INSERT' || first === 'REPLACE' || first === 'UPDATE' || first === 'WITH';
  if (!writes && !(first === 'CREATE' && second === 'TABLE' && words.some(({ keyword }) => keyword === 'SELECT')))
    return false;
  const dot = loss.indexOf('.');
  const [table, column] = dot === -1 ? [loss, null] : [loss.slice(0, dot), loss.slice(dot + 1)];
  const reads = first === 'UPDATE' ? words : words.slice(words.findIndex(({ keyword }) => keyword === 'SELECT'));
  const isUpdated = first === 'UPDATE' && nameAt(words, second === 'OR' ? 3 : 1).key === foldName(table);
  if (!isUpdated && !tablesRead(words).has(foldName(table))) return false;
  if (column === null) return true;
  const isName = ({ kind, name }: Word): boolean =>
    (kind === 'word' || kind === 'name') && foldName(name) === foldName(column);
  return reads.some((word, index) => isName(word) || (word.name === '*' && isStar(reads, index)));
}

/** The table that a statement fills, in lower case. */
function targetOf({ words }: Statement): string {
  const before = words.findIndex(({ keyword }) => keyword === 'INTO' || keyword === 'TABLE' || keyword === 'UPDATE');
  const at = words[before + 1]?.keyword === 'IF' ? before + 4 : before + 1;
  return nameAt(words, at).key;
}

/** Whether the migration drops a table again: what was copied there is not to be found there. */
function isDropped(table: string, statements: readonly Statement[]): boolean {
  return statements.some(({ words }) => {
    const isDrop = words[0]?.keyword === 'DROP' && words[1]?.keyword === 'TABLE';
    return isDrop && nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2).key === table;
  });
}

/** `SELECT *`, `t.*`: no product, and no count(*). */
function isStar(words: readonly Word[], index: number): boolean {
  const before = words[index - 1];
  return (
    before?.keyword === 'SELECT' ||
    before?.name === '.' ||
    (before?.name === ',' && words[index + 1]?.keyword === 'FROM')
  );
}

/** What `statements` drop and make anew under the same name, as `table` or `table.column`: the schema has it, its values are gone. */
export function madeAnew(statements: readonly Statement[], present: Schema): readonly string[] {
  const shapes = [...present.tables.values()].map(({ name, columns }) => ({
    name,
    columns: columns.filter(({ generated }) => generated === 'no').map((column) => column.name),
  }));
  const { remaining, dropped, droppedColumns } = followTables(statements, shapes);
  const isCopied = (name: string): boolean =>
    remaining.some((table) => [...sourcesOf(table)].some(({ origin }) => origin?.name === name));
  const isThere = (table: string, column: string): boolean =>
    remaining.some(({ origin, columns }) => origin?.name === table && columns.has(foldName(column)));
  const isTaken = (table: string): boolean => remaining.some(({ name }) => foldName(name) === foldName(table));
  return [
    ...droppedColumns.flatMap(({ table, column }) => (isThere(table, column) ? [`${table}.${column}`] : [])),
    ...dropped.flatMap(({ origin }) => (origin && isTaken(origin.name) && !isCopied(origin.name) ? [origin.name] : [])),
  ];
}
