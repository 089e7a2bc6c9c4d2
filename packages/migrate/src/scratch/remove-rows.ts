// Takes rows out of the tables of a scratch database for seed-rows.ts and round-trip.ts, also those that triggers keep.
import { isDatabaseError } from '@cc/tx/errors';
import type { Schema, SchemaObject } from '../schema/schema.js';
import { foldName, quoteName, wordsOf } from '../sql/words.js';
import type { ScratchDatabase } from './scratch-database.js';

/** Some rows of a table. */
export interface Rows {
  readonly table: string;
  /** After WHERE. Default: all. */
  readonly where?: string | undefined;
}

/**
 * Deletes `rows`. Triggers that only do something, and keep a full-text table up to date for example, run where they work: one
 * that calls a function of the application does not work here.
 */
export async function removeRows(scratch: ScratchDatabase, schema: Schema, rows: readonly Rows[]): Promise<void> {
  const triggers = [...schema.triggers.values()].filter(({ table }) => schema.tables.has(foldName(table)));
  const remove = (aside: readonly SchemaObject[]): Promise<void> =>
    scratch.run([
      ...aside.map(({ name }) => `DROP TRIGGER ${quoteName(name)}`),
      ...rows.map(
        ({ table, where }) => `DELETE FROM ${quoteName(table)}${where === undefined ? '' : ` WHERE ${where}`}`,
      ),
      ...aside.map(({ sql }) => sql),
    ]);
  try {
    await remove(triggers.filter(({ sql }) => wordsOf(sql).some(({ keyword }) => keyword === 'RAISE')));
  } catch (error) {
    if (!isDatabaseError(error) || error.type !== 'syntax') throw error;
    await remove(triggers);
  }
}

/** Deletes all rows of all tables. */
export async function removeAllRows(scratch: ScratchDatabase, schema: Schema): Promise<void> {
  await removeRows(
    scratch,
    schema,
    [...schema.tables.values()].map(({ name }) => ({ table: name })),
  );
}
