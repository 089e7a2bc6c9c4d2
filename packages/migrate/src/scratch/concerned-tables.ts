// Which tables the statements of a migration can reach: only those get rows in a proof, and only their rows are compared, so
// that a proof costs the same in a long history as in a short one.
import type { Schema } from '../schema/schema.js';
import { foldName, type Word, wordsOf } from '../sql/words.js';

/** Returns, in lower case, every name in `statements`, and the tables of `schema` that triggers, views and keys tie to them. */
export function concernedTables(schema: Schema, statements: readonly string[]): ReadonlySet<string> {
  const concerned = new Set(statements.flatMap((sql) => namesIn(wordsOf(sql))));
  const tied = [
    ...[...schema.triggers.values()].map(({ table, sql }) => ({ of: [foldName(table)], names: sql })),
    ...[...schema.views.values(), ...schema.virtualTables.values()].map(({ name, sql }) => ({
      of: [foldName(name)],
      names: sql,
    })),
  ].map(({ of, names }) => ({ of, names: namesIn(wordsOf(names)) }));
  for (const { name, foreignKeys } of schema.tables.values())
    for (const { parent } of foreignKeys) {
      // A row needs its parents; what is dropped may leave children behind.
      tied.push({ of: [foldName(name)], names: [foldName(parent)] });
      if (concerned.has(foldName(parent))) concerned.add(foldName(name));
    }
  for (let before = -1; before !== concerned.size; ) {
    before = concerned.size;
    for (const { of, names } of tied)
      if (of.some((name) => concerned.has(name))) for (const name of names) concerned.add(name);
  }
  return concerned;
}

function namesIn(words: readonly Word[]): readonly string[] {
  return words.filter(({ kind }) => kind !== 'sign' && kind !== 'number').map(({ name }) => foldName(name));
}
